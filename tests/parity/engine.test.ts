/**
 * What functions see of their backend, on convex-test and on the embedded engine. Where the two disagree, one is wrong;
 * the test says which, and which one it is held to.
 */
import { anyApi } from "convex/server";
import type { FunctionReference } from "convex/server";
import { ConvexError } from "convex/values";
import { afterEach, describe, expect, inject, test, vi } from "vitest";
import { api } from "./api.ts";
import { newApp } from "./openApp.ts";

const { items } = api;

afterEach(() => {
  vi.useRealTimers();
});

describe("documents", () => {
  test("get, patch (undefined removes), replace and delete", async () => {
    const t = newApp();
    const id = await t.mutation(items.add, { group: "a", rank: 1, label: "x" });
    expect(await t.mutation(items.change, { id, how: "patch" })).toMatchObject({
      isThere: true,
      group: "a",
      rank: 10,
      label: null,
    });
    expect(await t.mutation(items.change, { id, how: "replace" })).toMatchObject({
      group: "replaced",
      rank: 20,
    });
    expect(await t.mutation(items.change, { id, how: "delete" })).toMatchObject({ isThere: false });
    await expect(t.mutation(items.change, { id, how: "delete" })).rejects.toThrow();
  });

  test("creation times are strictly increasing within a transaction, and order a table", async () => {
    const t = newApp();
    const documents = await t.run(async (ctx) => {
      for (const rank of [3, 1, 2]) await ctx.db.insert("items", { group: "a", rank });
      return ctx.db.query("items").collect();
    });
    expect(documents.map(({ rank }) => rank)).toEqual([3, 1, 2]);
    const times = documents.map(({ _creationTime }) => _creationTime);
    expect(times[0]).toBeLessThan(times[1]!);
    expect(times[1]).toBeLessThan(times[2]!);
  });

  test("what does not fit the schema is refused, and nothing of its transaction stays", async () => {
    const t = newApp();
    await expect(
      t.run(async (ctx) => {
        await ctx.db.insert("items", { group: "a", rank: 1 });
        await ctx.db.insert("items", { group: 1 as never, rank: 1 });
      }),
    ).rejects.toThrow();
    expect(await t.run(async (ctx) => (await ctx.db.query("items").collect()).length)).toBe(0);
  });

  test("an id of this table, and what is none", async () => {
    const t = newApp();
    const id = (await t.mutation(items.add, { group: "a", rank: 1 })) as string;
    expect(await t.query(items.normalize, { id })).toBe(true);
    expect(await t.query(items.normalize, { id: "nonsense" })).toBe(false);
  });
});

describe("queries", () => {
  test("index ranges, both ways", async () => {
    const t = newApp();
    for (const rank of [5, 1, 3, 2, 4]) await t.mutation(items.add, { group: "a", rank });
    await t.mutation(items.add, { group: "b", rank: 9 });
    const ranks = (args: object) => t.query(items.inGroup, { group: "a", newestFirst: false, ...args });
    expect(await ranks({})).toEqual([1, 2, 3, 4, 5]);
    expect(await ranks({ newestFirst: true })).toEqual([5, 4, 3, 2, 1]);
    expect(await ranks({ from: 2, below: 4 })).toEqual([2, 3]);
    expect(await ranks({ below: 1 })).toEqual([]);
  });

  test("filters", async () => {
    const t = newApp();
    await t.mutation(items.add, { group: "a", rank: 1 });
    await t.mutation(items.add, { group: "a", rank: 2, label: "hidden" });
    await t.mutation(items.add, { group: "a", rank: 3 });
    expect(await t.query(items.filtered, {})).toEqual([3]);
  });

  test("pages, one behind the other", async () => {
    const t = newApp();
    for (let rank = 0; rank < 5; rank++) await t.mutation(items.add, { group: "a", rank });
    const first = await t.query(items.page, { paginationOpts: { numItems: 2, cursor: null } });
    expect(first).toMatchObject({ ranks: [0, 1], isDone: false });
    const second = await t.query(items.page, {
      paginationOpts: { numItems: 10, cursor: first.continueCursor },
    });
    expect(second).toMatchObject({ ranks: [2, 3, 4], isDone: true });
  });

  test("values of all types in Convex's order", async () => {
    const t = newApp();
    const values = ["b", [1], 1.5, true, { a: 1 }, 3n, -1, "a", false, [], new Uint8Array([1]).buffer, -2n];
    await t.mutation(items.storeValues, { values });
    expect(await t.query(items.valuesInOrder, {})).toEqual([
      null,
      ...[-2n, 3n, -1, 1.5, false, true, "a", "b"],
      new Uint8Array([1]).buffer,
      ...[[], [1], { a: 1 }],
    ]);
  });
});

