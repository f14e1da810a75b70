/** Values and validators as Convex writes them in its messages (`impl Display` in `crates/value`). */
import type { JSONValue } from "convex/values";
import { floatOf, integerOf, kindOf, type JsonObject, type MaybeJson } from "./json.ts";
import type { ObjectFieldJson, ValidatorJson } from "./validatorJson.ts";

export function displayValue(value: MaybeJson): string {
  if (value === undefined) return "undefined";
  const kind = kindOf(value);
  switch (kind) {
    case "null":
      return "null";
    case "int64":
      return integerOf(value).toString();
    case "float64":
      return displayFloat(floatOf(value));
    case "boolean":
      return value === true ? "true" : "false";
    case "string":
      return quote(value as string);
    case "bytes":
      return `b"${(value as { $bytes: string }).$bytes}"`;
    case "array":
      return `[${(value as JSONValue[]).map(displayValue).join(", ")}]`;
    case "object": {
      const object = value as JsonObject;
      const fields = Object.keys(object).sort();
      return `{${fields.map((field) => `${field}: ${displayValue(object[field])}`).join(", ")}}`;
    }
    default:
      return kind satisfies never;
  }
}

export function displayValidator(validator: ValidatorJson): string {
  switch (validator.type) {
    case "id":
      return `v.id("${validator.tableName}")`;
    case "number":
      return "v.float64()";
    case "bigint":
      return "v.int64()";
    case "null":
    case "boolean":
    case "string":
    case "bytes":
    case "any":
    case "commitTs":
      return `v.${validator.type}()`;
    case "literal":
      return `v.literal(${displayLiteral(validator.value)})`;
    case "array":
      return `v.array(${displayValidator(validator.value)})`;
    case "record":
      return `v.record(${displayValidator(validator.keys)}, ${displayValidator(validator.values.fieldType)})`;
    case "object":
      return displayObjectValidator(validator.value);
    case "union":
      return `v.union(${validator.value.map(displayValidator).join(", ")})`;
    default:
      return validator satisfies never;
  }
}

export function displayObjectValidator(fields: Record<string, ObjectFieldJson>): string {
  const shown = Object.keys(fields)
    .sort()
    .map((name) => {
      const { fieldType, optional } = fields[name] as ObjectFieldJson;
      const type = displayValidator(fieldType);
      return `${name}: ${optional ? `v.optional(${type})` : type}`;
    });
  return `v.object({${shown.join(", ")}})`;
}

/** A literal in a validator: 64-bit integers and numbers without a JSON form are only named by kind. */
export function displayLiteral(value: JSONValue): string {
  const kind = kindOf(value);
  if (kind === "int64") return "<bigint>";
  if (kind !== "float64") return JSON.stringify(value);
  return typeof value === "number" ? displayFloat(value) : "<number>";
}

/** As Rust's `{:?}`: always with a point or an exponent, the latter below 1e-5 and from 1e16 on. */
function displayFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const magnitude = Math.abs(value);
  if (magnitude < 1e-5 || magnitude >= 1e16) return value.toExponential().replace("e+", "e");
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** As Rust's `{:?}` of a string. */
function quote(text: string): string {
  const escaped = text.replace(/["\\\p{Cc}]/gu, (character) => {
    switch (character) {
      case '"':
      case "\\":
        return `\\${character}`;
      case "\n":
        return "\\n";
      case "\r":
        return "\\r";
      case "\t":
        return "\\t";
      case "\0":
        return "\\0";
      default:
        return `\\u{${character.charCodeAt(0).toString(16)}}`;
    }
  });
  return `"${escaped}"`;
}

/** Bytes as "1.25 MiB", with no more decimals than needed. */
export function formatBinary(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toFixed(2))} ${units[unit] as string}`;
}
