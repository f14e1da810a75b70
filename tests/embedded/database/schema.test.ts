import { describe, expect, test, vi } from "vitest";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { openDatabase } from "../../../embedded/database/database.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import {
  indexRange,
  mutate,
  openTestDatabase,
  push,
  query,
  schemaJson,
  search,
  STORAGES,
  tableScan,
} from "./helpers.ts";

const table = () => defineTable({ name: v.string(), n: v.optional(v.number()) });

describe.each(STORAGES)("on %s", (_, open) => {
  test("[E7.15] a new index is filled, a dropped one is gone, a changed one is filled anew", () => {
    const database = openTestDatabase(open, defineSchema({ items: table() }));
    mutate(database, (tx) => {
      for (let n = 0; n < 300; n++) tx.insert("", "items", { name: `text${n % 7}`, n: -n });
    });
    const first = (): unknown =>
      query(database.begin("query"), indexRange("items.by_it", [], { operators: [{ limit: 1 }] }))[0]?.["n"];
    expect(first).toThrow("Index items.by_it not found.");
    push(database, defineSchema({ items: table().index("by_it", ["n"]) }));
    expect(first()).toBe(-299);
    push(database, defineSchema({ items: table().index("by_it", ["name", "n"]) }));
    expect(first()).toBe(-294);
    push(database, defineSchema({ items: table() }));
    expect(first).toThrow("Index items.by_it not found.");
    expect(query(database.begin("query"), tableScan("items"))).toHaveLength(300);
  });

  test("[E7.15] a search index is filled and dropped likewise", () => {
    const database = openTestDatabase(open, defineSchema({ items: defineTable({ text: v.string() }) }));
    mutate(database, (tx) => {
      tx.insert("", "items", { text: "red apple" });
      tx.insert("", "items", { text: "green pear" });
    });
    const withSearch = defineTable({ text: v.string() }).searchIndex("search_text", { searchField: "text" });
    push(database, defineSchema({ items: withSearch }));
    expect(query(database.begin("query"), search("items.search_text", "pear"))).toMatchObject([
      { text: "green pear" },
    ]);
    push(database, null);
    expect(() => query(database.begin("query"), search("items.search_text", "pear"))).toThrow("not found");
  });

  test("[E7.15] a stored document that does not fit refuses the push, and nothing has changed", () => {
    const database = openTestDatabase(open, defineSchema({ items: defineTable({ name: v.string() }) }));
    const id = mutate(database, (tx) => tx.insert("", "items", { name: "a" }));
    const changed = defineSchema({
      added: defineTable({}),
      items: defineTable({ name: v.number() }).index("by_name", ["name"]),
    });
    expect(() => {
      push(database, changed);
    }).toThrow(
      `Document with ID "${id}" in table "items" does not match the schema: Value does not match validator.\n` +
        'Path: .name\nValue: "a"\nValidator: v.float64()',
    );
    expect(() => query(database.begin("query"), indexRange("items.by_name"))).toThrow("not found");
    mutate(database, (tx) => tx.insert("", "items", { name: "b" }));
    mutate(database, (tx) => {
      for (const row of query(tx, tableScan("items"))) tx.delete("", row["_id"] as string);
    });
    push(database, changed);
    mutate(database, (tx) => tx.insert("", "items", { name: 1 }));
  });

  // `TryFrom<ValidatorJson> for DocumentSchema` in convex-backend's crates/common/src/schemas/json.rs.
  test("[E7.18] validators that name system fields say nothing of them", () => {
    const named = { _id: v.id("items"), _creationTime: v.number(), name: v.string() };
    const items = defineTable(named).index("by_name", ["name"]);
    const either = defineTable(v.union(v.object(named), v.object({ _id: v.string(), n: v.number() })));
    const database = openTestDatabase(open, defineSchema({ items, either }));
    mutate(database, (tx) => {
      const id = tx.insert("", "items", { name: "a" });
      tx.patch("", id, { name: "b" });
      tx.insert("", "either", { n: 1 });
      expect(() => tx.insert("", "items", { name: 1 })).toThrow("does not match the schema");
    });
    push(database, defineSchema({ items: defineTable({ ...named, _id: v.id("items") }), either }));
    expect(query(database.begin("query"), tableScan("items"))).toMatchObject([{ name: "b" }]);
  });

  test("[E7.15] components have schemas of their own", () => {
    const database = openTestDatabase(open);
    database.pushSchema(
      new Map([
        ["", schemaJson(defineSchema({ items: defineTable({ a: v.number() }).index("by_a", ["a"]) }))],
        ["child", schemaJson(defineSchema({ items: defineTable({ b: v.string() }) }))],
      ]),
    );
    mutate(database, (tx) => {
      tx.insert("", "items", { a: 1 });
      tx.insert("child", "items", { b: "x" });
      expect(() => tx.insert("child", "items", { a: 1 })).toThrow("does not match the schema");
    });
    expect(() => query(database.begin("query"), indexRange("items.by_a"), "child")).toThrow("not found");
    // What is not in the map stays as it is.
    push(database, null, "child");
    expect(query(database.begin("query"), indexRange("items.by_a"))).toHaveLength(1);
  });

  test("[E7.16] a staged index is filled and cannot be queried until it is enabled", () => {
    const database = openTestDatabase(open, defineSchema({ items: table() }));
    mutate(database, (tx) => tx.insert("", "items", { name: "b" }));
    push(database, defineSchema({ items: table().index("by_name", { fields: ["name"], staged: true }) }));
    mutate(database, (tx) => tx.insert("", "items", { name: "a" }));
    expect(() => query(database.begin("query"), indexRange("items.by_name"))).toThrow(
      "Index items.by_name is currently staged and not available to query until it is enabled.",
    );
    push(database, defineSchema({ items: table().index("by_name", ["name"]) }));
    expect(query(database.begin("query"), indexRange("items.by_name")).map((row) => row["name"])).toEqual([
      "a",
      "b",
    ]);
  });
});

