import { expect, test } from "vitest";
import { defineSchema, defineTable } from "convex/server";
import type { JSONValue } from "convex/values";
import { v } from "convex/values";
import { integerToJson } from "../../../embedded/values/json.ts";
import { get, indexRange, mutate, openTestDatabase, query, STORAGES, type Row } from "./helpers.ts";

const PENDING = { $commitTs: null };
const SCHEMA = defineSchema({
  work: defineTable({ name: v.string(), at: v.commitTs(), log: v.optional(v.array(v.any())) }).index(
    "by_at",
    ["at"],
  ),
});

test.each(STORAGES)(
  // `PendingValue::CommitTs` in convex-backend's crates/value/src/pending.rs.
  "[E2.7] %s: a commit's timestamp is pending in its transaction, where it sorts last, and known after it",
  (_, open) => {
    const database = openTestDatabase(open, SCHEMA);
    const names = (tx: ReturnType<typeof database.begin>, at?: JSONValue): unknown[] => {
      const range = at === undefined ? [] : [{ type: "Eq" as const, fieldPath: "at", value: at }];
      return query(tx, indexRange("work.by_at", range)).map(({ name }) => name);
    };
    const old = mutate(database, (tx) => {
      tx.insert("", "work", { name: "first", at: PENDING });
      return tx.insert("", "work", { name: "old", at: integerToJson(2n ** 62n) });
    });
    const firstTs = database.ts;
    const tx = database.begin("mutation");
    const a = tx.insert("", "work", { name: "a", at: PENDING, log: [PENDING, '{"$commitTs":null}'] });
    tx.patch("", old, { at: PENDING });
    expect(get(tx, a)?.["at"]).toEqual(PENDING);
    expect(names(tx)).toEqual(["first", "old", "a"]);
    expect(names(tx, PENDING)).toEqual(["old", "a"]);
    const commit = database.commit(tx);
    const after = database.begin("query");
    const at = integerToJson(commit!.ts);
    expect(get(after, a)).toMatchObject({ at, log: [at, '{"$commitTs":null}'] } satisfies Row);
    expect(names(after, at)).toEqual(["old", "a"]);
    expect(names(after, integerToJson(firstTs))).toEqual(["first"]);
    expect(names(after, PENDING)).toEqual([]);
    expect(commit!.ts).toBeGreaterThan(firstTs);
  },
);

test("[E2.7] what is no placeholder is refused, and so is one in an argument of a scheduled function", () => {
  const database = openTestDatabase(STORAGES[0]![1], SCHEMA);
  mutate(database, (tx) => {
    expect(() => tx.insert("", "work", { name: "a", at: { $commitTs: 1 } })).toThrow(
      "Malformed $commitTs value",
    );
    expect(() => tx.insert("", "work", { name: "a", at: 1 })).toThrow("v.commitTs()");
    expect(() => tx.system.insert("", "_settings", { key: "x", value: PENDING })).toThrow(
      "scheduled function",
    );
  });
});
