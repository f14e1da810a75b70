/** What operations cost in calls of the storage and rows they return: exact, where time would only be likely. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { openDatabase } from "../../../embedded/database/database.ts";
import { IntervalTree } from "../../../embedded/database/intervalTree.ts";
import { createSubscriptionIndex } from "../../../embedded/database/subscriptionIndex.ts";
import type { Database } from "../../../embedded/database/types.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import type { Storage } from "../../../embedded/storage/types.ts";
import { indexRange, mutate, push, query } from "./helpers.ts";

const SCHEMA = defineSchema({
  items: defineTable({ n: v.number(), note: v.optional(v.string()) }).index("by_n", ["n"]),
});

type Counts = { calls: Record<string, number>; rows: number };

/** A storage that counts what is asked of it. */
function counting(storage: Storage): { storage: Storage; counts: Counts } {
  const counts: Counts = { calls: {}, rows: 0 };
  const proxy = new Proxy(storage, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]): unknown => {
        counts.calls[String(name)] = (counts.calls[String(name)] ?? 0) + 1;
        const result: unknown = Reflect.apply(member, target, args);
        if (Array.isArray(result)) counts.rows += result.length;
        return result;
      };
    },
  });
  return { storage: proxy, counts };
}

function costs(size: number): Record<string, Counts> {
  const { storage, counts } = counting(createMemoryStorage());
  let database: Database = openDatabase(storage);
  push(database, SCHEMA);
  const ids: string[] = [];
  while (ids.length < size) {
    mutate(database, (tx) => {
      for (let i = 0; i < 10_000 && ids.length < size; i++)
        ids.push(tx.insert("", "items", { n: ids.length }));
    });
  }
  const id = ids[50] as string;
  const measure = (work: () => void): Counts => {
    counts.calls = {};
    counts.rows = 0;
    work();
    return structuredClone(counts);
  };
  return {
    open: measure(() => {
      database = openDatabase(storage);
      push(database, SCHEMA);
    }),
    get: measure(() => database.begin("query").get("", id)),
    range20: measure(() => {
      const range = [{ type: "Gte" as const, fieldPath: "n", value: 40 }];
      query(database.begin("query"), indexRange("items.by_n", range, { operators: [{ limit: 20 }] }));
    }),
    patch: measure(() => mutate(database, (tx) => tx.patch("", id, { n: 1.5 }))),
    patchUnindexed: measure(() => mutate(database, (tx) => tx.patch("", id, { note: "x" }))),
    insert: measure(() => mutate(database, (tx) => tx.insert("", "items", { n: 7.5 }))),
    count: measure(() => database.begin("query").count("", "items")),
    flush: measure(() => {
      database.flush();
    }),
  };
}

describe("[E5.10] costs do not depend on how many documents there are", () => {
  let small: Record<string, Counts>;
  let large: Record<string, Counts>;
  beforeAll(() => {
    small = costs(100);
    large = costs(100_000);
  }, 60_000);

  test("the same in a table of 100 and of 100,000", () => {
    expect(large).toEqual(small);
  });

  test("and they are what they must be", () => {
    expect(small["get"]).toEqual({ calls: { document: 1 }, rows: 0 });
    expect(small["range20"]).toEqual({ calls: { scanIndex: 1 }, rows: 20 });
    expect(small["patch"]).toEqual({
      calls: { document: 1, putDocument: 1, deleteEntry: 1, putEntry: 1 },
      rows: 0,
    });
    expect(small["patchUnindexed"]).toEqual({ calls: { document: 1, putDocument: 1 }, rows: 0 });
    expect(small["insert"]).toEqual({ calls: { putDocument: 1, putEntry: 2 }, rows: 0 });
    expect(small["count"]).toEqual({ calls: {}, rows: 0 });
  });
});

describe("[E6.6] subscriptions that a commit does not touch cost it nothing", () => {
  test("a key is looked for in a few nodes of the tree, however many ranges there are", () => {
    const visits = (ranges: number): number => {
      const tree = new IntervalTree<number>();
      const key = (n: number): string => String(n).padStart(9, "0");
      for (let n = 0; n < ranges; n++) tree.add({ start: key(2 * n), end: key(2 * n + 1) }, n);
      let compared = 0;
      // A bound that counts how often it is compared.
      const probe = { toString: () => (compared++, key(ranges)), valueOf: () => (compared++, key(ranges)) };
      tree.collect(probe as unknown as string, new Set());
      return compared;
    };
    const few = Math.max(...Array.from({ length: 5 }, () => visits(100)));
    const many = Math.min(...Array.from({ length: 5 }, () => visits(50_000)));
    // 500 times as many ranges; a search that looked at each would need 500 times as many comparisons.
    expect(many).toBeLessThan(few * 20);
  });

  test("a subscription that is added again depends on its new reads only", () => {
    const database = openDatabase(createMemoryStorage());
    push(database, SCHEMA);
    const [first, second] = mutate(database, (tx) => [1, 2].map((n) => tx.insert("", "items", { n })));
    const subscriptions = createSubscriptionIndex<string>();
    for (const id of [first, second]) {
      const tx = database.begin("query");
      tx.get("", id as string);
      subscriptions.add("it", tx.readSet);
    }
    const touches = (id: string | undefined): boolean => {
      const tx = database.begin("mutation");
      tx.delete("", id as string);
      const commit = database.commit(tx);
      return commit !== null && subscriptions.matching(commit.writes).has("it");
    };
    expect([touches(first), touches(second)]).toEqual([false, true]);
  });

  test("one that is added again with the same reads leaves the tree as it is, and is still found", () => {
    const database = openDatabase(createMemoryStorage());
    push(database, SCHEMA);
    const id = mutate(database, (tx) => tx.insert("", "items", { n: 1 }));
    const subscriptions = createSubscriptionIndex<string>();
    const added = vi.spyOn(IntervalTree.prototype, "add");
    for (let run = 0; run < 3; run++) {
      const tx = database.begin("query");
      tx.get("", id);
      subscriptions.add("it", tx.readSet);
    }
    expect(added).toHaveBeenCalledTimes(1);
    added.mockRestore();
    const tx = database.begin("mutation");
    tx.delete("", id);
    const commit = database.commit(tx);
    expect(commit === null ? null : [...subscriptions.matching(commit.writes)]).toEqual(["it"]);
  });

  test("only those in the range are found among 10,000", () => {
    const database = openDatabase(createMemoryStorage());
    push(database, SCHEMA);
    const ids = mutate(database, (tx) =>
      Array.from({ length: 10_000 }, (_, n) => tx.insert("", "items", { n })),
    );
    const subscriptions = createSubscriptionIndex<number>();
    for (const [n, id] of ids.entries()) {
      const tx = database.begin("query");
      tx.get("", id);
      subscriptions.add(n, tx.readSet);
    }
    const tx = database.begin("mutation");
    tx.patch("", ids[77] as string, { note: "x" });
    const commit = database.commit(tx);
    expect(commit === null ? null : [...subscriptions.matching(commit.writes)]).toEqual([77]);
  });
});
