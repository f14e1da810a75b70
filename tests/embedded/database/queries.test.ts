import { beforeEach, describe, expect, test } from "vitest";
import { defineSchema, defineTable } from "convex/server";
import { convexToJson, v, type JSONValue, type Value } from "convex/values";
import { createSubscriptionIndex } from "../../../embedded/database/subscriptionIndex.ts";
import type { Database, SerializedQuery, Transaction } from "../../../embedded/database/types.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import { indexRange, mutate, openTestDatabase, query, tableScan, page, type Range } from "./helpers.ts";

const SCHEMA = defineSchema({
  items: defineTable(v.any()).index("by_a_b", ["a", "b"]).index("by_path", ["x.y.z"]),
});

let database: Database;
beforeEach(() => {
  database = openTestDatabase(createMemoryStorage, SCHEMA);
});

const field = (path: string): JSONValue => ({ $field: path });
const literal = (value: Value | undefined): JSONValue => ({
  $literal: value === undefined ? { $undefined: null } : convexToJson(value),
});

function insert(...values: Record<string, Value>[]): string[] {
  return mutate(database, (tx) => values.map((value) => tx.insert("", "items", convexToJson(value))));
}

function namesWhere(filter: JSONValue): unknown[] {
  return query(database.begin("query"), tableScan("items", { operators: [{ filter }] })).map(
    (row) => row["name"],
  );
}

describe("[E7.11] filters", () => {
  beforeEach(() => {
    insert(
      { name: "one", n: 1, i: 1n, on: true },
      { name: "two", n: 2, i: 2n, on: false },
      { name: "ten", n: 10, i: 10n, on: true, inner: { deep: "x" } },
      { name: "none" },
    );
  });

  test.each<[string, JSONValue, string[]]>([
    ["eq", { $eq: [field("n"), literal(2)] }, ["two"]],
    ["eq of another kind", { $eq: [field("n"), literal(2n)] }, []],
    ["eq with a missing field", { $eq: [field("n"), literal(undefined)] }, ["none"]],
    ["neq", { $neq: [field("n"), literal(2)] }, ["one", "ten", "none"]],
    ["lt, where a missing field is least", { $lt: [field("n"), literal(2)] }, ["one", "none"]],
    ["lte", { $lte: [field("n"), literal(2)] }, ["one", "two", "none"]],
    ["gt", { $gt: [field("i"), literal(2n)] }, ["ten"]],
    ["gte, across kinds", { $gte: [field("name"), field("n")] }, ["one", "two", "ten", "none"]],
    ["nested fields", { $eq: [field("inner.deep"), literal("x")] }, ["ten"]],
    ["and", { $and: [{ $gt: [field("n"), literal(1)] }, { $eq: [field("on"), literal(true)] }] }, ["ten"]],
    ["and of nothing", { $and: [] }, ["one", "two", "ten", "none"]],
    ["or of nothing", { $or: [] }, []],
    ["or", { $or: [{ $eq: [field("n"), literal(1)] }, { $eq: [field("n"), literal(2)] }] }, ["one", "two"]],
    ["not", { $not: { $gt: [field("n"), literal(1)] } }, ["one", "none"]],
  ])("%s", (_, filter, names) => {
    expect(namesWhere(filter)).toEqual(names);
  });

  test.each<[string, JSONValue, Value]>([
    ["add", { $add: [literal(1), literal(2)] }, 3],
    ["add of bigints", { $add: [literal(1n), literal(2n)] }, 3n],
    ["sub", { $sub: [literal(1), literal(2)] }, -1],
    ["mul", { $mul: [literal(3), literal(2)] }, 6],
    ["div", { $div: [literal(1), literal(2)] }, 0.5],
    ["div of bigints", { $div: [literal(-7n), literal(2n)] }, -3n],
    ["div by zero", { $div: [literal(1), literal(0)] }, Infinity],
    ["mod", { $mod: [literal(-7), literal(2)] }, -1],
    ["mod of bigints", { $mod: [literal(-7n), literal(2n)] }, -1n],
    ["neg", { $neg: literal(3) }, -3],
    ["neg of a bigint", { $neg: literal(3n) }, -3n],
  ])("%s", (_, expression, value) => {
    expect(namesWhere({ $eq: [expression, literal(value)] })).toHaveLength(4);
  });

  test.each<[string, JSONValue, string]>([
    ["a number as a boolean", literal(1), "Cannot use value 1.0 (type Float64) as a Boolean"],
    [
      "a missing field as a boolean",
      { $not: field("nothing") },
      "Cannot use value undefined (type undefined) as a Boolean",
    ],
    [
      "kinds that do not add",
      { $add: [literal(1), literal(1n)] },
      "Cannot add 1.0 (type Float64) and 1 (type Int64)",
    ],
    ["division of a bigint by zero", { $div: [literal(1n), literal(0n)] }, "Cannot divide 1 by zero"],
    ["overflow", { $mul: [literal(2n ** 62n), literal(2n)] }, "the result is out of range for Int64"],
    ["a text negated", { $neg: literal("a") }, 'Cannot negate "a" (type String)'],
    ["no expression", { $what: [] }, "the filter is not an expression"],
  ])("refuse: %s", (_, filter, message) => {
    expect(() => namesWhere(filter)).toThrow(message);
  });

  test("a limit behind a filter counts what passed, one before it what came", () => {
    const on: JSONValue = { $eq: [field("on"), literal(true)] };
    const run = (operators: SerializedQuery["operators"]): unknown[] =>
      query(database.begin("query"), tableScan("items", { operators })).map((row) => row["name"]);
    expect(run([{ filter: on }, { limit: 2 }])).toEqual(["one", "ten"]);
    expect(run([{ limit: 2 }, { filter: on }])).toEqual(["one"]);
    expect(run([{ limit: 0 }])).toEqual([]);
  });
});

