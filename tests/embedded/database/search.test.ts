import { describe, expect, test } from "vitest";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { createSubscriptionIndex } from "../../../embedded/database/subscriptionIndex.ts";
import type { Database, Transaction } from "../../../embedded/database/types.ts";
import { mutate, openTestDatabase, page, query, search, STORAGES, type Row } from "./helpers.ts";

const SCHEMA = defineSchema({
  notes: defineTable({
    text: v.optional(v.string()),
    owner: v.optional(v.string()),
    n: v.optional(v.number()),
  }).searchIndex("search_text", { searchField: "text", filterFields: ["owner"] }),
});
const INDEX = "notes.search_text";

const texts = (tx: Transaction, text: string, equal: Row = {}): unknown[] =>
  query(tx, search(INDEX, text, equal)).map((row) => row["text"]);

describe.each(STORAGES)("on %s", (_, open) => {
  const fill = (...notes: Row[]): { database: Database; ids: string[] } => {
    const database = openTestDatabase(open, SCHEMA);
    return { database, ids: mutate(database, (tx) => notes.map((note) => tx.insert("", "notes", note))) };
  };

  test("[E7.14] words, prefixes, case, filters and rank", () => {
    const { database } = fill(
      { text: "The Quick-brown fox", owner: "ada" },
      { text: "quicksand", owner: "bob" },
      { text: "Überraschung! 42 foxes", owner: "ada" },
      { owner: "ada" },
    );
    const tx = database.begin("query");
    expect(texts(tx, "FOX brown")).toEqual(["The Quick-brown fox"]);
    expect(texts(tx, "quick").sort()).toEqual(["The Quick-brown fox", "quicksand"]);
    expect(texts(tx, "quick", { owner: "bob" })).toEqual(["quicksand"]);
    expect(texts(tx, "über")).toEqual(["Überraschung! 42 foxes"]);
    expect(texts(tx, "quick fox")).toEqual(["The Quick-brown fox", "Überraschung! 42 foxes"]);
    expect(texts(tx, "brow quicksand")).toEqual(["quicksand"]);
    expect(texts(tx, "...")).toEqual([]);
    expect(texts(tx, "")).toEqual([]);
    expect(texts(tx, "fox", { owner: { $undefined: null } })).toEqual([]);
  });

  test("[E2.3] a mutation finds what it has just written, and what it rolled back no more", () => {
    const { database, ids } = fill({ text: "apple" }, { text: "pear" });
    const tx = database.begin("mutation");
    const savepoint = tx.savepoint();
    tx.patch("", ids[0] as string, { text: "plum" });
    tx.insert("", "notes", { text: "apple juice" });
    tx.delete("", ids[1] as string);
    expect(texts(tx, "apple")).toEqual(["apple juice"]);
    expect(texts(tx, "plum")).toEqual(["plum"]);
    expect(texts(tx, "pear")).toEqual([]);
    tx.rollbackTo(savepoint);
    expect(texts(tx, "apple")).toEqual(["apple"]);
    expect(texts(tx, "pear")).toEqual(["pear"]);
    expect(texts(database.begin("query"), "plum")).toEqual([]);
    tx.patch("", ids[0] as string, { text: "plum", n: 1 });
    database.commit(tx);
    expect(texts(database.begin("query"), "plum")).toEqual(["plum"]);
    expect(texts(database.begin("query"), "apple")).toEqual([]);
  });

  test("[E6.5] a search is touched by documents that match it before or after the commit, and by no others", () => {
    const { database, ids } = fill({ text: "apple pie", owner: "ada" }, { text: "pear", owner: "ada" });
    const subscriptions = createSubscriptionIndex<string>();
    const subscribe = (name: string, text: string, equal: Row = {}): void => {
      const tx = database.begin("query");
      texts(tx, text, equal);
      subscriptions.add(name, tx.readSet);
    };
    const touched = (work: (tx: Transaction) => void): string[] => {
      const tx = database.begin("mutation");
      work(tx);
      const commit = database.commit(tx);
      return commit === null ? [] : [...subscriptions.matching(commit.writes)].sort();
    };
    subscribe("apple of ada", "apple", { owner: "ada" });
    subscribe("prefix", "app");
    subscribe("two words", "pie peach");
    expect(touched((tx) => tx.insert("", "notes", { text: "apples", owner: "bob" }))).toEqual(["prefix"]);
    expect(touched((tx) => tx.insert("", "notes", { text: "apple", owner: "ada" }))).toEqual([
      "apple of ada",
      "prefix",
    ]);
    expect(touched((tx) => tx.insert("", "notes", { text: "plum", owner: "ada" }))).toEqual([]);
    expect(touched((tx) => tx.patch("", ids[0] as string, { text: "nothing" }))).toEqual([
      "apple of ada",
      "prefix",
      "two words",
    ]);
    expect(touched((tx) => tx.patch("", ids[1] as string, { n: 5 }))).toEqual([]);
    expect(touched((tx) => tx.patch("", ids[1] as string, { text: "Peaches" }))).toEqual(["two words"]);
    subscriptions.remove("prefix");
    subscriptions.remove("two words");
    expect(touched((tx) => tx.delete("", ids[1] as string))).toEqual([]);
    expect(subscriptions.size).toBe(1);
  });

  test("[E7.13] a search is read in pages", () => {
    const { database } = fill(
      ...Array.from({ length: 7 }, (_unused, i) => ({ text: `apple ${"x ".repeat(i)}` })),
    );
    const whole = query(database.begin("query"), search(INDEX, "apple"));
    expect(whole).toHaveLength(7);
    const rows: Row[] = [];
    let cursor: string | null = null;
    for (let done = false; !done;) {
      const result = page(database.begin("query"), { query: search(INDEX, "apple"), pageSize: 3, cursor });
      rows.push(...result.rows);
      cursor = result.continueCursor;
      done = result.isDone;
    }
    expect(rows).toEqual(whole);
    const first = page(database.begin("query"), { query: search(INDEX, "apple"), pageSize: 3 });
    mutate(database, (tx) => tx.insert("", "notes", { text: "apple apple apple" }));
    const again = page(database.begin("query"), {
      query: search(INDEX, "apple"),
      pageSize: 3,
      endCursor: first.continueCursor,
    });
    expect(again.continueCursor).toBe(first.continueCursor);
  });

  test("[E8.4] gives at most 1,024 documents", () => {
    const { database } = fill();
    mutate(database, (tx) => {
      for (let i = 0; i < 1025; i++) tx.insert("", "notes", { text: "apple" });
    });
    const reading = (limit: number) => () =>
      query(database.begin("query"), search(INDEX, "apple", {}, [{ limit }]));
    expect(reading(1024)()).toHaveLength(1024);
    expect(reading(1025)).toThrow("Search query scanned too many documents (fetched 1024).");
  });

  // `MAX_FILTER_CONDITIONS` in convex-backend's crates/search/src/constants.rs.
  test("[E8.4] takes at most 8 equality filters", () => {
    const { database } = fill();
    const filtered = (count: number) => () => {
      const { source } = search(INDEX, "apple");
      if (source.type !== "Search") throw new Error("Not a search");
      const filters = Array.from({ length: count }, () => {
        return { type: "Eq" as const, fieldPath: "owner", value: "x" };
      });
      return query(database.begin("query"), {
        source: { ...source, filters: [...source.filters, ...filters] },
        operators: [],
      });
    };
    expect(filtered(8)()).toEqual([]);
    expect(filtered(9)).toThrow("has too many filter conditions. Max: 8 Actual: 9");
  });

  test("[E7.14] what an index cannot answer is refused", () => {
    const { database } = fill({ text: "a" });
    const tx = database.begin("query");
    expect(() => query(tx, search(INDEX, "a", { n: 1 }))).toThrow(
      "isn't indexed for filtering in `filterFields`",
    );
    expect(() =>
      query(tx, { source: { type: "Search", indexName: INDEX, filters: [] }, operators: [] }),
    ).toThrow("does not contain any search filters");
    const wrongField = { type: "Search" as const, fieldPath: "owner", value: "a" };
    expect(() =>
      query(tx, { source: { type: "Search", indexName: INDEX, filters: [wrongField] }, operators: [] }),
    ).toThrow("doesn't match the indexed `searchField`");
    expect(() => query(tx, search("notes.by_creation_time", "a"))).toThrow("is not a search index");
  });
});
