import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { convexToJson, getConvexSize, jsonToConvex, type JSONValue } from "convex/values";
import { normalizeValue } from "../../../embedded/values/normalize.ts";
import { compareValues } from "../../../embedded/values/order.ts";
import { anyValue } from "./arbitraries.ts";

function nested(levels: number): JSONValue {
  let value: JSONValue = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

describe("[E7.5] size", () => {
  test("is that of `getConvexSize`", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(normalizeValue(value).size).toBe(getConvexSize(jsonToConvex(value)));
      }),
    );
  });
});

describe("[E7.1] normalized values", () => {
  test("are equal to what was given, in the encoding of `convexToJson`, with their fields in order", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const { value: normalized } = normalizeValue(value);
        expect(compareValues(normalized, value)).toBe(0);
        expect(normalized).toEqual(convexToJson(jsonToConvex(value)));
        expect(normalizeValue(normalized).value).toEqual(normalized);
      }),
    );
    expect(Object.keys(normalizeValue({ b: 1, _id: 2, B: 3, a: 4 }).value as object)).toEqual([
      "B",
      "_id",
      "a",
      "b",
    ]);
  });

  test("numbers that JSON cannot hold get their special encoding", () => {
    expect(normalizeValue(JSON.parse("-0") as JSONValue).value).toEqual({ $float: "AAAAAAAAAIA=" });
    expect(normalizeValue({ $float: "AAAAAAAA8D8=" }).value).toBe(1);
  });

  test("a field named `__proto__` is a field like any other", () => {
    const value = JSON.parse('{"a":{"__proto__":{"x":1}}}') as JSONValue;
    expect(JSON.stringify(normalizeValue(value).value)).toBe('{"a":{"__proto__":{"x":1}}}');
  });
});

// `MAX_ARRAY_LEN`, `MAX_OBJECT_FIELDS` and `MAX_NESTING` in convex-backend's crates/value/src/array.rs, object.rs and size.rs.
describe("[E8.1] limits of values", () => {
  test("arrays hold 8,192 elements", () => {
    expect(() => normalizeValue(Array<JSONValue>(8192).fill(0))).not.toThrow();
    expect(() => normalizeValue(Array<JSONValue>(8193).fill(0))).toThrow(
      "Array length is too long (8193 > maximum length 8192)",
    );
  });

  test("objects hold 1,024 fields", () => {
    const withFields = (count: number): JSONValue =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));
    expect(() => normalizeValue(withFields(1024))).not.toThrow();
    expect(() => normalizeValue(withFields(1025))).toThrow(
      "Object has too many fields (1025 > maximum number 1024)",
    );
  });

  test("values nest 64 levels, and a hostile depth ends no process", () => {
    expect(normalizeValue(nested(64)).nesting).toBe(64);
    const message = "Value is too nested (nested 65 levels deep > maximum nesting 64)";
    expect(() => normalizeValue(nested(65))).toThrow(message);
    expect(() => normalizeValue(nested(50_000))).toThrow(message);
  });

  test("field names are up to 1,024 printable ASCII characters and do not begin with `$`", () => {
    expect(() => normalizeValue({ ["a".repeat(1024)]: 1, "": 2, "with space": 3 })).not.toThrow();
    expect(() => normalizeValue({ ["a".repeat(1025)]: 1 })).toThrow("exceeds maximum field name length 1024");
    expect(() => normalizeValue({ é: 1 })).toThrow(
      "Field names can only contain non-control ASCII characters",
    );
    expect(() => normalizeValue({ $a: 1 })).toThrow("starts with '$', which is reserved");
    expect(() => normalizeValue({ $a: 1, b: 1 })).toThrow("starts with '$', which is reserved");
  });

  test.each([
    { $integer: "AA==" },
    { $integer: 1 },
    { $float: "" },
    { $bytes: "?" },
    { $bytes: "AB==" },
    { $bytes: null },
  ])("a malformed special value is refused: %j", (value) => {
    expect(() => normalizeValue(value as JSONValue)).toThrow("Malformed");
  });
});

test("[E2.7] the placeholder of a commit's timestamp has the size of an integer", () => {
  expect(normalizeValue({ $commitTs: null })).toEqual({ value: { $commitTs: null }, size: 9, nesting: 0 });
});
