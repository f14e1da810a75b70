/** The official clients over real sockets. */
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { anyApi } from "convex/server";
import { ConvexError } from "convex/values";
import { expect, onTestFinished, test, vi } from "vitest";
import { serve } from "../served/backend.ts";
import type { Backend } from "../../../embedded/backend.ts";

const { messages } = anyApi as Record<string, Record<string, never>>;

function connect(backend: Backend): ConvexClient {
  const client = new ConvexClient(backend.url, { logger: false });
  onTestFinished(() => client.close());
  return client;
}

/** Every value that a subscription was told. */
function watch(client: ConvexClient, query: never, args: Record<string, unknown>): unknown[] {
  const seen: unknown[] = [];
  client.onUpdate(
    query,
    args as never,
    (value) => seen.push(value),
    (error) => seen.push(error),
  );
  return seen;
}

test("[E1] ConvexHttpClient calls queries, mutations and actions", async () => {
  const backend = await serve();
  const client = new ConvexHttpClient(backend.url, { logger: false });
  expect(await client.mutation(messages!["send"]!, { channel: "a", text: "hello" } as never)).toBe(5);
  expect(await client.query(messages!["list"]!, { channel: "a" } as never)).toEqual(["hello"]);
  expect(await client.action(messages!["sendByAction"]!, { channel: "a", text: "you" } as never)).toEqual({
    length: 3,
    hidden: "hidden",
  });
  expect(await client.query(messages!["list"]!, { channel: "a" } as never)).toEqual(["hello", "you"]);
});

test("[E1] ConvexClient subscribes, mutates and acts", async () => {
  const backend = await serve();
  const client = connect(backend);
  const seen = watch(client, messages!["list"]!, { channel: "a" });
  await vi.waitFor(() => expect(seen).toEqual([[]]));
  expect(await client.mutation(messages!["send"]!, { channel: "a", text: "hello" } as never)).toBe(5);
  expect(seen).toEqual([[], ["hello"]]);
  await expect(
    client.mutation(messages!["sendAndFail"]!, { channel: "a", text: "no" } as never),
  ).rejects.toThrow(ConvexError);
});
