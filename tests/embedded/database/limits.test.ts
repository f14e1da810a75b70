import { beforeEach, describe, expect, test } from "vitest";
import { defineSchema, defineTable } from "convex/server";
import { v, type JSONValue } from "convex/values";
import { LimitError } from "../../../embedded/database/errors.ts";
import type { Database, Transaction } from "../../../embedded/database/types.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import { indexRange, mutate, openTestDatabase, page, query, tableScan } from "./helpers.ts";

const SCHEMA = defineSchema({ items: defineTable(v.any()).index("by_n", ["n"]) });
const MiB = 1 << 20;

let database: Database;
beforeEach(() => {
  database = openTestDatabase(createMemoryStorage, SCHEMA);
});

/** Commits that many documents, in transactions of at most `batch`. */
function fill(
  count: number,
  fields: (i: number) => Record<string, JSONValue> = (n) => ({ n }),
  batch = 10_000,
): string[] {
  const ids: string[] = [];
  while (ids.length < count) {
    mutate(database, (tx) => {
      for (let i = 0; i < batch && ids.length < count; i++)
        ids.push(tx.insert("", "items", fields(ids.length)));
    });
  }
  return ids;
}

/** About as many bytes as Convex counts. */
const ofSize = (bytes: number): Record<string, JSONValue> => ({ text: "x".repeat(bytes - 100) });

describe("[E8.1] one document", () => {
  test("is at most 1 MiB", () => {
    const insert = (bytes: number) => () => mutate(database, (tx) => tx.insert("", "items", ofSize(bytes)));
    expect(insert(MiB)).not.toThrow();
    expect(insert(MiB + 1000)).toThrow("Value is too large (1 MiB > maximum size 1 MiB)");
    expect(insert(1.5 * MiB + 100)).toThrow("Value is too large (1.5 MiB > maximum size 1 MiB)");
  });

  test("nests at most 16 levels", () => {
    const nested = (levels: number): JSONValue => (levels === 0 ? 1 : [nested(levels - 1)]);
    const insert = (levels: number) => () =>
      mutate(database, (tx) => tx.insert("", "items", { a: nested(levels) }));
    expect(insert(15)).not.toThrow();
    expect(insert(16)).toThrow("Document is too nested (nested 17 levels deep > maximum nesting 16)");
  });

  test("holds values within their limits", () => {
    const value = { a: Array<JSONValue>(8193).fill(0) };
    expect(() => mutate(database, (tx) => tx.insert("", "items", value))).toThrow(
      "Invalid argument `value` for `db.insert`: Array length is too long",
    );
  });
});

describe("[E8.2] one transaction", () => {
  test("reads at most 32,000 documents, however it reads them", () => {
    const ids = fill(32_001);
    const tx = database.begin("query");
    query(tx, tableScan("items", { operators: [{ limit: 31_999 }] }));
    tx.get("", ids[0] as string);
    const message = "Too many documents read in a single function execution (limit: 32000).";
    expect(() => tx.get("", ids[0] as string)).toThrow(message);
    expect(() => query(database.begin("query"), tableScan("items"))).toThrow(message);
  });

  test("reads at most 16 MiB", () => {
    fill(17, () => ofSize(MiB), 10);
    const reading = (limit: number) => () =>
      query(database.begin("query"), tableScan("items", { operators: [{ limit }] }));
    expect(reading(16)).not.toThrow();
    expect(reading(17)).toThrow(
      "Too many bytes read in a single function execution (limit: 16777216 bytes).",
    );
  });

  test("reads at most 4,096 ranges of indexes; those that touch count as one", () => {
    fill(1);
    const tx = database.begin("query");
    const readAt = (at: Transaction, n: number): void => {
      query(at, indexRange("items.by_n", [{ type: "Eq", fieldPath: "n", value: n }]));
    };
    for (let n = 0; n < 4096; n++) readAt(tx, n);
    expect(() => {
      readAt(tx, 5000);
    }).toThrow("Too many reads in a single function execution (limit: 4096).");

    const again = database.begin("query");
    expect(() => {
      for (let i = 0; i < 5000; i++) readAt(again, i % 100);
    }).not.toThrow();
  });

  test("writes at most 16,000 documents", () => {
    const tx = database.begin("mutation");
    for (let i = 0; i < 16_000; i++) tx.insert("", "items", {});
    expect(() => tx.insert("", "items", {})).toThrow(
      "Too many writes in a single function execution (limit: 16000)",
    );
  });

  test("writes at most 16 MiB", () => {
    const tx = database.begin("mutation");
    for (let i = 0; i < 16; i++) tx.insert("", "items", ofSize(MiB));
    expect(() => tx.insert("", "items", ofSize(MiB))).toThrow(
      "Too many bytes written in a single function execution (limit: 16 MiB)",
    );
  });

  test("[E3.2] what was rolled back is not counted as written", () => {
    const tx = database.begin("mutation");
    for (let round = 0; round < 3; round++) {
      const savepoint = tx.savepoint();
      for (let i = 0; i < 10_000; i++) tx.insert("", "items", {});
      tx.rollbackTo(savepoint);
    }
    expect(() => tx.insert("", "items", {})).not.toThrow();
  });

  test("the backend's own reads and writes have no such limits", () => {
    const tx = database.begin("mutation");
    expect(() => {
      for (let i = 0; i < 16_001; i++) tx.system.insert("", "_settings", { key: `k${i}`, value: i });
      expect(tx.system.query("", "_settings", "by_key", [])).toHaveLength(16_001);
    }).not.toThrow();
  });
});