describe("calls and failures", () => {
  test("a mutation that throws wrote nothing; a ConvexError keeps its data", async () => {
    const t = newApp();
    const error: unknown = await t
      .mutation(items.addAndFail, { group: "a", rank: 1, withData: true })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConvexError);
    expect((error as ConvexError<never>).data).toEqual({ code: "NO", count: 1n, bytes: new ArrayBuffer(2) });
    await expect(t.mutation(items.addAndFail, { group: "a", rank: 1, withData: false })).rejects.toThrow(
      "it failed",
    );
    expect(await t.query(items.inGroup, { group: "a", newestFirst: false })).toEqual([]);
  });

  test("a sub-mutation that throws and is caught rolled back only itself", async () => {
    const t = newApp();
    const { caught, ranks } = await t.mutation(items.addAround, { group: "a" });
    expect(ranks).toEqual([1, 3]);
    // convex-test is wrong: it cannot carry an Int64 or bytes in the data of an error out of a sub-mutation.
    const data = { code: "NO", count: 1n, bytes: new ArrayBuffer(2) };
    expect(caught).toEqual(inject("engine") === "convex-test" ? "Error: Unexpected type of 1" : data);
  });

  test("arguments and returns are checked", async () => {
    const t = newApp();
    await expect(t.mutation(items.add, { group: 1 as never, rank: 1 })).rejects.toThrow();
    await expect(t.mutation(items.add, { group: "a", rank: 1, ...{ extra: 1 } })).rejects.toThrow();
    await expect(t.query(items.wrongReturn, {})).rejects.toThrow();
    await expect(t.query(anyApi["items"]!["nothing"]!, {})).rejects.toThrow();
    await expect(
      t.query(items.add as unknown as FunctionReference<"query">, { group: "a", rank: 1 }),
    ).rejects.toThrow();
  });

  test("actions: each call is a transaction of its own, files, internal functions, identity", async () => {
    const t = newApp().withIdentity({ subject: "ann" });
    expect(await t.query(items.whoAmI, {})).toBe("ann");
    expect(await t.action(items.byAction, { group: "a" })).toEqual({
      failure: { code: "NO", count: 1n, bytes: new ArrayBuffer(2) },
      text: "bytes",
      ranks: [1],
      hidden: "hidden",
      subject: "ann",
    });
  });
});

describe("scheduled functions", () => {
  test("run in their order of time, those of others too; a canceled one does not", async () => {
    vi.useFakeTimers();
    const t = newApp();
    const ranks = () => t.query(items.inGroup, { group: "a", newestFirst: false });
    await t.mutation(items.schedule, { group: "a" });
    expect(await t.query(items.jobStates, {})).toEqual(["pending", "canceled", "pending"]);
    vi.advanceTimersByTime(1_500);
    await t.finishInProgressScheduledFunctions();
    expect(await ranks()).toEqual([1]);
    await t.finishAllScheduledFunctions(vi.runAllTimers);
    expect(await ranks()).toEqual([1, 4]);
    expect(await t.query(items.jobStates, {})).toEqual(["success", "canceled", "success", "success"]);
  });
});

describe("HTTP actions", () => {
  test("exact and prefix routes, headers, bodies, 404", async () => {
    const t = newApp();
    const echo = await t.fetch("/echo", { method: "POST", body: "hello", headers: { "x-name": "ann" } });
    expect(echo.status).toBe(201);
    expect(echo.headers.get("x-kind")).toBe("echo");
    expect(await echo.text()).toBe("ann: hello");
    expect(await (await t.fetch("/under/the/tree?q=1")).text()).toBe("/under/the/tree");
    expect((await t.fetch("/echo")).status).toBe(404);
  });
});

test("the engine of the project is the one that runs", async () => {
  const id = (await newApp().mutation(items.add, { group: "a", rank: 1 })) as string;
  // convex-test makes ids of its own form; Convex's are 31 to 37 characters of a base-32 alphabet.
  expect(/^[0-9a-hjkmnp-tv-z]{31,37}$/.test(id)).toBe(inject("engine") !== "convex-test");
});
