/** Cloud mode: how much runs at once, and what is refused. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createActionHost } from "../../../embedded/actions/actionHost.ts";
import type { ActionLimits } from "../../../embedded/actions/actionLimits.ts";
import { createMemoryFileStore } from "../../../embedded/files/fileStore.ts";
import type { FunctionCall } from "../../../embedded/functions/types.ts";
import { silentLog } from "../../../embedded/log.ts";
import { serve } from "../served/backend.ts";
import { api, APP, openApp, type App } from "./openApp.ts";

const { functions } = api;

const waitingIn = (t: App): Promise<number> =>
  t.run(async (ctx) => (await ctx.db.query("bookings").collect()).length);
const untilWaiting = (t: App, count: number): Promise<boolean> =>
  vi.waitUntil(async () => (await waitingIn(t)) === count, { timeout: 15_000 });

const call = (path: string, args: FunctionCall["args"] = {}): FunctionCall => ({
  address: { component: "", path },
  args,
  identity: null,
  visibility: "any",
});

describe("[E20.5] one pool for everything scheduled", () => {
  test("eight at once; an action holds its slot for its life, and mutations wait behind it", async () => {
    const t = openApp();
    await t.mutation(functions.schedule, { name: "wait", args: {}, count: 10 });
    await t.mutation(functions.schedule, { name: "increment", args: { name: "scheduled" }, count: 1 });
    await untilWaiting(t, 8);
    const states = await t.query(functions.jobs, {});
    expect(states.filter((state) => state === "inProgress")).toHaveLength(8);
    expect(states.filter((state) => state === "pending")).toHaveLength(3);
    await t.mutation(functions.increment, { name: "gate" });
    await vi.waitUntil(
      async () => (await t.query(functions.jobs, {})).every((state) => state === "success"),
      {
        timeout: 15_000,
      },
    );
    expect(await waitingIn(t)).toBe(10);
    expect(await t.query(functions.valueOf, { name: "scheduled" })).toBe(1);
  });

  test("what is called directly does not wait for it", async () => {
    const t = openApp();
    await t.mutation(functions.schedule, { name: "wait", args: {}, count: 8 });
    await untilWaiting(t, 8);
    expect(await t.mutation(functions.increment, { name: "direct" })).toBe(1);
    expect(await t.action(functions.auditByAction, { room: "none" })).toBe("done");
    await t.mutation(functions.increment, { name: "gate" });
    await t.finishInProgressScheduledFunctions();
  });
});

describe("[E20.5] places for actions", () => {
  /** Runs a backend whose actions are run by another host, with the limits of the test. */
  async function openHost(cloudPlaces: number, limits: Partial<ActionLimits>) {
    const backend = await serve({ functionsDir: APP, mode: "cloud" });
    const host = createActionHost({
      engine: backend.engine,
      deployment: backend.deployment,
      env: {},
      fileStore: createMemoryFileStore(),
      log: silentLog,
      mode: "inProcess",
      cloudPlaces,
      limits,
    });
    onTestFinished(() => host.close());
    const count = async (): Promise<number> => backend.engine.transact((tx) => tx.count("", "bookings"));
    return {
      host,
      waiting: (expected: number) =>
        vi.waitUntil(async () => (await count()) === expected, { timeout: 15_000 }),
      open: () => backend.engine.mutation(call("functions:increment", { name: "gate" })),
    };
  }

  test("who finds none in time is refused in Convex's words; a scheduled one waits as long as it takes", async () => {
    const { host, waiting, open } = await openHost(2, { maxWaitMs: 20 });
    const first = [1, 2].map(() => host.run(call("functions:wait")));
    await waiting(2);
    const scheduled = host.run(call("functions:wait"), { kind: "scheduler", jobId: "none" });
    await expect(host.run(call("functions:wait"))).rejects.toMatchObject({
      code: "TooManyConcurrentRequests",
      httpStatus: 429,
      message:
        "Too many concurrent requests. Your backend is limited to 2 concurrent actions. To get more resources, upgrade to " +
        "Convex Pro. If you are already on Convex Pro, please contact support.",
    });
    await open();
    for (const { result } of await Promise.all([...first, scheduled])) expect(result.ok).toBe(true);
  });

  test("each runtime has its own, and HTTP actions share those of the Convex runtime", async () => {
    const { host, waiting, open } = await openHost(1, { maxWaitMs: 20 });
    const first = host.run(call("functions:wait"));
    await waiting(1);
    expect((await host.run(call("native:audit", { room: "none" }))).result).toEqual({
      ok: true,
      value: "done",
    });
    const response = await host.httpAction("", new Request("http://backend.test/any"), null);
    expect(response.status).toBe(429);
    expect(await response.text()).toContain("Too many concurrent requests");
    await open();
    expect((await first).result.ok).toBe(true);
  });

  test("a mutation for which none of the 16 is free within 5 s is refused alike", async () => {
    const t = openApp({ commitDelayMs: 20_000 });
    const held = Array.from({ length: 16 }, (_, slot) =>
      t.mutation(functions.insertBooking, { room: "r", slot }),
    );
    await expect(t.mutation(functions.increment, { name: "a" })).rejects.toMatchObject({
      code: "TooManyConcurrentRequests",
      message: expect.stringMatching(
        /^Too many concurrent requests\. Your backend is limited to 16 concurrent mutations\./,
      ) as string,
    });
    await Promise.all(held);
    expect((await t.conflicts()).mutations).toContainEqual(
      expect.objectContaining({ function: "functions:increment", calls: 1, refusals: 1 }),
    );
  });
});

test("[E20.7] an action of the Convex runtime that needs more than 64 MB ends, alone", async () => {
  const backend = await serve({ functionsDir: APP, mode: "cloud" });
  const [small, large] = await Promise.all([
    backend.engine.action(call("functions:fillMemory", { mebibytes: 20 })),
    backend.engine.action(call("functions:fillMemory", { mebibytes: 400 })),
  ]);
  expect(small.result).toEqual({ ok: true, value: 20 });
  expect(large.result).toMatchObject({
    ok: false,
    error: { message: "JavaScript execution ran out of memory (maximum memory usage: 64 MB)" },
  });
  expect((await backend.engine.action(call("functions:fillMemory", { mebibytes: 1 }))).result.ok).toBe(true);
}, 60_000);
