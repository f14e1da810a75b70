import { ConvexError, jsonToConvex } from "convex/values";
import type { JSONValue, Value } from "convex/values";
import type { FunctionResult } from "../functions/types.ts";

/** The value of a function, or its failure as an error like those that clients throw. */
export function unwrap(result: FunctionResult): Value {
  if (result.ok) return jsonToConvex(result.value);
  const { message, data } = result.error;
  if (data === undefined) throw new Error(message.trimEnd());
  const error = new ConvexError(jsonToConvex(data));
  error.message = message.trimEnd();
  throw error;
}

/** A `ConvexError` leaves `convex/server` with its data as JSON text. */
export function restoreErrorData(error: unknown): unknown {
  if (error instanceof ConvexError && typeof error.data === "string") {
    (error as ConvexError<Value>).data = jsonToConvex(JSON.parse(error.data) as JSONValue);
  }
  return error;
}
