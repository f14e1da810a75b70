/**
 * Values as Convex writes them in exports (`export_clean_lossless` of convex-backend's `crates/value/src/export.rs`): JSON in
 * which a number with neither dot nor exponent is an `Int64`, and any other a `Float64`. Only what JSON cannot hold (bytes, NaN, infinities)
 * has the usual `$` encoding.
 */
import { convexToJson, jsonToConvex } from "convex/values";
import type { JSONValue, Value } from "convex/values";

/** A string, skipped as it is, or a number. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?\d+$/;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** `value` is in Convex's JSON encoding, in which documents are stored. */
export function encodeUniform(value: JSONValue): string {
  if (typeof value === "number") return encodeFloat(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(encodeUniform).join(",")}]`;
  const entries = Object.entries<JSONValue>(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0].startsWith("$") === true) return encodeSpecial(value);
  return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${encodeUniform(field)}`).join(",")}}`;
}

/** Reads what `encodeUniform` or a Convex wrote, into Convex's JSON encoding. Throws a `SyntaxError` for what is no JSON. */
export function decodeUniform(text: string): JSONValue {
  return JSON.parse(
    text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') ? token : decodeNumber(token))),
  ) as JSONValue;
}

function encodeFloat(number: number): string {
  if (Object.is(number, -0)) return "-0.0";
  const text = String(number);
  return INTEGER.test(text) ? `${text}.0` : text;
}

function encodeSpecial(value: JSONValue): string {
  const special: Value = jsonToConvex(value);
  if (typeof special === "bigint") return special.toString();
  if (typeof special === "number" && Number.isFinite(special)) return encodeFloat(special);
  return JSON.stringify(value);
}

function decodeNumber(token: string): string {
  if (INTEGER.test(token) && token !== "-0") {
    const integer = BigInt(token);
    if (integer >= MIN_INT64 && integer <= MAX_INT64) return JSON.stringify(convexToJson(integer));
  }
  const number = Number(token);
  return Object.is(number, -0) ? JSON.stringify(convexToJson(number)) : token;
}
