/** Vector search of the database: what it finds, what it refuses, and what it follows. */
import { describe, expect, test } from "vitest";
import { defineSchema, defineTable } from "convex/server";
import type { JSONValue } from "convex/values";
import { v } from "convex/values";
import fc from "fast-check";
import { openDatabase } from "../../../embedded/database/database.ts";
import type { Database } from "../../../embedded/database/types.ts";
import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import { openSqliteStorage } from "../../../embedded/storage/sqliteStorage.ts";
import { floatToJson } from "../../../embedded/values/json.ts";
import { mutate, openTestDatabase, push, STORAGES, type Row } from "../database/helpers.ts";
import { temporaryFolder } from "../storage/temporaryFolder.ts";

const foods = () =>
  defineTable({
    name: v.optional(v.string()),
    cuisine: v.optional(v.union(v.string(), v.number(), v.int64())),
    source: v.optional(v.object({ kind: v.string() })),
    embedding: v.optional(v.array(v.any())),
  });
const INDEX: {
  vectorField: "embedding";
  dimensions: number;
  filterFields: ("cuisine" | "source.kind")[];
} = { vectorField: "embedding", dimensions: 3, filterFields: ["cuisine", "source.kind"] };
const SCHEMA = defineSchema({ foods: foods().vectorIndex("by_embedding", INDEX) });
const BY_EMBEDDING = "foods.by_embedding";

type Query = { indexName?: string; vector: JSONValue; limit?: JSONValue; expressions?: JSONValue };

const eq = (field: string, value: JSONValue): JSONValue => ({
  $eq: [{ $field: field }, { $literal: value }],
});
const or = (...operands: JSONValue[]): JSONValue => ({ $or: operands });

function find(database: Database, query: Query, component = ""): Promise<{ _id: string; _score: number }[]> {
  const { indexName = BY_EMBEDDING, limit, vector, expressions = null } = query;
  return database.vectorSearch(component, {
    indexName,
    vector,
    expressions,
    ...(limit !== undefined && { limit }),
  });
}

