/** Reads what `ctx.vectorSearch` asks for, and refuses it in Convex's words (`crates/vector/src`: `query.rs`, `qdrant_index.rs`). */
import type { JSONValue } from "convex/values";
import type { VectorIndex } from "../database/catalog.ts";
import { UserError } from "../functions/types.ts";
import { fromMaybeJson, isPlainObject, type JsonObject } from "../values/json.ts";
import type { VectorFilter } from "./filterColumns.ts";
import { filterValue, normalised } from "./vectorEntry.ts";
import type { VectorRequest } from "./vectorTable.ts";

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 256;
/** Values that all filters together name. */
const MAX_FILTER_VALUES = 64;
const MAX_UINT32 = 2 ** 32 - 1;

/** The table and the index that a query names. Throws a `UserError`. */
export function targetOf(query: JSONValue): { table: string; index: string } {
  const name = isPlainObject(query) ? query["indexName"] : undefined;
  const [table, index, ...rest] = typeof name === "string" ? name.split(".") : [];
  if (!table || !index || rest.length > 0) throw invalid("`indexName` must be a table and an index");
  return { table, index };
}

/** Throws a `UserError`. */
export function parseVectorQuery(index: VectorIndex, query: JSONValue): VectorRequest {
  const { vector, limit, expressions } = query as JsonObject;
  if (!Array.isArray(vector) || !vector.every((component) => typeof component === "number")) {
    throw invalid("`vector` must be an array of finite numbers");
  }
  const wanted = limit ?? DEFAULT_LIMIT;
  if (typeof wanted !== "number" || !Number.isInteger(wanted) || wanted < 0 || wanted > MAX_UINT32) {
    throw invalid(`\`limit\` must be an integer from 1 to ${MAX_LIMIT}`);
  }
  if (wanted > MAX_LIMIT) {
    throw new UserError(
      `Vector queries can fetch at most ${MAX_LIMIT} results, requested ${wanted}.`,
      "VectorLimitTooLargeError",
    );
  }
  const filters = parseFilters(index, expressions ?? null);
  if (vector.length !== index.dimensions) {
    throw new UserError(
      `Expected a vector with dimensions ${index.dimensions}, received ${vector.length}.`,
      "VectorDimensionsMismatch",
    );
  }
  const normal = normalised(vector);
  if (normal === null) throw invalid("`vector` has numbers that are too large for 32 bits");
  return { vector: normal, limit: wanted, filters };
}

function parseFilters(index: VectorIndex, expression: JSONValue): VectorFilter[] {
  const byField = new Map<string, Set<string>>();
  if (expression !== null) collectFilters(expression, byField);
  let count = 0;
  const filters: VectorFilter[] = [];
  for (const [name, values] of byField) {
    const field = index.filterFields.indexOf(name);
    if (field === -1) {
      throw new UserError(
        `Vector query against ${index.label} contains a filter on ${JSON.stringify(name)} but that field isn't indexed ` +
          "for filtering in `filterFields`.",
        "IncorrectVectorFilterField",
      );
    }
    count += values.size;
    filters.push({ field, values: [...values] });
  }
  if (count > MAX_FILTER_VALUES) {
    throw new UserError(
      `Vector query against ${index.label} has too many conditions. Max: ${MAX_FILTER_VALUES} Actual: ${count}`,
      "TooManyElementsInVectorQueryError",
    );
  }
  return filters;
}

/** `q.or` of filters on several fields takes what passes any of them, like one on the same field. */
function collectFilters(expression: JSONValue, byField: Map<string, Set<string>>): void {
  const operands = operandsOf(expression, "$or");
  if (operands !== null) {
    for (const operand of operands) collectFilters(operand, byField);
    return;
  }
  const sides = operandsOf(expression, "$eq");
  if (sides === null) throw invalidFilter("Filters should be a combination of `q.eq` and `q.or`.");
  const [left, right] = sides;
  const field = left === undefined ? undefined : operandOf(left, "$field");
  const literal = right === undefined ? undefined : operandOf(right, "$literal");
  if (typeof field !== "string" || literal === undefined) {
    throw invalidFilter("`q.eq` must take a field path as its first argument and a value as its second");
  }
  const value = filterValue(fromMaybeJson(literal));
  const values = byField.get(field);
  if (values === undefined) byField.set(field, new Set([value]));
  else values.add(value);
}

function operandsOf(expression: JSONValue, operator: string): JSONValue[] | null {
  const operands = operandOf(expression, operator);
  return Array.isArray(operands) ? operands : null;
}

function operandOf(expression: JSONValue, operator: string): JSONValue | undefined {
  return typeof expression === "object" && expression !== null && !Array.isArray(expression)
    ? expression[operator]
    : undefined;
}

function invalid(message: string): UserError {
  return new UserError(`Invalid vector query: ${message}`, "InvalidVectorQuery");
}

function invalidFilter(message: string): UserError {
  return new UserError(message, "InvalidVectorSearchFilter");
}
