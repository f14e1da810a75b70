import { describe, expect, test } from "vitest";
import fc from "fast-check";
import type { JSONValue } from "convex/values";
import { encodeKey, encodeValue, prefixRange, prefixSuccessor } from "../../../embedded/values/indexKey.ts";
import { floatToJson, integerToJson } from "../../../embedded/values/json.ts";
import { compareValues } from "../../../embedded/values/order.ts";
import { anyMaybeValue, anyValue } from "./arbitraries.ts";

const bytes = (...values: number[]): JSONValue => ({ $bytes: Buffer.from(values).toString("base64") });

/** In ascending order, written out by hand. */
const ASCENDING: (JSONValue | undefined)[] = [
  undefined,
  null,
  integerToJson(-(2n ** 63n)),
  integerToJson(-129n),
  integerToJson(-128n),
  integerToJson(-1n),
  integerToJson(0n),
  integerToJson(1n),
  integerToJson(127n),
  integerToJson(128n),
  integerToJson(65_536n),
  integerToJson(2n ** 63n - 1n),
  floatToJson(-Infinity),
  -1.5,
  -Number.MIN_VALUE,
  floatToJson(-0),
  0,
  Number.MIN_VALUE,
  1,
  2,
  10,
  floatToJson(Infinity),
  floatToJson(NaN),
  false,
  true,
  "",
  "\0",
  "\0a",
  "A",
  "a",
  "a\0",
  "aa",
  "b",
  "é",
  "\u{ffff}",
  "\u{1f600}",
  bytes(),
  bytes(0),
  bytes(0, 0),
  bytes(1),
  bytes(255),
  [],
  [null],
  [null, null],
  [1],
  [1, 1],
  [2],
  [[]],
  {},
  { a: 1 },
  { a: 1, b: 1 },
  { a: 2 },
  { b: 1 },
];

describe("[E7.1] order of values", () => {
  test("the list above is in ascending order, by comparison and by index key", () => {
    for (const [i, left] of ASCENDING.entries()) {
      for (const [j, right] of ASCENDING.entries()) {
        const expected = Math.sign(i - j);
        expect([left, right, Math.sign(compareValues(left, right))]).toEqual([left, right, expected]);
        const [leftKey, rightKey] = [encodeValue(left), encodeValue(right)];
        expect([left, right, leftKey < rightKey ? -1 : leftKey > rightKey ? 1 : 0]).toEqual([
          left,
          right,
          expected,
        ]);
      }
    }
  });

  test("it is a total order", () => {
    fc.assert(
      fc.property(anyMaybeValue, anyMaybeValue, anyMaybeValue, (a, b, c) => {
        expect(Math.sign(compareValues(a, b))).toBe(-Math.sign(compareValues(b, a)) + 0);
        if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) {
          expect(compareValues(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});

describe("[E7.2] index keys", () => {
  test("keys compare as the lists of values do", () => {
    const anyList = fc.array(anyMaybeValue, { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(anyList, anyList, (a, b) => {
        const expected = compareValues(a[0], b[0]) || compareValues(a[1], b[1]);
        const [left, right] = [encodeKey(a), encodeKey(b)];
        expect(left < right ? -1 : left > right ? 1 : 0).toBe(Math.sign(expected));
        expect(Buffer.compare(Buffer.from(left, "latin1"), Buffer.from(right, "latin1"))).toBe(
          Math.sign(expected),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test("the keys that begin with a value are one range, which holds no others", () => {
    fc.assert(
      fc.property(anyMaybeValue, anyMaybeValue, anyValue, (first, other, second) => {
        const range = prefixRange(encodeValue(first));
        const inRange = (key: string): boolean => key >= range.start && key < range.end;
        expect(inRange(encodeKey([first, second]))).toBe(true);
        expect(inRange(encodeKey([other, second]))).toBe(compareValues(first, other) === 0);
      }),
      { numRuns: 1000 },
    );
  });

  test("the successor of a prefix carries over bytes that are already the greatest", () => {
    expect(prefixSuccessor("a")).toBe("b");
    expect(prefixSuccessor("a\xff\xff")).toBe("b");
    expect(prefixSuccessor("") > "\xff\xff").toBe(true);
    expect(prefixSuccessor("\xff") > "\xff\xff").toBe(true);
  });
});