describe("[E7.10] indexes", () => {
  test("of a path: what is missing on the way is undefined", () => {
    insert(
      { name: "deep", x: { y: { z: 1 } } },
      { name: "none" },
      { name: "half", x: { y: 3 } },
      { name: "null", x: { y: { z: null } } },
    );
    const names = (range: Range): unknown[] =>
      query(database.begin("query"), indexRange("items.by_path", range)).map((row) => row["name"]);
    expect(names([])).toEqual(["none", "half", "null", "deep"]);
    expect(names([{ type: "Eq", fieldPath: "x.y.z", value: { $undefined: null } }])).toEqual([
      "none",
      "half",
    ]);
    expect(names([{ type: "Gt", fieldPath: "x.y.z", value: { $undefined: null } }])).toEqual([
      "null",
      "deep",
    ]);
  });

  test("end with `_creationTime` and `_id`, which can be part of a range", () => {
    const [first, second] = insert({ a: 1, b: 1 }, { a: 1, b: 1 });
    const tx = database.begin("query");
    const times = query(tx, tableScan("items")).map((row) => row["_creationTime"] as number);
    const equal: Range = [
      { type: "Eq", fieldPath: "a", value: 1 },
      { type: "Eq", fieldPath: "b", value: 1 },
    ];
    const found = (range: Range): unknown[] =>
      query(tx, indexRange("items.by_a_b", range)).map((row) => row["_id"]);
    expect(found([...equal, { type: "Gt", fieldPath: "_creationTime", value: times[0] as number }])).toEqual([
      second,
    ]);
    const time = { type: "Eq" as const, fieldPath: "_creationTime", value: times[0] as number };
    expect(found([...equal, time, { type: "Eq", fieldPath: "_id", value: first as string }])).toEqual([
      first,
    ]);
  });

  test("`by_id` and `by_creation_time` are there without being declared", () => {
    const ids = insert({ n: 1 }, { n: 2 }, { n: 3 });
    const tx = database.begin("query");
    const sorted = [...ids].sort();
    const byId = (range: Range, order: "asc" | "desc" = "asc"): unknown[] =>
      query(tx, indexRange("items.by_id", range, { order })).map((row) => row["_id"]);
    expect(byId([])).toEqual(sorted);
    expect(byId([], "desc")).toEqual([...sorted].reverse());
    const [, middle] = sorted as [string, string, string];
    expect(byId([{ type: "Eq", fieldPath: "_id", value: middle }])).toEqual([middle]);
    expect(byId([{ type: "Gt", fieldPath: "_id", value: middle }])).toEqual([sorted[2]]);
    expect(byId([{ type: "Gte", fieldPath: "_id", value: middle }])).toEqual(sorted.slice(1));
    expect(byId([{ type: "Lt", fieldPath: "_id", value: middle }])).toEqual([sorted[0]]);
    expect(byId([{ type: "Lte", fieldPath: "_id", value: middle }])).toEqual(sorted.slice(0, 2));
    expect(byId([{ type: "Gt", fieldPath: "_id", value: `${middle}\0` }])).toEqual([sorted[2]]);
    expect(byId([{ type: "Lt", fieldPath: "_id", value: `${middle}\0` }])).toEqual(sorted.slice(0, 2));
    expect(byId([{ type: "Gt", fieldPath: "_id", value: 3 }])).toEqual(sorted);
    expect(byId([{ type: "Gt", fieldPath: "_id", value: [] }])).toEqual([]);
    expect(byId([{ type: "Gte", fieldPath: "_id", value: "é" }])).toEqual([]);
    expect(query(tx, indexRange("items.by_creation_time")).map((row) => row["n"])).toEqual([1, 2, 3]);
  });
});

