/** From `q.eq(…).gt(…)` to a range of keys, with Convex's messages for what an index cannot answer. */
import { UserError } from "../functions/types.ts";
import { displayValue } from "../values/display.ts";
import { encodeKey, prefixRange, prefixSuccessor, type KeyRange } from "../values/indexKey.ts";
import { fromMaybeJson, type MaybeJson } from "../values/json.ts";
import type { DatabaseIndex } from "./catalog.ts";
import type { SerializedQuery } from "./types.ts";

export type RangeExpression = Extract<SerializedQuery["source"], { type: "IndexRange" }>["range"][number];

type Bound = { value: MaybeJson; inclusive: boolean };
type Inequality = { field: string; lower?: Bound; upper?: Bound };

/** Throws a `UserError` unless the fields are those of the index, in order, with one inequality at most, the last. */
export function compileRange(index: DatabaseIndex, expressions: readonly RangeExpression[]): KeyRange {
  const equalities = new Map<string, MaybeJson>();
  let inequality: Inequality | null = null;
  for (const expression of expressions) {
    if (expression.type === "Eq") addEquality(equalities, expression);
    else inequality = addInequality(index, inequality, expression);
  }
  if (inequality !== null && equalities.has(inequality.field)) {
    throw alreadyDefined("inequality", inequality.field, "==", equalities.get(inequality.field));
  }
  for (const field of [...equalities.keys(), ...(inequality === null ? [] : [inequality.field])]) {
    if (!index.fields.includes(field)) {
      throw new UserError(
        `The index range included a comparison with "${field}", but ${index.label} with fields ` +
          `${fieldList(index.fields)} doesn't index this field. For more information see ` +
          "https://docs.convex.dev/using/indexes.",
        "FieldNotInIndex",
      );
    }
  }
  return toKeyRange(index, equalities, inequality);
}

function toKeyRange(
  index: DatabaseIndex,
  equalities: ReadonlyMap<string, MaybeJson>,
  inequality: Inequality | null,
): KeyRange {
  const equalFields = [...equalities.keys()].sort(
    (a, b) => index.fields.indexOf(a) - index.fields.indexOf(b),
  );
  const used = inequality === null ? equalFields : [...equalFields, inequality.field];
  const wrong = used.findIndex((field, position) => field !== index.fields[position]);
  if (wrong !== -1) {
    throw new UserError(
      `Tried to query index ${index.label} but the query didn't use the index fields in order.\n` +
        `Index fields: ${fieldList(index.fields)}\nQuery fields: ${fieldList(used)}\n` +
        `First incorrect field: ${used[wrong] as string}\n` +
        "For more information see https://docs.convex.dev/using/indexes.",
      "InvalidIndexRange",
    );
  }
  const prefix = equalFields.map((field) => equalities.get(field));
  let { start, end } = prefixRange(encodeKey(prefix));
  if (inequality?.lower !== undefined) {
    const key = encodeKey([...prefix, inequality.lower.value]);
    start = inequality.lower.inclusive ? key : prefixSuccessor(key);
  }
  if (inequality?.upper !== undefined) {
    const key = encodeKey([...prefix, inequality.upper.value]);
    end = inequality.upper.inclusive ? prefixSuccessor(key) : key;
  }
  return { start, end };
}

function addEquality(equalities: Map<string, MaybeJson>, { fieldPath, value }: RangeExpression): void {
  if (equalities.has(fieldPath)) throw alreadyDefined("equality", fieldPath, "==", equalities.get(fieldPath));
  equalities.set(fieldPath, fromMaybeJson(value));
}

function addInequality(
  index: DatabaseIndex,
  current: Inequality | null,
  { type, fieldPath, value }: RangeExpression,
): Inequality {
  const side = type === "Lt" || type === "Lte" ? "upper" : "lower";
  const bound = { value: fromMaybeJson(value), inclusive: type === "Gte" || type === "Lte" };
  if (current?.[side] !== undefined) {
    const comparator = (side === "upper" ? "<" : ">") + (bound.inclusive ? "=" : "");
    throw alreadyDefined(side, fieldPath, comparator, bound.value);
  }
  if (current !== null && current.field !== fieldPath) {
    throw new UserError(
      "Upper and lower bounds in `range` can only be applied to a single index field. This query against index " +
        `${index.label} attempted to set a range bound on both "${current.field}" and "${fieldPath}". Consider ` +
        "using `filter` instead. See https://docs.convex.dev/using/indexes for more info.",
      "BoundsOnMultipleFields",
    );
  }
  return { ...current, field: fieldPath, [side]: bound };
}

function alreadyDefined(bound: string, field: string, comparator: string, value: MaybeJson): UserError {
  return new UserError(
    `Already defined ${bound} bound in index range. Can't add "${field}" ${comparator} ${displayValue(value)}.`,
    "AlreadyDefinedBound",
  );
}

function fieldList(fields: readonly string[]): string {
  return `[${fields.join(", ")}]`;
}
