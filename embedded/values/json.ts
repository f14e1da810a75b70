/**
 * Convex values in their JSON encoding (`convexToJson`), which is how they are stored, compared and sent here:
 * a document is never turned into JavaScript values and back. Numbers that JSON cannot hold, 64-bit integers and
 * bytes are objects with a single field whose name begins with `$`.
 */
import type { JSONValue } from "convex/values";

export type JsonObject = { [field: string]: JSONValue };

export type ValueKind = "null" | "int64" | "float64" | "boolean" | "string" | "bytes" | "array" | "object";

/** `undefined` stands for a missing field: it can be asked for, but not stored. */
export type MaybeJson = JSONValue | undefined;

/** What Convex calls the kind in its messages. */
export function kindName(value: MaybeJson): string {
  if (value === undefined) return "undefined";
  const names = {
    null: "Null",
    int64: "Int64",
    float64: "Float64",
    boolean: "Boolean",
    string: "String",
    bytes: "Bytes",
    array: "Array",
    object: "Object",
  } as const;
  return names[kindOf(value)];
}

export function kindOf(value: JSONValue): ValueKind {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "float64";
    case "boolean":
      return "boolean";
    default:
      break;
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  switch (specialKey(value)) {
    case "$integer":
    case "$commitTs":
      return "int64";
    case "$float":
      return "float64";
    case "$bytes":
      return "bytes";
    default:
      return "object";
  }
}

/** The field name of an encoded special value, or `null` for an ordinary object. */
export function specialKey(value: JsonObject): string | null {
  // Names of ordinary fields never begin with `$`, so the first one decides.
  for (const key in value) return key.charCodeAt(0) === 0x24 ? key : null;
  return null;
}

export function isPlainObject(value: MaybeJson): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && specialKey(value) === null;
}

/** Arguments of syscalls write a missing value as `{ $undefined: null }`. */
export function fromMaybeJson(value: JSONValue): MaybeJson {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "$undefined" in value
    ? undefined
    : value;
}

export function bytesOf(value: JSONValue): Buffer {
  return Buffer.from((value as { $bytes: string }).$bytes, "base64");
}

/** A commit's timestamp that is not known yet (`commitTs.ts`) counts as the greatest integer. */
const MAX_INT64 = 2n ** 63n - 1n;

export function integerOf(value: JSONValue): bigint {
  if ("$commitTs" in (value as JsonObject)) return MAX_INT64;
  return Buffer.from((value as { $integer: string }).$integer, "base64").readBigInt64LE(0);
}

export function floatOf(value: JSONValue): number {
  if (typeof value === "number") return value;
  return Buffer.from((value as { $float: string }).$float, "base64").readDoubleLE(0);
}

export function integerToJson(value: bigint): JSONValue {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(value);
  return { $integer: buffer.toString("base64") };
}

export function floatToJson(value: number): JSONValue {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return { $float: buffer.toString("base64") };
}

/** The value at a path like `["author", "name"]`; `undefined` where anything on the way is missing. */
export function valueAt(value: MaybeJson, path: readonly string[]): MaybeJson {
  let current: MaybeJson = value;
  for (const field of path) {
    if (!isPlainObject(current) || !Object.hasOwn(current, field)) return undefined;
    current = current[field];
  }
  return current;
}