describe("[E7.12] index ranges that cannot be answered", () => {
  const eq = (fieldPath: string, value: JSONValue = 1): Range[number] => ({ type: "Eq", fieldPath, value });
  const gt = (fieldPath: string): Range[number] => ({ type: "Gt", fieldPath, value: 1 });
  const lt = (fieldPath: string): Range[number] => ({ type: "Lt", fieldPath, value: 2 });

  test.each<[string, Range, string]>([
    ["a field that is not in the index", [eq("c")], "doesn't index this field"],
    [
      "fields out of order",
      [eq("b")],
      "Index fields: [a, b, _creationTime, _id]\nQuery fields: [b]\nFirst incorrect field: b",
    ],
    ["a gap", [eq("a"), gt("_creationTime")], "First incorrect field: _creationTime"],
    [
      "two equalities of one field",
      [eq("a"), eq("a")],
      'Already defined equality bound in index range. Can\'t add "a" == 1.0.',
    ],
    [
      "two lower bounds",
      [gt("a"), gt("a")],
      'Already defined lower bound in index range. Can\'t add "a" > 1.0.',
    ],
    ["bounds on two fields", [gt("a"), lt("b")], 'set a range bound on both "a" and "b"'],
    ["an equality and a bound of one field", [eq("a"), gt("a")], "Already defined inequality bound"],
  ])("%s", (_, range, message) => {
    insert({ a: 1 });
    expect(() => query(database.begin("query"), indexRange("items.by_a_b", range))).toThrow(message);
  });

  test("an index that is not there", () => {
    insert({ a: 1 });
    const tx = database.begin("query");
    expect(() => query(tx, indexRange("items.by_nothing"))).toThrow("Index items.by_nothing not found.");
    expect(() => query(tx, indexRange("nothing.by_a"))).toThrow("Index nothing.by_a not found.");
    expect(query(tx, tableScan("nothing"))).toEqual([]);
  });
});

describe("[E7.13] cursors", () => {
  test("of another query, or none at all, are refused with the data that makes clients start again", () => {
    insert({ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 2, b: 1 });
    const tx = database.begin("query");
    const { continueCursor } = page(tx, { query: tableScan("items"), pageSize: 1 });
    const other = indexRange("items.by_a_b");
    for (const cursor of [continueCursor, "", "x", "%%%"]) {
      for (const request of [{ cursor }, { endCursor: cursor }]) {
        let error: unknown;
        try {
          page(tx, { query: other, pageSize: 1, ...request });
        } catch (caught) {
          error = caught;
        }
        expect(error).toMatchObject({
          code: "InvalidCursor",
          message: expect.stringContaining("InvalidCursor"),
          data: { isConvexSystemError: true, paginationError: "InvalidCursor" },
        });
      }
    }
  });

  test("stay good when the table comes to be", () => {
    const request = { query: tableScan("later"), pageSize: 5 };
    const empty = page(database.begin("query"), request);
    expect(empty).toMatchObject({ rows: [], isDone: true });
    mutate(database, (tx) => tx.insert("", "later", { n: 1 }));
    const again = page(database.begin("query"), { ...request, endCursor: empty.continueCursor });
    expect(again.rows).toMatchObject([{ n: 1 }]);
  });

  test("are not for components, nor for pages of nothing", () => {
    const tx = database.begin("query");
    const request = { query: tableScan("items"), cursor: null, endCursor: null };
    expect(() => tx.queryPage("child", { ...request, pageSize: 1 })).toThrow(
      "paginate() is only supported in the app",
    );
    expect(() => tx.queryPage("", { ...request, pageSize: 0 })).toThrow("Must request at least 1 document");
    expect(() => tx.queryPage("", { ...request, pageSize: 32_001 })).toThrow(
      "Requested too many items: 32001",
    );
  });
});

