/** What clients notice of a restart: nothing but a pause. */
import path from "node:path";
import { ConvexClient } from "convex/browser";
import { expect, onTestFinished, test, vi } from "vitest";
import { EngineClosedError } from "../../../embedded/engine/types.ts";
import type { FunctionCall } from "../../../embedded/functions/types.ts";
import { exactlyOnce, pruneSessionRequests } from "../../../embedded/sync/sessionRequests.ts";
import { api } from "../served/api.ts";
import { serve, temporaryFolder } from "../served/backend.ts";
import { RawClient, timestamp, valueOf } from "./rawClient.ts";

const { messages } = api;

test("[E17.2] a restart resumes the official client without a reload: subscriptions and unanswered mutations", async () => {
  const folder = temporaryFolder();
  const options = { dataDir: path.join(folder, "data"), buildDir: path.join(folder, "build") };
  const first = await serve(options);
  const port = Number(new URL(first.url).port);
  const client = new ConvexClient(first.url, { logger: false });
  onTestFinished(() => client.close());
  const seen: string[][] = [];
  client.onUpdate(messages.list, { channel: "a" }, (value) => seen.push(value));
  await client.mutation(messages.send, { channel: "a", text: "before" });

  await first.close();
  const unanswered = client.mutation(messages.send, { channel: "a", text: "during" });
  await serve({ ...options, port });
  await unanswered;
  expect(seen.at(-1)).toEqual(["before", "during"]);
  await client.mutation(messages.send, { channel: "a", text: "after" });
  expect(seen.at(-1)).toEqual(["before", "during", "after"]);
});

test("[E4.1] a request that was answered before the restart is answered again after it, and not run again", async () => {
  const folder = temporaryFolder();
  const options = { dataDir: path.join(folder, "data"), buildDir: path.join(folder, "build") };
  const first = await serve(options);
  const before = await RawClient.open(first.url);
  before.connect();
  before.mutate(0, "messages:send", { channel: "a", text: "once" });
  const { ts } = await before.response(0);
  await first.close();
  expect(await before.closed).toEqual({ code: 1012, reason: "InternalServerError" });

  const second = await serve(options);
  const after = await RawClient.open(second.url);
  after.connect({ sessionId: before.sessionId, maxObservedTimestamp: ts });
  after.mutate(0, "messages:send", { channel: "a", text: "once" });
  after.subscribe([["messages:list", { channel: "a" }]]);
  expect(timestamp((await after.response(0)).ts)).toBeGreaterThanOrEqual(timestamp(ts));
  const transition = await after.next(({ modifications }) => modifications?.length === 1);
  expect(valueOf(transition)).toEqual(["once"]);
});

test("[E4.4] a database that was deleted since: the client reconnects and sees what is there now", async () => {
  const first = await serve();
  const before = await RawClient.open(first.url);
  before.connect();
  before.mutate(0, "messages:send", { channel: "a", text: "gone" });
  const { ts } = await before.response(0);
  await first.close();
  const second = await serve();
  const after = await RawClient.open(second.url);
  after.connect({ maxObservedTimestamp: ts });
  after.subscribe([["messages:list", { channel: "a" }]]);
  const transition = await after.next(({ type }) => type === "Transition");
  expect(valueOf(transition)).toEqual([]);
});

test("[E17.1] close commits what is in line, refuses what comes later, and ends every connection", async () => {
  const folder = temporaryFolder();
  const options = { dataDir: path.join(folder, "data"), buildDir: path.join(folder, "build") };
  const first = await serve(options);
  const client = await RawClient.open(first.url);
  client.connect();
  const call = (text: string) => callTo("messages:send", { channel: "a", text });
  const inLine = [1, 2, 3].map((place) => first.engine.mutation(call(String(place))));
  const closed = first.close();
  expect((await Promise.all(inLine)).every(({ result }) => result.ok)).toBe(true);
  await closed;
  await expect(first.engine.mutation(call("late"))).rejects.toBeInstanceOf(EngineClosedError);
  await client.closed;
  await expect(fetch(first.url)).rejects.toThrow();

  const second = await serve(options);
  const list = callTo("messages:list", { channel: "a" });
  expect((await second.engine.query(list)).result).toEqual({ ok: true, value: ["1", "2", "3"] });
});

test("[E17.4] new functions in place of the running ones: clients stay connected and see new results", async () => {
  const backend = await serve();
  const client = new ConvexClient(backend.url, { logger: false });
  onTestFinished(() => client.close());
  const seen: unknown[] = [];
  client.onUpdate(messages.list, { channel: "a" }, (value) => seen.push(value));
  await expect.poll(() => seen).toEqual([[]]);
  const { components, ...deployment } = backend.deployment;
  const app = components.get("");
  if (app === undefined) throw new Error("No app");
  const changed = {
    ...app,
    isolateCode: app.isolateCode.replace("({ text }) => text", '({ text }) => text + "!"'),
  };
  expect(changed.isolateCode).not.toBe(app.isolateCode);
  await client.mutation(messages.send, { channel: "a", text: "x" });
  expect(seen.at(-1)).toEqual(["x"]);
  await backend.replaceDeployment({ ...deployment, hash: "changed", components: new Map([["", changed]]) });
  await expect.poll(() => seen.at(-1)).toEqual(["x!"]);
  expect(client.connectionState().connectionCount).toBe(1);
});

const SEND = callTo("messages:send", { channel: "a", text: "x" });

test("[E4.3] records of requests are kept for 14 days, then removed, however many there are", async () => {
  const { engine } = await serve();
  const count = () =>
    engine.transact(({ system }) => system.query("", "_session_requests", "by_creation_time", []).length);
  for (let request = 0; request < 600; request++) {
    await engine.mutation(SEND, exactlyOnce("session", request, SEND));
  }
  expect(await pruneSessionRequests(engine)).toBe(0);
  expect(await count()).toBe(600);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 14 * 24 * 3_600_000 + 60_000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  await engine.mutation(SEND, exactlyOnce("session", 600, SEND));
  expect(await pruneSessionRequests(engine)).toBe(600);
  expect(await count()).toBe(1);
});

test("[E16.4] a client with more than 1,000 mutations in line is sent away for a while; of those in line the first 16 are run", async () => {
  const { url, engine } = await serve({ limits: { anonymous: { calls: 1000 } } });
  const client = await RawClient.open(url);
  client.connect();
  for (let request = 0; request < 3_000; request++)
    client.mutate(request, "messages:send", { channel: "a", text: "x" });
  expect(await client.closed).toEqual({ code: 1013, reason: "TooManyConcurrentMutations" });
  const count = async () => {
    const { result } = await engine.query(callTo("messages:list", { channel: "a" }));
    return (result as { value: string[] }).value.length;
  };
  await expect.poll(count).toBeGreaterThanOrEqual(16);
  expect(await count()).toBeLessThan(1_000);
});

function callTo(path: string, args: FunctionCall["args"]): FunctionCall {
  return { address: { component: "", path }, args, identity: null, visibility: "public" };
}
