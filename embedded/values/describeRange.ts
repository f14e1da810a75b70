/** Ranges of an index as people read them: `owner = "ann", time > 5`. */
import { AFTER_ALL_KEYS, keySuccessor, prefixSuccessor, type IndexKey, type KeyRange } from "./indexKey.ts";

/** Characters of one value that are shown. */
const MAX_SHOWN = 40;

/** A value at the beginning of a key: how it reads, and where the next one begins. */
type Decoded = { text: string; end: number };

/**
 * Says which values `range` holds of an index of these `fields`. `shape` is the same without the values, equal for the
 * same query with other arguments. All of the index is `everything`.
 */
export function describeRange(range: KeyRange, fields: readonly string[]): { text: string; shape: string } {
  const { start, end } = range;
  const starts = decodeAll(start);
  let equal = starts.length;
  while (equal > 0 && !isBelow(end, start.slice(0, starts[equal - 1]?.end))) equal--;
  const parts = starts.slice(0, equal).map(({ text }, i) => ({ field: fields[i], operator: "=", text }));
  const prefix = start.slice(0, starts[equal - 1]?.end ?? 0);
  const field = fields[equal];
  const lower =
    start.length > prefix.length ? decodeBound(start, prefix.length, { at: "≥", above: ">" }) : null;
  if (lower !== null) parts.push({ field, ...lower });
  const isBounded = end !== prefixSuccessor(prefix) && end !== keySuccessor(prefix);
  const upper = isBounded ? decodeBound(end, prefix.length, { at: "<", above: "≤" }) : null;
  if (upper !== null) parts.push({ field, ...upper });
  if (parts.length === 0) return { text: "everything", shape: "everything" };
  return {
    text: parts.map((part) => `${part.field ?? "?"} ${part.operator} ${part.text}`).join(", "),
    shape: parts.map((part) => `${part.field ?? "?"} ${part.operator} …`).join(", "),
  };
}

/** The id of the document that a key of an index belongs to: every index ends with it. */
export function idOfKey(key: IndexKey): string {
  return key.slice(key.lastIndexOf("\x10") + 1, -1);
}

/** Do all keys below `end`, from `prefix` on, begin with `prefix`? */
function isBelow(end: IndexKey, prefix: IndexKey): boolean {
  return end <= prefixSuccessor(prefix);
}

/**
 * A bound of the value at `from`. It lies at a value, or just above all keys that begin with one: then its last byte is one more
 * than theirs. Of numbers, where both can be, the one with the shorter text is meant.
 */
function decodeBound(
  key: IndexKey,
  from: number,
  operators: { at: string; above: string },
): { operator: string; text: string } | null {
  if (key === AFTER_ALL_KEYS) return null;
  const last = key.charCodeAt(key.length - 1);
  const below = last === 0 ? null : decodeValue(key.slice(0, -1) + String.fromCharCode(last - 1), from);
  const exact = decodeValue(key, from);
  if (exact !== null && exact.end < key.length) {
    // Of further values only this one is told, and it is part of the range on either side.
    return { operator: operators.at === "<" ? "≤" : "≥", text: exact.text };
  }
  if (below !== null && (exact === null || below.text.length < exact.text.length))
    return { operator: operators.above, text: below.text };
  return exact === null ? null : { operator: operators.at, text: exact.text };
}

/** The values that a key begins with, up to the first that is not whole. */
function decodeAll(key: IndexKey): Decoded[] {
  const values: Decoded[] = [];
  for (let at = 0; at < key.length;) {
    const value = decodeValue(key, at);
    if (value === null) break;
    values.push(value);
    at = value.end;
  }
  return values;
}

/** The tags are those of `indexKey.ts`. */
function decodeValue(key: IndexKey, at: number): Decoded | null {
  const tag = key.charCodeAt(at);
  switch (tag) {
    case 0x01:
      return { text: "undefined", end: at + 1 };
    case 0x03:
      return { text: "null", end: at + 1 };
    case 0x0d:
      return at + 9 > key.length
        ? null
        : { text: String(decodeFloat(key.slice(at + 1, at + 9))), end: at + 9 };
    case 0x0e:
      return { text: "false", end: at + 1 };
    case 0x0f:
      return { text: "true", end: at + 1 };
    case 0x10:
    case 0x11: {
      const end = key.indexOf("\x00", at);
      if (end === -1) return null;
      const bytes = key
        .slice(at + 1, end)
        .replace(/\x01[\x01\x02]/g, (pair) => (pair === "\x01\x01" ? "\x00" : "\x01"));
      return { text: shown(Buffer.from(bytes, "latin1").toString("utf8")), end: end + 1 };
    }
    default:
      return tag >= 0x04 && tag <= 0x0c ? decodeInteger(key, at) : null;
  }
}

function decodeFloat(bytes: string): number {
  const buffer = Buffer.from(bytes, "latin1");
  const first = buffer[0] as number;
  if (first & 0x80) buffer[0] = first & 0x7f;
  else for (let i = 0; i < 8; i++) buffer[i] = ~(buffer[i] as number);
  return buffer.readDoubleBE(0);
}

function decodeInteger(key: IndexKey, at: number): Decoded | null {
  const sizeClass = key.charCodeAt(at) - 0x08;
  if (sizeClass === 0) return { text: "0n", end: at + 1 };
  const length = 1 << (Math.abs(sizeClass) - 1);
  if (at + 1 + length > key.length) return null;
  const hex = Buffer.from(key.slice(at + 1, at + 1 + length), "latin1").toString("hex");
  return { text: `${BigInt.asIntN(length * 8, BigInt(`0x${hex}`))}n`, end: at + 1 + length };
}

function shown(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}
