/**
 * Runs a query as `convex/server` describes it: a source of rows (a range of an index, or a search) and the
 * operators behind it. Rows are pulled one by one, and nothing is read that nobody asked for.
 */
import type { JSONValue } from "convex/values";
import { UserError } from "../functions/types.ts";
import type { ScannedRow } from "../storage/types.ts";
import type { IndexKey, KeyRange } from "../values/indexKey.ts";
import type { JsonObject } from "../values/json.ts";
import { compileExpression, toBoolean, type Expression } from "./expressions.ts";
import type { QueryCursor, SerializedQuery } from "./types.ts";

/** Where rows come from. `next` counts what it gives as read. */
export interface RowSource {
  next(): ScannedRow | null;
}

type Operator = { kind: "filter"; matches: Expression } | { kind: "limit"; left: number };

/** How many rows the source will be asked for at most, if the query says so. */
export function expectedRows(query: SerializedQuery, wanted?: number): number | undefined {
  let expected = wanted;
  for (const operator of query.operators) {
    if ("filter" in operator) return undefined;
    expected = Math.min(expected ?? operator.limit, operator.limit);
  }
  return expected === undefined ? undefined : Math.max(1, expected);
}

export class QueryStream implements QueryCursor {
  readonly #source: RowSource;
  readonly #operators: Operator[];

  constructor(source: RowSource, operators: SerializedQuery["operators"]) {
    this.#source = source;
    this.#operators = operators.map(compileOperator);
  }

  next(): string | null {
    return this.nextRow()?.document.text ?? null;
  }

  nextRow(): ScannedRow | null {
    return this.#pull(this.#operators.length - 1);
  }

  /** The next row behind the operator at `position`; behind none, the source's own. */
  #pull(position: number): ScannedRow | null {
    const operator = this.#operators[position];
    if (operator === undefined) return this.#source.next();
    switch (operator.kind) {
      case "limit": {
        if (operator.left === 0) return null;
        const row = this.#pull(position - 1);
        if (row !== null) operator.left--;
        return row;
      }
      case "filter": {
        for (;;) {
          const row = this.#pull(position - 1);
          if (row === null || toBoolean(operator.matches(JSON.parse(row.document.text) as JsonObject)))
            return row;
        }
      }
      default:
        return operator satisfies never;
    }
  }
}

function compileOperator(operator: { filter: JSONValue } | { limit: number }): Operator {
  if ("filter" in operator) return { kind: "filter", matches: compileExpression(operator.filter) };
  const { limit } = operator;
  if (!Number.isInteger(limit) || limit < 0) {
    throw new UserError(
      "Invalid argument `query` for `queryStream`: a limit must be a non-negative integer",
      "InvalidArgument",
    );
  }
  return { kind: "limit", left: limit };
}

/** Behind the row with that key, or behind the last row there is. */
export type CursorPosition = { kind: "after"; key: IndexKey } | { kind: "end" };

/** A source whose position can be kept in a cursor. */
export type PagedSource = RowSource & {
  /** `null` before the first row. */
  readonly position: CursorPosition | null;
  readonly rowsRead: number;
  readonly bytesRead: number;
};

/** `table.index` of a query, taken apart. Throws a `UserError` if it is not of that form. */
export function parseIndexName(label: string): { table: string; index: string } {
  const parts = label.split(".");
  const [table, index] = parts;
  if (table === undefined || index === undefined) {
    throw new UserError(`Insufficient components in index name ${label}`, "IndexNotEnoughNameComponents");
  }
  if (parts.length > 2) {
    throw new UserError(`Too many components in index name ${label}`, "IndexTooManyNameComponents");
  }
  return { table, index };
}

/** The parts of a range before and after a position, in the order of the query. */
export function splitRange(
  range: KeyRange,
  position: IndexKey,
  order: "asc" | "desc",
): { before: KeyRange; after: KeyRange } {
  const successor = position + "\x00";
  const { start, end } = range;
  return order === "asc"
    ? { before: { start, end: min(successor, end) }, after: { start: max(successor, start), end } }
    : { before: { start: max(position, start), end }, after: { start, end: min(position, end) } };
}

function min(a: IndexKey, b: IndexKey): IndexKey {
  return a < b ? a : b;
}

function max(a: IndexKey, b: IndexKey): IndexKey {
  return a > b ? a : b;
}
