/** Filter expressions of `.filter(…)`, evaluated as Convex evaluates them (`crates/common/src/query.rs`). */
import type { JSONValue } from "convex/values";
import { UserError } from "../functions/types.ts";
import { displayValue } from "../values/display.ts";
import {
  floatOf,
  floatToJson,
  fromMaybeJson,
  integerOf,
  integerToJson,
  kindName,
  kindOf,
  valueAt,
  type JsonObject,
  type MaybeJson,
} from "../values/json.ts";
import { compareValues } from "../values/order.ts";

export type Expression = (document: JsonObject) => MaybeJson;

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

const COMPARISONS: Record<string, (order: number) => boolean> = {
  $eq: (order) => order === 0,
  $neq: (order) => order !== 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
};

type Arithmetic = {
  verb: string;
  integers: (a: bigint, b: bigint) => bigint;
  floats: (a: number, b: number) => number;
};

const ARITHMETIC: Record<string, Arithmetic> = {
  $add: { verb: "add", integers: (a, b) => a + b, floats: (a, b) => a + b },
  $sub: { verb: "subtract", integers: (a, b) => a - b, floats: (a, b) => a - b },
  $mul: { verb: "multiply", integers: (a, b) => a * b, floats: (a, b) => a * b },
  $div: { verb: "divide", integers: (a, b) => a / b, floats: (a, b) => a / b },
  $mod: { verb: "mod", integers: (a, b) => a % b, floats: (a, b) => a % b },
};

/** Throws a `UserError` for an expression that is none. */
export function compileExpression(json: JSONValue): Expression {
  const entries =
    typeof json === "object" && json !== null && !Array.isArray(json) ? Object.entries(json) : [];
  const [entry] = entries;
  if (entries.length !== 1 || entry === undefined) throw invalidExpression();
  const [operator, operand] = entry;

  if (operator === "$field") {
    if (typeof operand !== "string") throw invalidExpression();
    const path = operand.split(".");
    return (document) => valueAt(document, path);
  }
  if (operator === "$literal") {
    const literal = fromMaybeJson(operand);
    return () => literal;
  }
  const comparison = COMPARISONS[operator];
  if (comparison !== undefined) {
    const [left, right] = compileOperands(operand, 2) as [Expression, Expression];
    return (document) => comparison(compareValues(left(document), right(document)));
  }
  const arithmetic = ARITHMETIC[operator];
  if (arithmetic !== undefined) {
    const [left, right] = compileOperands(operand, 2) as [Expression, Expression];
    return (document) => calculate(arithmetic, left(document), right(document));
  }
  switch (operator) {
    case "$neg": {
      const inner = compileExpression(operand);
      return (document) => negate(inner(document));
    }
    case "$not": {
      const inner = compileExpression(operand);
      return (document) => !toBoolean(inner(document));
    }
    case "$and": {
      const operands = compileOperands(operand);
      return (document) => operands.every((inner) => toBoolean(inner(document)));
    }
    case "$or": {
      const operands = compileOperands(operand);
      return (document) => operands.some((inner) => toBoolean(inner(document)));
    }
    default:
      throw invalidExpression();
  }
}

/** Throws a `UserError` for anything but a boolean: nothing is "truthy" in a filter. */
export function toBoolean(value: MaybeJson): boolean {
  if (typeof value === "boolean") return value;
  throw evalError(`Cannot use value ${displayValue(value)} (type ${kindName(value)}) as a Boolean`);
}

function compileOperands(operands: JSONValue, count?: number): Expression[] {
  if (!Array.isArray(operands) || (count !== undefined && operands.length !== count))
    throw invalidExpression();
  return operands.map(compileExpression);
}

function calculate(operation: Arithmetic, left: MaybeJson, right: MaybeJson): MaybeJson {
  const { verb } = operation;
  if (left !== undefined && right !== undefined) {
    const kinds = [kindOf(left), kindOf(right)];
    if (kinds.every((kind) => kind === "float64")) {
      return floatToJson(operation.floats(floatOf(left), floatOf(right)));
    }
    if (kinds.every((kind) => kind === "int64")) {
      const [a, b] = [integerOf(left), integerOf(right)];
      if (b === 0n && (verb === "divide" || verb === "mod")) throw evalError(`Cannot ${verb} ${a} by zero`);
      return checkedInteger(operation.integers(a, b), `Cannot ${verb} ${a} and ${b}`);
    }
  }
  throw evalError(
    `Cannot ${verb} ${displayValue(left)} (type ${kindName(left)}) and ${displayValue(right)} (type ${kindName(right)})`,
  );
}

function negate(value: MaybeJson): MaybeJson {
  if (value !== undefined) {
    const kind = kindOf(value);
    if (kind === "float64") return floatToJson(-floatOf(value));
    if (kind === "int64") return checkedInteger(-integerOf(value), `Cannot negate ${integerOf(value)}`);
  }
  throw evalError(`Cannot negate ${displayValue(value)} (type ${kindName(value)})`);
}

function checkedInteger(value: bigint, attempt: string): JSONValue {
  if (value < MIN_INT64 || value > MAX_INT64)
    throw evalError(`${attempt}: the result is out of range for Int64`);
  return integerToJson(value);
}

function evalError(message: string): UserError {
  return new UserError(message, "EvalError");
}

function invalidExpression(): UserError {
  return new UserError(
    "Invalid argument `query` for `queryStream`: the filter is not an expression",
    "InvalidArgument",
  );
}
