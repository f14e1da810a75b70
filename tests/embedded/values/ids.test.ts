import { describe, expect, test } from "vitest";
import fc from "fast-check";
import {
  decodeId,
  encodeId,
  generateId,
  IdDecodeError,
  tableNumberOf,
} from "../../../embedded/values/ids.ts";

/** The id that Convex's own packages pin: table 1017, and each byte 251 times the one before it. */
const PINNED_ID = "z43zp6c3e75gkmz1kfwj6mbbx5sw281h";
const PINNED_TABLE = 1017;
const PINNED_BYTES = Uint8Array.from({ length: 16 }, (_, i) => Number(251n ** BigInt(i + 1) % 256n));

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

const anyTableNumber = fc.oneof(
  fc.constantFrom(1, 127, 128, 10_001, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1),
  fc.integer({ min: 1, max: 2 ** 32 - 1 }),
);
const anyInternalId = fc.uint8Array({ minLength: 16, maxLength: 16 });

/** The format read slowly, with one big integer, as an oracle. */
function decodeSlowly(id: string): { tableNumber: number; internalId: Uint8Array } {
  let bits = 0n;
  for (const character of id) bits = (bits << 5n) | BigInt(ALPHABET.indexOf(character));
  const length = Math.floor((id.length * 5) / 8);
  bits >>= BigInt(id.length * 5 - length * 8);
  const bytes = Array.from({ length }, (_, i) => Number((bits >> BigInt(8 * (length - 1 - i))) & 0xffn));
  const end = bytes.findIndex((byte) => byte < 0x80) + 1;
  const tableNumber = bytes.slice(0, end).reduce((sum, byte, i) => sum + (byte & 0x7f) * 2 ** (7 * i), 0);
  const body = bytes.slice(0, end + 16);
  const low = body.reduce((sum, byte) => sum + byte, 0) % 256;
  const high = body.reduce((sum, byte, i) => sum + byte * (body.length - i), 0) % 256;
  expect(bytes.slice(end + 16)).toEqual([low, high]);
  return { tableNumber, internalId: Uint8Array.from(bytes.slice(end, end + 16)) };
}

describe("[E7.3] ids", () => {
  test("Convex's pinned id", () => {
    expect(encodeId(PINNED_TABLE, PINNED_BYTES)).toBe(PINNED_ID);
    expect(decodeId(PINNED_ID)).toEqual({ tableNumber: PINNED_TABLE, internalId: PINNED_BYTES });
  });

  test("what is encoded is decoded, here and by a plain reading of the format", () => {
    fc.assert(
      fc.property(anyTableNumber, anyInternalId, (tableNumber, internalId) => {
        const id = encodeId(tableNumber, internalId);
        expect(decodeId(id)).toEqual({ tableNumber, internalId });
        expect(decodeSlowly(id)).toEqual({ tableNumber, internalId });
      }),
    );
  });

  test("a string with one character changed is no id", () => {
    fc.assert(
      fc.property(
        fc.nat(PINNED_ID.length - 1),
        fc.constantFrom(...Array.from(ALPHABET), "A", "i", "-"),
        (at, character) => {
          fc.pre(PINNED_ID[at] !== character);
          const changed = PINNED_ID.slice(0, at) + character + PINNED_ID.slice(at + 1);
          expect(tableNumberOf(changed)).not.toBe(PINNED_TABLE);
        },
      ),
    );
  });

  test("any string either is the canonical spelling of an id or none", () => {
    const anyIdLike = fc.string({
      unit: fc.constantFrom(...Array.from(ALPHABET)),
      minLength: 30,
      maxLength: 38,
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), anyIdLike), (text) => {
        if (tableNumberOf(text) === null) return;
        const { tableNumber, internalId } = decodeId(text);
        expect(encodeId(tableNumber, internalId)).toBe(text);
      }),
    );
    expect(tableNumberOf(encodeId(0, PINNED_BYTES))).toBe(null);
    expect(tableNumberOf("")).toBe(null);
  });

  test("the messages are Convex's", () => {
    expect(() => decodeId("abc")).toThrow(new IdDecodeError("Invalid ID length 3"));
    expect(() => decodeId("u".repeat(32))).toThrow("Unable to decode ID: ID wasn't valid base32");
  });

  test("new ids are of their table and differ", () => {
    const ids = Array.from({ length: 1000 }, () => generateId(10_001));
    expect(new Set(ids).size).toBe(1000);
    expect(new Set(ids.map(tableNumberOf))).toEqual(new Set([10_001]));
    expect(new Set(ids.map((id) => id.length))).toEqual(new Set([32]));
  });
});
