/**
 * Convex's document ids: Crockford's base32 of the table number (a variable-length integer), 16 bytes of the
 * document's own, and a Fletcher-16 checksum. An id so says which table it belongs to without a look-up.
 */
import { clock } from "../clock.ts";
import { drawRandomBytes } from "../randomBytes.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ALPHABET_INDEX = new Uint8Array(128).fill(0xff);
for (let i = 0; i < ALPHABET.length; i++) ALPHABET_INDEX[ALPHABET.charCodeAt(i)] = i;

const INTERNAL_ID_LENGTH = 16;
const RANDOM_LENGTH = 14;
const CHECKSUM_LENGTH = 2;
/** Bytes of a table number: 7 bits each of an unsigned 32-bit integer. */
const MAX_TABLE_NUMBER_LENGTH = 5;
/** Characters of base32 for a table number of one byte, and of five. */
const MIN_LENGTH = 31;
const MAX_LENGTH = 37;
const MS_PER_DAY = 86_400_000;

export type DecodedId = { tableNumber: number; internalId: Uint8Array };

/** Its message is Convex's. */
export class IdDecodeError extends Error {
  override name = "IdDecodeError";
  constructor(reason: string) {
    super(`Unable to decode ID: ${reason}`);
  }
}

/** A new id: 14 random bytes and the day, as Convex makes them. */
export function generateId(tableNumber: number): string {
  const internalId = new Uint8Array(INTERNAL_ID_LENGTH);
  internalId.set(drawRandomBytes(RANDOM_LENGTH));
  const day = Math.max(0, Math.floor(clock.now() / MS_PER_DAY));
  internalId[RANDOM_LENGTH] = day >> 8;
  internalId[RANDOM_LENGTH + 1] = day;
  return encodeId(tableNumber, internalId);
}

export function encodeId(tableNumber: number, internalId: Uint8Array): string {
  const bytes: number[] = [];
  let rest = tableNumber;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest, ...internalId);
  const checksum = fletcher16(bytes, bytes.length);
  bytes.push(checksum & 0xff, checksum >> 8);
  return toBase32(bytes);
}

/** Throws an `IdDecodeError` for anything that `encodeId` would not have made. */
export function decodeId(id: string): DecodedId {
  if (id.length < MIN_LENGTH || id.length > MAX_LENGTH) {
    throw new IdDecodeError(`Invalid ID length ${Buffer.byteLength(id)}`);
  }
  const bytes = fromBase32(id);
  let tableNumber = 0;
  let position = 0;
  for (let byte = 0x80; byte >= 0x80; position++) {
    if (position >= MAX_TABLE_NUMBER_LENGTH || position >= bytes.length) {
      throw new IdDecodeError("Invalid table number");
    }
    byte = bytes[position] as number;
    tableNumber += (byte & 0x7f) * 2 ** (7 * position);
  }
  tableNumber = tableNumber % 2 ** 32;
  if (tableNumber === 0) throw new IdDecodeError("Invalid table number");
  const end = position + INTERNAL_ID_LENGTH;
  if (bytes.length !== end + CHECKSUM_LENGTH) throw new IdDecodeError(`Invalid ID length ${id.length}`);
  const expected = fletcher16(bytes, end);
  const found = (bytes[end] as number) | ((bytes[end + 1] as number) << 8);
  if (found !== expected) throw new IdDecodeError(`Invalid ID version ${found} (expected ${expected})`);
  const internalId = bytes.slice(position, end);
  // Several spellings could decode to the same bytes: only the canonical one is an id.
  if (encodeId(tableNumber, internalId) !== id) throw new IdDecodeError(`Invalid ID length ${id.length}`);
  return { tableNumber, internalId };
}

/** Ids whose table numbers are remembered: each call checks those that it is given and gives, mostly the same ones again. */
const MAX_KNOWN = 4096;
const known = new Map<string, number>();

/** The table number of an id. Throws an `IdDecodeError` if the string is not one. */
export function readTableNumber(id: string): number {
  const found = known.get(id);
  if (found !== undefined) return found;
  const { tableNumber } = decodeId(id);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(id, tableNumber);
  return tableNumber;
}

/** The table number of an id, or `null` if the string is not one. */
export function tableNumberOf(id: string): number | null {
  try {
    return readTableNumber(id);
  } catch (error) {
    if (error instanceof IdDecodeError) return null;
    throw error;
  }
}

function fletcher16(bytes: ArrayLike<number>, length: number): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < length; i++) {
    low = (low + (bytes[i] as number)) & 0xff;
    high = (high + low) & 0xff;
  }
  return (high << 8) | low;
}

function toBase32(bytes: readonly number[]): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer & 0x1f) << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >> bits) & 0x1f);
    }
  }
  if (bits > 0) text += ALPHABET.charAt((buffer << (5 - bits)) & 0x1f);
  return text;
}

function fromBase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let buffer = 0;
  let bits = 0;
  let position = 0;
  for (let i = 0; i < text.length; i++) {
    const index = ALPHABET_INDEX[text.charCodeAt(i)] ?? 0xff;
    if (index === 0xff) throw new IdDecodeError("ID wasn't valid base32");
    buffer = ((buffer & 0xff) << 5) | index;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[position++] = (buffer >> bits) & 0xff;
    }
  }
  return bytes;
}
