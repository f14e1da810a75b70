/** Cloud mode: what conflicts, what does not, how often it is tried again, and what is told about it. */
import { describe, expect, test, vi } from "vitest";
import { embeddedTest } from "../../../embedded/testing.ts";
import type schema from "./app/schema.ts";
import { api, APP, keepBooking, openApp, type App } from "./openApp.ts";

const { functions } = api;

const TEXT =
  /^Documents read from or written to the "bookings" table changed while this mutation was being run and on every subsequent retry\. A call to "functions:insertBooking" changed the document with ID "[0-9a-z]{32}"\. See https:\/\/docs\.convex\.dev\/error#1$/;

const countsOf = async (t: App, name: string) =>
  (await t.conflicts()).mutations.find((counts) => counts.function === `functions:${name}`);

/** Long beside the pauses between attempts, so that few bookings are enough to lose against. Leapt over, as all waiting is. */
const SLOW = { commitDelayMs: 1_000 };

/** Bookings of a room come in so fast that whoever reads them all loses at each attempt. */
function contend(t: App, room: string): () => Promise<void> {
  let slot = 0;
  return keepBooking(() => t.mutation(functions.insertBooking, { room, slot: slot++ }), 8);
}

describe("what overlaps", () => {
  test("[E20.1] two mutations that read and write one document conflict, and both count", async () => {
    const t = openApp();
    await t.mutation(functions.increment, { name: "a" });
    await Promise.all([1, 2].map(() => t.mutation(functions.increment, { name: "a" })));
    expect(await t.query(functions.valueOf, { name: "a" })).toBe(3);
    expect(await countsOf(t, "increment")).toEqual({
      function: "functions:increment",
      calls: 3,
      attempts: 4,
      retries: 1,
      failures: 0,
      refusals: 0,
    });
  });

  test("[E20.1] calls one after the other never conflict, whatever they touch", async () => {
    const t = openApp();
    for (let i = 0; i < 20; i++) await t.mutation(functions.increment, { name: "a" });
    expect(await countsOf(t, "increment")).toMatchObject({ calls: 20, attempts: 20 });
  });

  test("[E20.1] write skew: of two doctors who leave at once, each sure of the other, one stays", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const t = openApp({ seed });
      const ids = await Promise.all(["ann", "bob"].map((name) => t.mutation(functions.hire, { name })));
      const left = await Promise.all(ids.map((id) => t.mutation(functions.leave, { id })));
      expect(left.toSorted()).toEqual([false, true]);
      expect(await countsOf(t, "leave")).toMatchObject({ attempts: 3, retries: 1 });
    }
  });

  test("[E20.1] an insert into a range that another one found empty conflicts", async () => {
    const t = openApp();
    const book = (slot: number) => t.mutation(functions.book, { room: "r", from: 10, to: 20, slot });
    expect((await Promise.all([book(11), book(12)])).toSorted()).toEqual([false, true]);
    expect(await t.run((ctx) => ctx.db.query("bookings").collect())).toHaveLength(1);
  });

  test("[E20.1] ranges that touch nowhere do not, nor do inserts that look at nothing", async () => {
    const t = openApp();
    await Promise.all([
      t.mutation(functions.book, { room: "r", from: 10, to: 20, slot: 11 }),
      t.mutation(functions.book, { room: "r", from: 20, to: 30, slot: 20 }),
      t.mutation(functions.book, { room: "s", from: 10, to: 20, slot: 11 }),
      ...["a", "b", "c"].map((name) => t.mutation(functions.hire, { name })),
    ]);
    const { conflicts, mutations } = await t.conflicts();
    expect(conflicts).toEqual([]);
    expect(mutations.every(({ calls, attempts }) => calls === attempts)).toBe(true);
  });

  test("[E20.1] each attempt runs on a state that was, and queries see committed ones only", async () => {
    const t = openApp();
    const seen: number[] = [];
    const calls = Array.from({ length: 12 }, () => t.mutation(functions.increment, { name: "a" }));
    const looks = Array.from({ length: 12 }, async () => {
      seen.push(await t.query(functions.valueOf, { name: "a" }));
    });
    const values = await Promise.all(calls);
    await Promise.all(looks);
    expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(seen).toEqual(Array.from({ length: 12 }, () => 0));
  });

  test("[E20.1] what only reads, and what fails, is as of its snapshot: nothing is checked", async () => {
    const t = openApp(SLOW);
    await t.mutation(functions.insertBooking, { room: "r", slot: -1 });
    const stop = contend(t, "r");
    await t.mutation(functions.look, { room: "r" });
    await expect(t.mutation(functions.refuseWhenBooked, { room: "r" })).rejects.toThrow("booked");
    await stop();
    expect(await countsOf(t, "look")).toMatchObject({ attempts: 1 });
    expect(await countsOf(t, "refuseWhenBooked")).toMatchObject({ attempts: 1 });
  });

  test("[E20.1] documents have the time of the run, not of the commit: a later commit may hold an older one", async () => {
    const orders = new Set<boolean>();
    for (let seed = 0; seed < 20; seed++) {
      const t = openApp({ seed });
      const order: number[] = [];
      const insert = async (slot: number) => {
        await t.mutation(functions.insertBooking, { room: "r", slot });
        order.push(slot);
      };
      await Promise.all([insert(1), insert(2)]);
      const rows = await t.run((ctx) => ctx.db.query("bookings").collect());
      orders.add(rows.map(({ slot }) => slot).join() === order.join());
    }
    expect(orders).toEqual(new Set([true, false]));
  });
});

