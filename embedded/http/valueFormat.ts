import { jsonToConvex } from "convex/values";
import type { JSONValue, Value } from "convex/values";
import { HttpError } from "./respond.ts";

/**
 * How values are written in a response: `encoded` can be turned back into the same value (the official clients ask
 * for it), `clean` is easier to read and loses types: an `Int64` becomes its digits, bytes become base64.
 */
export type ValueFormat = "encoded" | "clean";

export function parseFormat(format: JSONValue | undefined): ValueFormat {
  switch (format) {
    case "convex_encoded_json":
    case "convex_json":
      return "encoded";
    case undefined:
    case null:
    case "json":
    case "convex_clean_json":
      return "clean";
    default:
      throw new HttpError(
        400,
        "BadFormat",
        `format param must be one of [\`json\`]. Got ${JSON.stringify(format)}`,
      );
  }
}

/** `value` is in Convex's JSON encoding. */
export function formatValue(value: JSONValue, format: ValueFormat): JSONValue {
  return format === "encoded" ? value : clean(jsonToConvex(value));
}

function clean(value: Value): JSONValue {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, clean(field as Value)]));
}
