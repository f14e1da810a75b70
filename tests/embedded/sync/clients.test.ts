/** [E1] The official clients over real sockets, unmodified. */
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { ConvexReactClient } from "convex/react";
import { ConvexError } from "convex/values";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import type { Backend } from "../../../embedded/backend.ts";
import { api } from "../served/api.ts";
import { serve } from "../served/backend.ts";

const { messages } = api;

function connect(backend: Backend): ConvexClient {
  const client = new ConvexClient(backend.url, { logger: false });
  onTestFinished(() => client.close());
  return client;
}

test("[E1.1] ConvexHttpClient calls queries, mutations and actions", async () => {
  const backend = await serve();
  const client = new ConvexHttpClient(backend.url, { logger: false });
  expect(await client.mutation(messages.send, { channel: "a", text: "hello" })).toBe(5);
  expect(await client.query(messages.list, { channel: "a" })).toEqual(["hello"]);
  expect(await client.action(messages.sendByAction, { channel: "a", text: "you" })).toEqual({
    length: 3,
    hidden: "hidden",
  });
  expect(await client.query(messages.list, { channel: "a" })).toEqual(["hello", "you"]);
});

test("[E1.1][E2.5] ConvexClient subscribes; a mutation resolves when its effects are visible", async () => {
  const client = connect(await serve());
  const seen: string[][] = [];
  client.onUpdate(messages.list, { channel: "a" }, (value) => seen.push(value));
  await expect.poll(() => seen).toEqual([[]]);
  expect(await client.mutation(messages.send, { channel: "a", text: "hello" })).toBe(5);
  expect(seen).toEqual([[], ["hello"]]);
  const failed = client.mutation(messages.sendAndFail, { channel: "a", text: "no" });
  await expect(failed).rejects.toMatchObject({ data: { code: "REFUSED", size: 7n } });
  await expect(failed).rejects.toBeInstanceOf(ConvexError);
  expect(await client.action(messages.sendByAction, { channel: "a", text: "you" })).toMatchObject({
    length: 3,
  });
  await expect.poll(() => seen.at(-1)).toEqual(["hello", "you"]);
  expect(seen).toHaveLength(3);
});

test("[E1.1] one client sees what another writes", async () => {
  const backend = await serve();
  const [reader, writer] = [connect(backend), connect(backend)];
  const seen: string[][] = [];
  reader.onUpdate(messages.list, { channel: "a" }, (value) => seen.push(value));
  await expect.poll(() => seen).toEqual([[]]);
  for (const text of ["1", "2", "3"]) await writer.mutation(messages.send, { channel: "a", text });
  await expect.poll(() => seen.at(-1)).toEqual(["1", "2", "3"]);
});

test("[E1.1] a query that fails is an error of its subscription, and a value again once it does not", async () => {
  const client = connect(await serve());
  const seen: unknown[] = [];
  client.onUpdate(
    messages.failing,
    { channel: "a" },
    (value) => seen.push(value),
    (error) => seen.push(error),
  );
  await expect.poll(() => seen).toEqual(["empty"]);
  await client.mutation(messages.send, { channel: "a", text: "x" });
  expect(seen[1]).toBeInstanceOf(ConvexError);
  expect((seen[1] as ConvexError<{ code: string }>).data).toEqual({ code: "NOT_EMPTY" });
});

test("[E1.1][E2.5] ConvexReactClient watches, with an optimistic update that is gone when the truth is there", async () => {
  const backend = await serve();
  const client = new ConvexReactClient(backend.url, {
    logger: false,
    // Node.js 20 has none of its own.
    webSocketConstructor: WebSocket as unknown as typeof globalThis.WebSocket,
  });
  onTestFinished(() => client.close());
  const watch = client.watchQuery(messages.list, { channel: "a" });
  const seen: (string[] | undefined)[] = [];
  watch.onUpdate(() => seen.push(watch.localQueryResult()));
  await expect.poll(() => seen).toEqual([[]]);
  await client.mutation(
    messages.send,
    { channel: "a", text: "x" },
    {
      optimisticUpdate: (store, { channel, text }) => {
        store.setQuery(messages.list, { channel }, [
          ...(store.getQuery(messages.list, { channel }) ?? []),
          `${text}?`,
        ]);
      },
    },
  );
  expect(seen).toEqual([[], ["x?"], ["x"]]);
});

test("[E1.1] values of all kinds come back as they were sent", async () => {
  const client = connect(await serve());
  const value = {
    big: 2n ** 62n,
    bytes: new Uint8Array([0, 255]).buffer,
    numbers: [-0, NaN, Infinity, 1e300],
    text: "a\u0000😀\u2028",
    nested: [{ $: 1 }].map(() => ({ deep: [null, true] })),
  };
  expect(await client.query(messages.echo, { value })).toEqual(value);
});