describe("[E8.3] pages", () => {
  test("end where the caller's limit of rows is reached, also if a filter lets none pass", () => {
    fill(10);
    const never = [{ filter: { $literal: false } }];
    const request = { query: tableScan("items", { operators: never }), pageSize: 5, maximumRowsRead: 4 };
    const first = page(database.begin("query"), request);
    expect(first).toMatchObject({ rows: [], isDone: false, pageStatus: "SplitRequired" });
    const second = page(database.begin("query"), { ...request, cursor: first.continueCursor });
    expect(second).toMatchObject({ rows: [], isDone: false, pageStatus: "SplitRequired" });
    const third = page(database.begin("query"), { ...request, cursor: second.continueCursor });
    expect(third).toMatchObject({ rows: [], isDone: true, pageStatus: null });
  });

  test("end where the caller's limit of bytes is reached, with one row at least", () => {
    fill(3, () => ofSize(10_000));
    const result = page(database.begin("query"), {
      query: tableScan("items"),
      pageSize: 3,
      maximumBytesRead: 1,
    });
    expect(result.rows).toHaveLength(1);
    expect(result.pageStatus).toBe("SplitRequired");
  });

  test("end where the transaction's limit is reached, instead of failing", () => {
    const ids = fill(20, () => ofSize(MiB), 10);
    const tx = database.begin("query");
    const result = page(tx, { query: tableScan("items"), pageSize: 20 });
    expect(result).toMatchObject({ isDone: false, pageStatus: "SplitRequired" });
    expect(result.rows).toHaveLength(16);
    expect(result.splitCursor).not.toBe(null);
    expect(() => page(tx, { query: tableScan("items"), pageSize: 20, cursor: null })).toThrow(LimitError);
    const next = page(database.begin("query"), {
      query: tableScan("items"),
      pageSize: 20,
      cursor: result.continueCursor,
    });
    expect([...result.rows, ...next.rows].map((row) => row["_id"])).toEqual(ids);
  });

  test("say from three quarters on that they should be split, and where", () => {
    fill(8);
    const read = (maximumRowsRead: number): ReturnType<typeof page> =>
      page(database.begin("query"), { query: tableScan("items"), pageSize: 7, maximumRowsRead });
    expect(read(10).pageStatus).toBe(null);
    const split = read(9);
    expect(split.pageStatus).toBe("SplitRecommended");
    const tx = database.begin("query");
    const halves = [
      page(tx, { query: tableScan("items"), pageSize: 1, endCursor: split.splitCursor }),
      page(tx, {
        query: tableScan("items"),
        pageSize: 1,
        cursor: split.splitCursor,
        endCursor: split.continueCursor,
      }),
    ];
    expect(halves.map(({ rows }) => rows.length)).toEqual([4, 3]);
    expect(halves.flatMap(({ rows }) => rows)).toEqual(split.rows);
  });

  test("limits of zero are refused", () => {
    const request = { query: tableScan("items"), pageSize: 1, maximumRowsRead: 0 };
    expect(() => page(database.begin("query"), request)).toThrow("must be greater than 0");
  });
});