describe.each(STORAGES)("on %s", (_, open) => {
  const fill = (...rows: Row[]): { database: Database; ids: string[] } => {
    const database = openTestDatabase(open, SCHEMA);
    return { database, ids: mutate(database, (tx) => rows.map((row) => tx.insert("", "foods", row))) };
  };

  /** Names of what is found, best first. */
  const names = async (database: Database, query: Query): Promise<unknown[]> => {
    const hits = await find(database, query);
    const tx = database.begin("query");
    return hits.map(({ _id }) => (JSON.parse(tx.get("", _id)!) as Row)["name"]);
  };

  test("[E21.1] the most similar first, with the cosine as score, up to the limit or 10", async () => {
    const { database, ids } = fill(
      { name: "same", embedding: [2, 0, 0] },
      { name: "opposite", embedding: [-1, 0, 0] },
      { name: "orthogonal", embedding: [0, 5, 0] },
      { name: "near", embedding: [1, 1, 0] },
      { name: "zero", embedding: [0, 0, floatToJson(-0)] },
    );
    expect(await find(database, { vector: [7, 0, 0], limit: 2 })).toEqual([
      { _id: ids[0], _score: 1 },
      { _id: ids[3], _score: Math.fround(Math.SQRT1_2) },
    ]);
    const all = await find(database, { vector: [7, 0, 0] });
    expect(all.map(({ _score }) => _score)).toEqual([1, Math.fround(Math.SQRT1_2), 0, 0, -1]);
    // Among equals the greater id first.
    expect(all.slice(2, 4).map(({ _id }) => _id)).toEqual([ids[2]!, ids[4]!].sort().reverse());
    mutate(database, (tx) => {
      for (let n = 0; n < 300; n++) tx.insert("", "foods", { embedding: [1, n, 0] });
    });
    expect(await find(database, { vector: [1, 0, 0] })).toHaveLength(10);
    expect(await find(database, { vector: [1, 0, 0], limit: 256 })).toHaveLength(256);
    expect(await find(database, { vector: [1, 0, 0], limit: 0 })).toEqual([]);
  });

  test("[E21.2] filters: equal values, of one field or of any of several, by type, missing ones too", async () => {
    const { database } = fill(
      { name: "a", cuisine: "French", embedding: [1, 0, 0] },
      { name: "b", cuisine: "Thai", source: { kind: "book" }, embedding: [1, 0.1, 0] },
      { name: "c", cuisine: 1, embedding: [1, 0.2, 0] },
      { name: "d", cuisine: { $integer: "AQAAAAAAAAA=" }, embedding: [1, 0.3, 0] },
      { name: "e", source: { kind: "x".repeat(1000) }, embedding: [1, 0.4, 0] },
    );
    const vector = [1, 0, 0];
    const named = (expressions: JSONValue): Promise<unknown[]> => names(database, { vector, expressions });
    expect(await named(eq("cuisine", "French"))).toEqual(["a"]);
    expect(await named(or(eq("cuisine", "Thai"), eq("cuisine", "French")))).toEqual(["a", "b"]);
    expect(await named(or(eq("cuisine", "French"), eq("source.kind", "book")))).toEqual(["a", "b"]);
    expect(await named(or(or(eq("cuisine", 1)), eq("cuisine", "Greek")))).toEqual(["c"]);
    expect(await named(eq("cuisine", { $integer: "AQAAAAAAAAA=" }))).toEqual(["d"]);
    expect(await named(eq("cuisine", { $undefined: null }))).toEqual(["e"]);
    expect(await named(eq("source.kind", "x".repeat(1000)))).toEqual(["e"]);
    expect(await named(eq("source.kind", "x".repeat(1001)))).toEqual([]);
    expect(await named(eq("cuisine", "Greek"))).toEqual([]);
  });

  test("[E21.3] what cannot be asked is refused in Convex's words", async () => {
    const { database } = fill({ embedding: [1, 0, 0] });
    const refused: [Query, string][] = [
      [{ vector: [1, 0] }, "Expected a vector with dimensions 3, received 2."],
      [{ vector: [1, 0, 0], limit: 257 }, "Vector queries can fetch at most 256 results, requested 257."],
      [{ vector: [1, 0, 0], limit: -1 }, "`limit` must be an integer"],
      [{ vector: [1, 0, 0], limit: 1.5 }, "`limit` must be an integer"],
      [{ vector: [1, 0, null] }, "`vector` must be an array of finite numbers"],
      [{ vector: [1, 0, 1e39] }, "too large for 32 bits"],
      [{ vector: [1, 0, 0], indexName: "foods.by_other" }, "Index foods.by_other not found."],
      [{ vector: [1, 0, 0], indexName: "foods.by_id" }, "Index foods.by_id is not a vector index"],
      [{ vector: [1, 0, 0], indexName: "foods" }, "`indexName` must be a table and an index"],
      [
        { vector: [1, 0, 0], expressions: eq("name", "a") },
        'Vector query against foods.by_embedding contains a filter on "name" but that field isn\'t indexed for ' +
          "filtering in `filterFields`.",
      ],
      [
        {
          vector: [1, 0, 0],
          expressions: or(...Array.from({ length: 65 }, (_, n) => eq("cuisine", n))),
        },
        "Vector query against foods.by_embedding has too many conditions. Max: 64 Actual: 65",
      ],
      [
        { vector: [1, 0, 0], expressions: { $lt: [{ $field: "cuisine" }, { $literal: 1 }] } },
        "Filters should be a combination of `q.eq` and `q.or`.",
      ],
      [
        { vector: [1, 0, 0], expressions: { $eq: [{ $literal: 1 }, { $field: "cuisine" }] } },
        "`q.eq` must take a field path as its first argument and a value as its second",
      ],
    ];
    for (const [query, message] of refused) await expect(find(database, query)).rejects.toThrow(message);
    // 64 different values, each twice, are as many as there may be.
    const most = Array.from({ length: 128 }, (_, n) => eq("cuisine", n % 64));
    expect(await find(database, { vector: [1, 0, 0], expressions: or(...most) })).toEqual([]);
    expect(await find(database, { vector: [1], indexName: "nothing.by_embedding" })).toEqual([]);
  });

  test("[E21.4] documents without such a vector are stored and not found", async () => {
    const { database } = fill(
      { name: "ok", embedding: [1, 0, 0] },
      { name: "none" },
      { name: "short", embedding: [1, 0] },
      { name: "long", embedding: [1, 0, 0, 0] },
      { name: "texts", embedding: ["1", "0", "0"] },
      { name: "integers", embedding: [{ $integer: "AQAAAAAAAAA=" }, 0, 0] },
      { name: "not a number", embedding: [floatToJson(NaN), 0, 0] },
      { name: "infinite", embedding: [floatToJson(Infinity), 0, 0] },
      { name: "too large for 32 bits", embedding: [1e39, 0, 0] },
    );
    expect(await names(database, { vector: [1, 0, 0] })).toEqual(["ok"]);
  });

  test("[E21.5] a search sees every commit before it, and nothing that was not committed", async () => {
    const { database, ids } = fill(
      { name: "a", cuisine: "x", embedding: [1, 0, 0] },
      { name: "b", cuisine: "x", embedding: [0, 1, 0] },
    );
    const [a, b] = ids as [string, string];
    const query = { vector: [1, 0, 0], expressions: eq("cuisine", "x") };
    expect(await names(database, query)).toEqual(["a", "b"]);
    const uncommitted = database.begin("mutation");
    uncommitted.delete("", a);
    expect(await names(database, query)).toEqual(["a", "b"]);
    database.commit(uncommitted);
    expect(await names(database, query)).toEqual(["b"]);
    mutate(database, (tx) => {
      tx.patch("", b, { cuisine: "y" });
      tx.insert("", "foods", { name: "c", cuisine: "x", embedding: [1, 1, 0] });
    });
    expect(await names(database, query)).toEqual(["c"]);
    mutate(database, (tx) => tx.patch("", b, { cuisine: "x", embedding: [2, 0, 0] }));
    expect(await names(database, query)).toEqual(["b", "c"]);
    mutate(database, (tx) => tx.patch("", b, { embedding: { $undefined: null } }));
    expect(await names(database, query)).toEqual(["c"]);
  });

  test("[E21.6] an index is filled from the documents that are there, changed, staged and removed", async () => {
    const database = openTestDatabase(open, defineSchema({ foods: foods() }));
    mutate(database, (tx) => {
      for (let n = 0; n < 300; n++) tx.insert("", "foods", { name: String(n), embedding: [n, 100, 0] });
    });
    const best = { vector: [1, 0, 0], limit: 1 };
    await expect(find(database, best)).rejects.toThrow("Index foods.by_embedding not found.");
    push(database, defineSchema({ foods: foods().vectorIndex("by_embedding", { ...INDEX, staged: true }) }));
    await expect(find(database, best)).rejects.toThrow("is currently staged and not available to query");
    push(database, SCHEMA);
    expect(await names(database, best)).toEqual(["299"]);
    const other = { ...INDEX, dimensions: 2 };
    push(database, defineSchema({ foods: foods().vectorIndex("by_embedding", other) }));
    expect(await find(database, { vector: [1, 0] })).toEqual([]);
    push(
      database,
      defineSchema({ foods: foods().vectorIndex("by_embedding", INDEX).vectorIndex("by_two", other) }),
    );
    mutate(database, (tx) => tx.insert("", "foods", { name: "two", embedding: [1, 0] }));
    expect(await names(database, { vector: [1, 0], indexName: "foods.by_two" })).toEqual(["two"]);
    expect(await names(database, best)).toEqual(["299"]);
    push(database, null);
    await expect(find(database, best)).rejects.toThrow("Index foods.by_embedding not found.");
  });

  test("[E21.7] components have vector indexes of their own", async () => {
    const database = openTestDatabase(open, SCHEMA);
    push(database, SCHEMA, "child");
    const id = mutate(database, (tx) => tx.insert("child", "foods", { embedding: [1, 0, 0] }));
    expect(await find(database, { vector: [1, 0, 0] })).toEqual([]);
    expect(await find(database, { vector: [1, 0, 0] }, "child")).toEqual([{ _id: id, _score: 1 }]);
    expect(await find(database, { vector: [1, 0, 0] }, "missing")).toEqual([]);
  });

  test("[E21.5] after any run of writes, the result is that of a plain loop over all documents", async () => {
    const dimensions = 5;
    const schema = defineSchema({
      items: defineTable(v.any()).vectorIndex("by_e", {
        vectorField: "e",
        dimensions,
        filterFields: ["f", "g"],
      }),
    });
    // Few values, so that many scores are equal or nearly so.
    const anyComponent = fc.constantFrom(0, 1, -1, 0.5, 1.001, 1e-3, 3e5);
    const anyVector = fc.array(anyComponent, { minLength: dimensions, maxLength: dimensions });
    const anyValue = fc.constantFrom("a", "b", 1, null);
    const anyWrite = fc.record({
      kind: fc.constantFrom("insert" as const, "replace" as const, "delete" as const),
      place: fc.nat(),
      row: fc.record({ e: anyVector, f: anyValue, g: anyValue }),
    });
    const anyQuery = fc.record({
      vector: anyVector,
      limit: fc.integer({ min: 0, max: 12 }),
      filters: fc.array(fc.tuple(fc.constantFrom("f", "g"), anyValue), { maxLength: 3 }),
    });
    const anyStep = fc.record({ writes: fc.array(anyWrite, { maxLength: 20 }), query: anyQuery });
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 6 }), async (steps) => {
        const database = openDatabase(open());
        push(database, schema);
        const model = new Map<string, Row>();
        for (const { writes, query } of steps) {
          mutate(database, (tx) => {
            for (const { kind, place, row } of writes) {
              const id = [...model.keys()][place % Math.max(1, model.size)];
              if (kind === "insert" || id === undefined) {
                model.set(tx.insert("", "items", row), row);
              } else if (kind === "replace") {
                tx.replace("", id, row);
                model.set(id, row);
              } else {
                tx.delete("", id);
                model.delete(id);
              }
            }
          });
          const { vector, limit, filters } = query;
          const found = await find(database, {
            indexName: "items.by_e",
            vector,
            limit,
            expressions:
              filters.length === 0 ? null : or(...filters.map(([field, value]) => eq(field, value))),
          });
          expect(found).toEqual(naiveSearch(model, query));
        }
        database.close();
      }),
      { numRuns: 40 },
    );
  });
});

