/**
 * Values as byte strings whose order is the order of the values, after FoundationDB's tuple layer and with the
 * tags of Convex's own (`crates/value/src/sorting.rs`). No encoding is the beginning of another, so the key of
 * several values is their concatenation, and the keys that begin with certain values are one range that holds no
 * others. (Convex escapes zero bytes otherwise, so that there `""` is the beginning of `"\0"`.)
 *
 * A key is held as a "binary string", one character of 0 to 255 for each byte: such strings compare like bytes,
 * are cheap to compare and slice, and can be keys of a `Map`.
 */
import { integerOf, specialKey, type JsonObject, type MaybeJson } from "./json.ts";

export type IndexKey = string;

/** All keys `k` with `start <= k < end`. */
export type KeyRange = { readonly start: IndexKey; readonly end: IndexKey };

/** A bound above all keys: its one character is no byte. */
export const AFTER_ALL_KEYS: IndexKey = "\u0100";
export const ALL_KEYS: KeyRange = { start: "", end: AFTER_ALL_KEYS };
export const NO_KEYS: KeyRange = { start: "", end: "" };

const UNDEFINED = "\x01";
const NULL = "\x03";
/** The tag of zero; those of other integers lie as far from it as their size class, on the side of their sign. */
const ZERO_INT64 = 0x08;
const FLOAT64 = "\x0d";
const FALSE = "\x0e";
const TRUE = "\x0f";
const STRING = "\x10";
const BYTES = "\x11";
const ARRAY = "\x12";
const OBJECT = "\x15";
/** Ends texts, bytes, arrays and objects. */
const TERMINATOR = "\x00";
/** Within texts and bytes, zero and one are written as two bytes each, so that a zero always is the end. */
const ESCAPED_ZERO = "\x01\x01";
const ESCAPED_ONE = "\x01\x02";
/** Begins each field of an object. */
const FIELD = "\x01";

const scratch = Buffer.alloc(8);

const ESCAPABLE = /[\x00\x01]/g;
/** Needs neither escaping nor UTF-8. */
const PLAIN_TEXT = /^[\x02-\x7f]*$/;

export function encodeKey(values: readonly MaybeJson[]): IndexKey {
  let key = "";
  for (const value of values) key += encodeValue(value);
  return key;
}

export function encodeValue(value: MaybeJson): IndexKey {
  switch (typeof value) {
    case "string":
      return STRING + encodeText(value) + TERMINATOR;
    case "number":
      return encodeFloat(value);
    case "boolean":
      return value ? TRUE : FALSE;
    case "undefined":
      return UNDEFINED;
    default:
      break;
  }
  if (value === null) return NULL;
  if (Array.isArray(value)) return ARRAY + encodeKey(value) + TERMINATOR;
  switch (specialKey(value)) {
    case "$integer":
    case "$commitTs":
      return encodeInteger(value);
    case "$float":
      scratch.write((value as { $float: string }).$float, "base64");
      return encodeFloat(scratch.readDoubleLE(0));
    case "$bytes":
      return (
        BYTES +
        escape(Buffer.from((value as { $bytes: string }).$bytes, "base64").toString("latin1")) +
        TERMINATOR
      );
    default:
      return encodeObject(value);
  }
}

/** The least key above all that begin with `prefix`. */
export function prefixSuccessor(prefix: IndexKey): IndexKey {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const byte = prefix.charCodeAt(i);
    if (byte !== 0xff) return prefix.slice(0, i) + String.fromCharCode(byte + 1);
  }
  return AFTER_ALL_KEYS;
}

/** All keys that begin with `prefix`. */
export function prefixRange(prefix: IndexKey): KeyRange {
  return { start: prefix, end: prefixSuccessor(prefix) };
}

/** The least key above `key`. */
export function keySuccessor(key: IndexKey): IndexKey {
  return key + "\x00";
}

export function isEmptyRange(range: KeyRange): boolean {
  return range.start >= range.end;
}

function encodeInteger(value: JsonObject): IndexKey {
  const integer = integerOf(value);
  scratch.writeBigInt64BE(integer);
  if (integer === 0n) return String.fromCharCode(ZERO_INT64);
  const sizeClass =
    BigInt.asIntN(8, integer) === integer
      ? 1
      : BigInt.asIntN(16, integer) === integer
        ? 2
        : BigInt.asIntN(32, integer) === integer
          ? 3
          : 4;
  const tag = integer < 0n ? ZERO_INT64 - sizeClass : ZERO_INT64 + sizeClass;
  return String.fromCharCode(tag) + scratch.toString("latin1", 8 - (1 << (sizeClass - 1)), 8);
}

/** Negative numbers have all their bits flipped, others their sign bit: then bytes compare as the numbers do. */
function encodeFloat(value: number): IndexKey {
  scratch.writeDoubleBE(value);
  if ((scratch[0] as number) & 0x80) {
    for (let i = 0; i < 8; i++) scratch[i] = ~(scratch[i] as number);
  } else {
    scratch[0] = (scratch[0] as number) | 0x80;
  }
  return FLOAT64 + scratch.toString("latin1", 0, 8);
}

function encodeText(text: string): IndexKey {
  if (PLAIN_TEXT.test(text)) return text;
  return escape(Buffer.from(text, "utf8").toString("latin1"));
}

function escape(bytes: IndexKey): IndexKey {
  return bytes.replace(ESCAPABLE, (byte) => (byte === "\x00" ? ESCAPED_ZERO : ESCAPED_ONE));
}

function encodeObject(value: JsonObject): IndexKey {
  let key = OBJECT;
  for (const field of Object.keys(value).sort()) {
    key += FIELD + encodeText(field) + TERMINATOR + encodeValue(value[field]);
  }
  return key + TERMINATOR;
}