describe("what was read", () => {
  const numbered = (count: number): string[] =>
    insert(...Array.from({ length: count }, (_, i) => ({ a: 1, b: i })));

  /** Does what `write` commits overlap what the query reads? */
  function wakes(serialized: SerializedQuery, write: (tx: Transaction) => void): boolean {
    const reader = database.begin("query");
    query(reader, serialized);
    const subscriptions = createSubscriptionIndex<string>();
    subscriptions.add("reader", reader.readSet);
    const writer = database.begin("mutation");
    write(writer);
    const commit = database.commit(writer);
    if (commit === null) throw new Error("Nothing was written");
    const overlaps = reader.readSet.overlaps(commit.writes);
    expect(subscriptions.matching(commit.writes).has("reader")).toBe(overlaps);
    return overlaps;
  }

  const inserting =
    (value: Record<string, Value>, table = "items") =>
    (tx: Transaction): void => {
      tx.insert("", table, convexToJson(value));
    };

  const firstTwenty = (order: "asc" | "desc"): SerializedQuery =>
    indexRange("items.by_a_b", [{ type: "Eq", fieldPath: "a", value: 1 }], {
      order,
      operators: [{ limit: 20 }],
    });

  test("[E6.1] [E6.3] `.take(20)`: an insert behind its end does not wake it, one in front of it does", () => {
    numbered(30);
    expect(wakes(firstTwenty("asc"), inserting({ a: 1, b: 25.5 }))).toBe(false);
    expect(wakes(firstTwenty("asc"), inserting({ a: 2, b: 0 }))).toBe(false);
    expect(wakes(firstTwenty("asc"), inserting({ a: 1, b: 3.5 }))).toBe(true);
    expect(wakes(firstTwenty("desc"), inserting({ a: 1, b: 3.5 }))).toBe(false);
    expect(wakes(firstTwenty("desc"), inserting({ a: 1, b: 24.5 }))).toBe(true);
  });

  test("[E6.1] a query that came to its end is woken by an insert there", () => {
    numbered(5);
    expect(wakes(firstTwenty("asc"), inserting({ a: 1, b: 100 }))).toBe(true);
    expect(wakes(firstTwenty("desc"), inserting({ a: 1, b: -1 }))).toBe(true);
    expect(wakes(firstTwenty("asc"), inserting({ a: 1.5, b: 0 }))).toBe(false);
  });

  test("[E6.1] a change of a document that was read wakes, also of a field that no index holds", () => {
    const ids = numbered(30);
    const patching =
      (at: number) =>
      (tx: Transaction): void => {
        tx.patch("", ids[at] as string, { note: at });
      };
    expect(wakes(firstTwenty("asc"), patching(19))).toBe(true);
    expect(wakes(firstTwenty("asc"), patching(20))).toBe(false);
  });

  test("[E6.1] a point read is woken by its document only", () => {
    const ids = numbered(3);
    const wakesReaderOfFirst = (changed: string): boolean => {
      const reader = database.begin("query");
      reader.get("", ids[0] as string);
      const writer = database.begin("mutation");
      writer.patch("", changed, { n: changed });
      const commit = database.commit(writer);
      return commit !== null && reader.readSet.overlaps(commit.writes);
    };
    expect(wakesReaderOfFirst(ids[0] as string)).toBe(true);
    expect(wakesReaderOfFirst(ids[1] as string)).toBe(false);
  });

  test("[E6.4] a table that is not there yet: its first document wakes", () => {
    expect(wakes(tableScan("later"), inserting({}, "later"))).toBe(true);
    expect(wakes(tableScan("never"), inserting({}, "other"))).toBe(false);
  });

  test("[E6.1] a filter reads all that it looked at", () => {
    numbered(10);
    const filtered = indexRange("items.by_a_b", [], {
      operators: [{ filter: { $eq: [field("b"), literal(4)] } }, { limit: 1 }],
    });
    expect(wakes(filtered, inserting({ a: 1, b: 2.5 }))).toBe(true);
    expect(wakes(filtered, inserting({ a: 1, b: 4.5 }))).toBe(false);
  });

  test("[E6.1] a count reads the whole table", () => {
    const tx = database.begin("query");
    tx.count("", "items");
    const mutation = database.begin("mutation");
    mutation.insert("", "items", {});
    const commit = database.commit(mutation);
    expect(commit !== null && tx.readSet.overlaps(commit.writes)).toBe(true);
  });
});