/** All of it, in 32 bits where Convex has 32 bits. */
function naiveSearch(
  rows: ReadonlyMap<string, Row>,
  { vector, limit, filters }: { vector: number[]; limit: number; filters: [string, JSONValue][] },
): { _id: string; _score: number }[] {
  const unit = (components: number[]): number[] => {
    const length = Math.hypot(...components.map(Math.fround));
    return components.map((component) =>
      length === 0 ? 0 : Math.fround(Math.fround(component) / Math.sqrt(length ** 2)),
    );
  };
  const query = unit(vector);
  const passes = (row: Row): boolean =>
    filters.length === 0 || filters.some(([field, value]) => row[field] === value);
  return [...rows]
    .filter(([, row]) => passes(row))
    .map(([_id, row]) => {
      const stored = unit(row["e"] as number[]);
      return { _id, _score: Math.fround(stored.reduce((sum, value, i) => sum + value * query[i]!, 0)) };
    })
    .sort((a, b) => b._score - a._score || (a._id < b._id ? 1 : -1))
    .slice(0, limit);
}

test("[E21.8] after a restart the vectors are there; no start and no write reads them before the first search", async () => {
  const file = `${temporaryFolder()}/data.sqlite`;
  const first = openDatabase(openSqliteStorage(file));
  push(first, SCHEMA);
  const ids = mutate(first, (tx) =>
    Array.from({ length: 500 }, (_, n) => tx.insert("", "foods", { embedding: [n, 100, 0] })),
  );
  mutate(first, (tx) => tx.delete("", ids[499]!));
  first.close();

  const storage = openSqliteStorage(file);
  let scans = 0;
  const { vectors } = storage;
  const counting = new Proxy(vectors, {
    get: (target, name) => {
      if (name === "scan") scans++;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  const again = openDatabase(
    new Proxy(storage, {
      get: (target, name) => {
        if (name === "vectors") return counting;
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? (member.bind(target) as unknown) : member;
      },
    }),
  );
  push(again, SCHEMA);
  mutate(again, (tx) => tx.insert("", "foods", { embedding: [0, 0, 1] }));
  expect(scans).toBe(0);
  const [best] = await find(again, { vector: [1, 0, 0], limit: 1 });
  expect(best?._id).toBe(ids[498]);
  const read = scans;
  await find(again, { vector: [1, 0, 0], limit: 1 });
  expect(scans).toBe(read);
  again.close();
});

test("[E21.8] what is committed while an index is read into memory is found, and what is deleted is not", async () => {
  const database = openTestDatabase(createMemoryStorage, SCHEMA);
  // More than one turn of reading takes.
  const dimensions = 4096;
  const index = { ...INDEX, dimensions };
  push(database, defineSchema({ foods: foods().vectorIndex("by_embedding", index) }));
  const along = (axis: number, share = 1): number[] =>
    Array.from({ length: dimensions }, (_, i) => (i === axis ? share : i === 4095 ? 1 - share : 0));
  const ids = mutate(database, (tx) =>
    Array.from({ length: 200 }, (_, n) => tx.insert("", "foods", { embedding: along(n) })),
  ).sort();
  const searches = [0, 1].map(() => find(database, { vector: along(4094), limit: 256 }));
  const added = mutate(database, (tx) => {
    tx.delete("", ids[0]!);
    tx.delete("", ids[199]!);
    return tx.insert("", "foods", { embedding: along(4094, 0.9) });
  });
  for (const search of searches) {
    const found = (await search).map(({ _id }) => _id);
    expect(found[0]).toBe(added);
    expect(found).toHaveLength(199);
  }
});

describe("[E21.9] schemas that are refused", () => {
  const vectors = { e: v.array(v.float64()), name: v.string() };
  const index = { vectorField: "e", dimensions: 3 } as const;
  test.each<[string, () => Parameters<typeof push>[1], string]>([
    [
      "one dimension",
      () => defineSchema({ t: defineTable(vectors).vectorIndex("by_e", { ...index, dimensions: 1 }) }),
      "Dimensions 1 must be between 2 and 4096.",
    ],
    [
      "too many dimensions",
      () => defineSchema({ t: defineTable(vectors).vectorIndex("by_e", { ...index, dimensions: 4097 }) }),
      "Dimensions 4097 must be between 2 and 4096.",
    ],
    [
      "a field that is not there",
      () =>
        defineSchema({ t: defineTable(vectors).vectorIndex("x", { ...index, vectorField: "f" as never }) }),
      "references the field f that does not exist",
    ],
    [
      "a field that holds no vectors",
      () => defineSchema({ t: defineTable(vectors).vectorIndex("x", { ...index, vectorField: "name" }) }),
      'In table "t" the vector index "x" is invalid because it references the field name that is neither an array of ' +
        "float64 or optional array of float64.",
    ],
    [
      "17 filter fields",
      () => {
        const names = Array.from({ length: 17 }, (_, n) => `f${n}`);
        const fields = Object.fromEntries(names.map((name) => [name, v.string()]));
        const table = defineTable({ ...vectors, ...fields });
        return defineSchema({ t: table.vectorIndex("x", { ...index, filterFields: names as never }) });
      },
      "Search indexes may have up to 16 filter fields.",
    ],
    [
      "two of one field and as many dimensions",
      () => defineSchema({ t: defineTable(vectors).vectorIndex("x", index).vectorIndex("y", index) }),
      'vector index "x" and vector index "y" have the same `vectorField`',
    ],
    [
      "a name twice",
      () => defineSchema({ t: defineTable(vectors).index("x", ["name"]).vectorIndex("x", index) }),
      'two or more definitions of index "x"',
    ],
  ])("%s", (_, schema, message) => {
    const database = openTestDatabase(createMemoryStorage);
    expect(() => {
      push(database, schema());
    }).toThrow(message);
  });

  test.each([
    ["any value", v.any()],
    ["an optional array", v.optional(v.array(v.float64()))],
    ["a union with an array", v.union(v.null(), v.array(v.float64()))],
    ["an array of anything", v.array(v.any())],
  ])("and not refused: %s", (_, validator) => {
    const table = defineTable({ e: validator }).vectorIndex("by_e", index);
    expect(() => openTestDatabase(createMemoryStorage, defineSchema({ t: table }))).not.toThrow();
  });
});