test("[E7.15] pushed again unchanged, also after a restart, no document is read and no index filled", () => {
  const storage = createMemoryStorage();
  const schema = defineSchema({ items: table().index("by_n", ["n"]) });
  push(openDatabase(storage), schema);
  mutate(openDatabase(storage), (tx) => tx.insert("", "items", { name: "a" }));
  const scans = vi.spyOn(storage, "scanDocuments");
  const database = openDatabase(storage);
  push(database, schema);
  expect(scans).not.toHaveBeenCalled();
  expect(query(database.begin("query"), indexRange("items.by_n"))).toHaveLength(1);
});

test("[E7.15] without schema validation nothing is checked", () => {
  const schema = defineSchema({ items: defineTable({ a: v.number() }) }, { schemaValidation: false });
  const database = openTestDatabase(createMemoryStorage, schema);
  expect(() => mutate(database, (tx) => tx.insert("", "items", { b: "x" }))).not.toThrow();
});

describe("schemas that are refused", () => {
  const field = { a: v.number(), b: v.number() };
  test.each<[string, () => Parameters<typeof push>[1], string]>([
    [
      "a reserved index name",
      () => defineSchema({ t: defineTable(field).index("by_id", ["a"]) }),
      'cannot name an index "by_id"',
    ],
    [
      "two indexes of the same fields",
      () => defineSchema({ t: defineTable(field).index("x", ["a"]).index("y", ["a"]) }),
      'index "x" and index "y" have the same fields',
    ],
    [
      "a field twice",
      () => defineSchema({ t: defineTable(field).index("x", ["a", "a"]) }),
      "Duplicate field a.",
    ],
    [
      "`_creationTime` in an index",
      () => defineSchema({ t: defineTable(field).index("x", ["a", "_creationTime"]) }),
      "is automatically added to the end of each index",
    ],
    [
      "a field that does not exist",
      () => defineSchema({ t: defineTable(field).index("x", ["c"] as never) }),
      "references the field c that does not exist",
    ],
    [
      "a path into a number",
      () => defineSchema({ t: defineTable(field).index("x", ["a.b"] as never) }),
      "references the field a.b that does not exist",
    ],
    ["a system table", () => defineSchema({ _t: defineTable(field) }), "_t is a reserved table name."],
    ["a table name", () => defineSchema({ "a-b": defineTable(field) }), 'Invalid table name: "a-b"'],
  ])("%s", (_, schema, message) => {
    const database = openTestDatabase(createMemoryStorage);
    expect(() => {
      push(database, schema());
    }).toThrow(message);
  });
});
