/** Cloud mode behind sockets: order, exactly one run, what clients are told, ending. */
import { readFileSync } from "node:fs";
import { ConvexHttpClient } from "convex/browser";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../../embedded/backend.ts";
import type { FunctionCall } from "../../../embedded/functions/types.ts";
import { serve } from "../served/backend.ts";
import { RawClient } from "../sync/rawClient.ts";
import { api, APP, keepBooking } from "./openApp.ts";

const { functions } = api;

const call = (name: string, args: FunctionCall["args"]): FunctionCall => ({
  address: { component: "", path: `functions:${name}` },
  args,
  identity: null,
  visibility: "public",
});

const serveApp = (cloud: { commitDelayMs?: number } = {}): Promise<Backend> =>
  serve({ functionsDir: APP, mode: "cloud", cloud });

/** Long beside what a busy machine adds: what comes at once overlaps. */
const SLOW = { commitDelayMs: 100 };

const valueOf = async ({ url }: Backend, name: string): Promise<number> =>
  new ConvexHttpClient(url, { logger: false }).query(functions.valueOf, { name });

function contend({ engine }: Backend): () => Promise<void> {
  let slot = 0;
  return keepBooking(() => engine.mutation(call("insertBooking", { room: "r", slot: slot++ })), 12);
}

describe("[E20.3] one client's mutations", () => {
  test("run in their order, each after the last has committed, and never conflict with each other", async () => {
    const backend = await serveApp(SLOW);
    const client = await RawClient.open(backend.url);
    client.connect();
    for (let id = 0; id < 8; id++) client.mutate(id, "functions:increment", { name: "a" });
    const responses = await Promise.all(Array.from({ length: 8 }, (_, id) => client.response(id)));
    expect(responses.map(({ result }) => result)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(backend.conflicts()?.conflicts).toEqual([]);
  });

  test("run once each, also when two sockets send them at the same time", async () => {
    const backend = await serveApp(SLOW);
    const first = await RawClient.open(backend.url);
    const second = await RawClient.open(backend.url);
    first.connect();
    second.connect({ sessionId: first.sessionId });
    for (const client of [first, second]) client.mutate(0, "functions:increment", { name: "a" });
    const responses = await Promise.all([first.response(0), second.response(0)]);
    expect(responses.map(({ result }) => result)).toEqual([1, 1]);
    expect(await valueOf(backend, "a")).toBe(1);
  });

  test("a failure answers both, and is not recorded: it wrote nothing", async () => {
    const backend = await serveApp(SLOW);
    const first = await RawClient.open(backend.url);
    const second = await RawClient.open(backend.url);
    first.connect();
    second.connect({ sessionId: first.sessionId });
    for (const client of [first, second]) client.mutate(0, "functions:refuseWhenBooked", { room: "r" });
    const responses = await Promise.all([first.response(0), second.response(0)]);
    expect(responses.map(({ success }) => success)).toEqual([false, false]);
    const records = await backend.engine.transact(({ system }) =>
      system.query("", "_session_requests", "by_session_request", [first.sessionId]),
    );
    expect(records).toEqual([]);
  });

  test("of several clients at once conflict, and all count", async () => {
    const backend = await serveApp(SLOW);
    const clients = await Promise.all(Array.from({ length: 4 }, () => RawClient.open(backend.url)));
    for (const client of clients) {
      client.connect();
      client.mutate(0, "functions:increment", { name: "a" });
    }
    await Promise.all(clients.map((client) => client.response(0)));
    expect(await valueOf(backend, "a")).toBe(4);
    expect(backend.conflicts()?.mutations).toMatchObject([
      { function: "functions:increment", calls: 4, failures: 0 },
    ]);
    expect(backend.conflicts()?.mutations[0]?.retries).toBeGreaterThan(0);
  });
});

describe("[E20.4] a mutation that keeps losing", () => {
  test("over HTTP: 503 with Convex's code and text", async () => {
    const backend = await serveApp(SLOW);
    const stop = contend(backend);
    const response = await fetch(`${backend.url}/api/mutation`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ path: "functions:audit", args: { room: "r" } }),
    });
    await stop();
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      code: "OptimisticConcurrencyControlFailure",
      message: expect.stringContaining("changed while this mutation was being run") as string,
    });
  });

  test("over a socket: it is closed with 1013, what came behind it is not run, and a repetition runs it", async () => {
    const backend = await serveApp(SLOW);
    const stop = contend(backend);
    const client = await RawClient.open(backend.url);
    client.connect();
    client.mutate(0, "functions:audit", { room: "r" });
    client.mutate(1, "functions:increment", { name: "behind" });
    expect(await client.closed).toEqual({ code: 1013, reason: "OptimisticConcurrencyControlFailure" });
    await stop();
    expect(await valueOf(backend, "behind")).toBe(0);
    const again = await RawClient.open(backend.url);
    again.connect({ sessionId: client.sessionId });
    again.mutate(0, "functions:audit", { room: "r" });
    again.mutate(1, "functions:increment", { name: "behind" });
    expect((await again.response(0)).success).toBe(true);
    expect((await again.response(1)).result).toBe(1);
  });
});

test("[E20.3] closing commits what has run, at once, and refuses what would have to run again", async () => {
  const backend = await serveApp({ commitDelayMs: 600_000 });
  const outcomes = Promise.allSettled(
    Array.from({ length: 3 }, () => backend.engine.mutation(call("increment", { name: "a" }))),
  );
  await expect.poll(() => backend.metrics().mutations).toBe(3);
  await backend.close();
  const settled = (await outcomes).map((outcome) =>
    outcome.status === "fulfilled" ? "committed" : (outcome.reason as Error).name,
  );
  expect(settled.toSorted()).toEqual(["EngineClosedError", "EngineClosedError", "committed"]);
});

test("[E20.3] a push of functions conflicts with all that is on its way", async () => {
  const backend = await serveApp(SLOW);
  const running = backend.engine.mutation(call("increment", { name: "a" }));
  await expect.poll(() => backend.metrics().mutations).toBe(1);
  await backend.replaceDeployment(backend.deployment);
  await running;
  expect(await valueOf(backend, "a")).toBe(1);
  expect(backend.conflicts()?.conflicts).toMatchObject([{ changedBy: "a push of functions" }]);
});

test("[E20.6] what the README says of the mode is what the settings take", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  for (const name of ["VERBATIM_MODE", "VERBATIM_ACTION_PLACES"]) expect(readme).toContain(`\`${name}\``);
});
