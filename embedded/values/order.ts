/**
 * Convex's total order over values: undefined < null < bigint < number < boolean < string < bytes < array <
 * object. It is written out here for filters, and once more as bytes in `indexKey.ts`; a property test holds
 * the two together.
 */
import type { JSONValue } from "convex/values";
import {
  bytesOf,
  floatOf,
  integerOf,
  kindOf,
  type JsonObject,
  type MaybeJson,
  type ValueKind,
} from "./json.ts";

const RANK: Record<ValueKind, number> = {
  null: 1,
  int64: 2,
  float64: 3,
  boolean: 4,
  string: 5,
  bytes: 6,
  array: 7,
  object: 8,
};

/** Negative, zero or positive, as `Array.prototype.sort` wants it. */
export function compareValues(a: MaybeJson, b: MaybeJson): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const kind = kindOf(a);
  const difference = RANK[kind] - RANK[kindOf(b)];
  if (difference !== 0) return difference;
  switch (kind) {
    case "null":
      return 0;
    case "int64":
      return comparePrimitives(integerOf(a), integerOf(b));
    case "float64":
      return compareFloats(floatOf(a), floatOf(b));
    case "boolean":
      return Number(a) - Number(b);
    case "string":
      return compareStrings(a as string, b as string);
    case "bytes":
      return Buffer.compare(bytesOf(a), bytesOf(b));
    case "array":
      return compareArrays(a as JSONValue[], b as JSONValue[]);
    case "object":
      return compareObjects(a as JsonObject, b as JsonObject);
    default:
      return kind satisfies never;
  }
}

/** By code point, which is the order of UTF-8 bytes; JavaScript's `<` puts surrogate pairs before U+E000. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) {
      const leftSurrogate = left >= 0xd800 && left <= 0xdfff;
      const rightSurrogate = right >= 0xd800 && right <= 0xdfff;
      if (leftSurrogate !== rightSurrogate) {
        // A surrogate stands for a code point above all that fit in one unit.
        return leftSurrogate ? 1 : -1;
      }
      return left - right;
    }
  }
  return a.length - b.length;
}

/** IEEE 754's total order: -NaN < -Infinity < … < -0 < 0 < … < Infinity < NaN. */
function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return comparePrimitives(floatBits(a), floatBits(b));
}

const floatScratch = Buffer.alloc(8);

/** The bits of a double, mapped so that integers compare as the doubles do. */
function floatBits(value: number): bigint {
  floatScratch.writeDoubleBE(value);
  const bits = floatScratch.readBigUInt64BE(0);
  return bits >> 63n === 1n ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n);
}

function compareArrays(a: JSONValue[], b: JSONValue[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = compareValues(a[i], b[i]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** As sequences of (field, value) in the order of their field names. */
function compareObjects(a: JsonObject, b: JsonObject): number {
  const left = Object.keys(a).sort();
  const right = Object.keys(b).sort();
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const leftKey = left[i] as string;
    const rightKey = right[i] as string;
    const difference = comparePrimitives(leftKey, rightKey) || compareValues(a[leftKey], b[rightKey]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function comparePrimitives<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