describe("how often it is tried again", () => {
  test("[E20.2] a client's mutation that keeps losing fails after four retries, in Convex's words", async () => {
    const t = openApp(SLOW);
    const stop = contend(t, "r");
    const error: unknown = await t
      .mutation(functions.audit, { room: "r" })
      .catch((thrown: unknown) => thrown);
    await stop();
    expect(error).toMatchObject({
      code: "OptimisticConcurrencyControlFailure",
      message: expect.stringMatching(TEXT) as string,
    });
    expect(await countsOf(t, "audit")).toMatchObject({ calls: 1, attempts: 5, retries: 4, failures: 1 });
    expect(await t.query(functions.valueOf, { name: "audit of r" })).toBe(0);
  });

  test("[E20.2] an action of the Convex runtime ends with the mutation, without a chance to catch it", async () => {
    const t = openApp(SLOW);
    const stop = contend(t, "r");
    await expect(t.action(functions.auditByAction, { room: "r" })).rejects.toThrow(TEXT);
    await stop();
    expect(await countsOf(t, "audit")).toMatchObject({ attempts: 5, failures: 1 });
  });

  test("[E20.2] an action of the Node runtime repeats all of it four times, then catches the response", async () => {
    const t = openApp(SLOW);
    const stop = contend(t, "r");
    const caught = await t.action(api.native.audit, { room: "r" });
    await stop();
    const [, body] = /^caught: (.*)$/.exec(caught) ?? [];
    expect(JSON.parse(body ?? "")).toEqual({
      code: "OptimisticConcurrencyControlFailure",
      message: expect.stringMatching(TEXT) as string,
    });
    expect(await countsOf(t, "audit")).toMatchObject({ calls: 1, attempts: 25, retries: 24, failures: 1 });
  });

  test("[E20.2] a scheduled mutation is tried again until it succeeds", async () => {
    const t = openApp(SLOW);
    const stop = contend(t, "r");
    await t.mutation(functions.schedule, { name: "audit", args: { room: "r" }, count: 1 });
    await vi.waitUntil(async () => ((await countsOf(t, "audit"))?.attempts ?? 0) >= 7, { timeout: 15_000 });
    expect(await t.query(functions.jobs, {})).toEqual(["pending"]);
    await stop();
    await vi.waitUntil(async () => (await t.query(functions.jobs, {}))[0] === "success", { timeout: 15_000 });
    expect(await countsOf(t, "audit")).toMatchObject({ calls: 1, failures: 0 });
    expect(await t.query(functions.valueOf, { name: "audit of r" })).toBeGreaterThan(0);
  });

  test("[E20.2] what a lost attempt has logged is not shown", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const t = openApp();
    await Promise.all([1, 2].map(() => t.mutation(functions.increment, { name: "a" })));
    expect(log.mock.calls).toEqual([["counted"], ["counted"]]);
    log.mockRestore();
  });
});

describe("what is told", () => {
  test("[E20.6] the report names functions, index, range and counts", async () => {
    const t = openApp();
    await t.mutation(functions.increment, { name: "a" });
    await Promise.all([1, 2].map(() => t.mutation(functions.increment, { name: "a" })));
    expect((await t.conflicts()).conflicts).toEqual([
      {
        function: "functions:increment",
        changedBy: "functions:increment",
        component: "",
        table: "counters",
        index: "by_name",
        range: "name = …",
        example: 'name = "a"',
        count: 1,
      },
    ]);
  });

  test("[E20.6] the same calls with the same seed conflict the same", async () => {
    const reports = [];
    for (let run = 0; run < 2; run++) {
      const t = openApp({ seed: 7 });
      await Promise.all(
        Array.from({ length: 30 }, () => t.mutation(functions.increment, { name: "a" }).catch(() => null)),
      );
      reports.push((await t.conflicts()).mutations);
    }
    expect(reports[0]).toEqual(reports[1]);
    expect(reports[0]?.[0]?.retries).toBeGreaterThan(10);
  });

  test("[E20.6] outside of cloud mode there is no report, and nothing conflicts", async () => {
    const t = embeddedTest<typeof schema>({ functionsDir: APP });
    await Promise.all(Array.from({ length: 30 }, () => t.mutation(functions.increment, { name: "a" })));
    expect(await t.query(functions.valueOf, { name: "a" })).toBe(30);
    await expect(t.conflicts()).rejects.toThrow('embeddedTest({ mode: "cloud" })');
    await t.close();
  });

  test("[E20.1] a test whose clock stands still waits for nothing", async () => {
    vi.useFakeTimers();
    try {
      const t = openApp();
      await Promise.all(Array.from({ length: 4 }, () => t.mutation(functions.increment, { name: "a" })));
      expect(await t.query(functions.valueOf, { name: "a" })).toBe(4);
    } finally {
      vi.useRealTimers();
    }
  });
});
