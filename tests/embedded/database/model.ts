/** A naive model of a table: all documents in a list, sorted and filtered at each look. */
import fc from "fast-check";
import { defineSchema, defineTable } from "convex/server";
import { v, type JSONValue } from "convex/values";
import type { SerializedQuery, Transaction } from "../../../embedded/database/types.ts";
import { encodeKey } from "../../../embedded/values/indexKey.ts";
import { valueAt, type MaybeJson } from "../../../embedded/values/json.ts";
import { indexRange, tableScan, type Range, type Row } from "./helpers.ts";

export const MODEL_SCHEMA = defineSchema({
  items: defineTable(v.any())
    .index("by_a", ["a"])
    .index("by_a_b", ["a", "b"])
    .index("by_inner", ["inner.c", "a"]),
});

const INDEX_FIELDS: Record<string, string[]> = {
  by_creation_time: [],
  by_a: ["a"],
  by_a_b: ["a", "b"],
  by_inner: ["inner.c", "a"],
};

/** Few values, of several kinds, so that documents meet in every index. */
const anyField: fc.Arbitrary<JSONValue> = fc.constantFrom<JSONValue>(0, 1, 2, null, "x", "x\0", true, [1]);

export const anyFields: fc.Arbitrary<Row> = fc
  .record(
    { a: anyField, b: anyField, inner: fc.oneof(anyField, fc.record({ c: anyField })) },
    { requiredKeys: [] },
  )
  .map((fields) => fields as Row);

/** `target` picks one of the documents that are there. */
export type Write =
  | { kind: "insert"; fields: Row }
  | { kind: "patch" | "replace"; target: number; fields: Row }
  | { kind: "delete"; target: number };

export const anyWrite: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constant("insert" as const), fields: anyFields }),
  fc.record({
    kind: fc.constantFrom("patch" as const, "replace" as const),
    target: fc.nat(),
    fields: anyFields,
  }),
  fc.record({ kind: fc.constant("delete" as const), target: fc.nat() }),
);

/** Makes a write in a transaction and in the model, where there is something to write to. */
export function applyWrite(tx: Transaction, model: Map<string, Row>, write: Write): void {
  if (write.kind === "insert") {
    const id = tx.insert("", "items", write.fields);
    model.set(id, JSON.parse(tx.get("", id) ?? "null") as Row);
    return;
  }
  const targets = [...model.keys()];
  const id = targets[write.target % Math.max(1, targets.length)];
  if (id === undefined) return;
  const { _id, _creationTime, ...fields } = model.get(id) as Row;
  switch (write.kind) {
    case "patch":
      tx.patch("", id, write.fields);
      model.set(id, { ...fields, ...write.fields, _id, _creationTime } as Row);
      return;
    case "replace":
      tx.replace("", id, write.fields);
      model.set(id, { ...write.fields, _id, _creationTime } as Row);
      return;
    case "delete":
      tx.delete("", id);
      model.delete(id);
      return;
    default:
      write satisfies never;
  }
}

export type ModelQuery = {
  index: string;
  equal: JSONValue[];
  bound: { type: "Gt" | "Gte" | "Lt" | "Lte"; value: JSONValue } | null;
  order: "asc" | "desc";
  limit: number | null;
};

const anyBound = fc.option(
  fc.record({
    type: fc.constantFrom("Gt" as const, "Gte" as const, "Lt" as const, "Lte" as const),
    value: anyField,
  }),
);

export const anyQuery: fc.Arbitrary<ModelQuery> = fc
  .record({
    index: fc.constantFrom(...Object.keys(INDEX_FIELDS)),
    equal: fc.array(anyField, { maxLength: 2 }),
    bound: anyBound,
    order: fc.constantFrom("asc" as const, "desc" as const),
    limit: fc.option(fc.integer({ min: 0, max: 4 })),
  })
  .map((query) => {
    const fields = INDEX_FIELDS[query.index] as string[];
    const equal = query.equal.slice(0, fields.length);
    return { ...query, equal, bound: equal.length < fields.length ? query.bound : null };
  });

export function serialize({ index, equal, bound, order, limit }: ModelQuery): SerializedQuery {
  const fields = INDEX_FIELDS[index] as string[];
  const range: Range[number][] = equal.map((value, i) => ({
    type: "Eq",
    fieldPath: fields[i] as string,
    value,
  }));
  if (bound !== null) range.push({ ...bound, fieldPath: fields[equal.length] as string });
  const operators = limit === null ? [] : [{ limit }];
  return index === "by_creation_time"
    ? tableScan("items", { order, operators })
    : indexRange(`items.${index}`, range, { order, operators });
}

/** What a query must return. */
export function answer(
  model: ReadonlyMap<string, Row>,
  { index, equal, bound, order, limit }: ModelQuery,
): Row[] {
  const fields = INDEX_FIELDS[index] as string[];
  const valuesOf = (row: Row): MaybeJson[] => fields.map((field) => valueAt(row, field.split(".")));
  const rows = [...model.values()].filter((row) => {
    const values = valuesOf(row);
    if (equal.some((value, i) => encodeKey([value]) !== encodeKey([values[i]]))) return false;
    if (bound === null) return true;
    const [left, right] = [encodeKey([values[equal.length]]), encodeKey([bound.value])];
    return { Gt: left > right, Gte: left >= right, Lt: left < right, Lte: left <= right }[bound.type];
  });
  const keyOf = (row: Row): string => encodeKey([...valuesOf(row), row["_creationTime"], row["_id"]]);
  rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (order === "desc") rows.reverse();
  return rows.slice(0, limit ?? rows.length);
}
