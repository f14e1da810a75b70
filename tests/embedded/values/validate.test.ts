import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { convexToJson, v, type JSONValue, type Value } from "convex/values";
import { encodeId } from "../../../embedded/values/ids.ts";
import { validateValue, type IdResolver } from "../../../embedded/values/validate.ts";
import { kindOf } from "../../../embedded/values/json.ts";
import { anyValue } from "./arbitraries.ts";

const USER_ID = encodeId(10_001, new Uint8Array(16).fill(1));
const POST_ID = encodeId(10_002, new Uint8Array(16).fill(2));
const FILE_ID = encodeId(1, new Uint8Array(16).fill(3));

const TABLES: Record<string, string> = { [USER_ID]: "users", [POST_ID]: "posts", [FILE_ID]: "_storage" };

const ids: IdResolver = {
  isIdOf: (table, id) => TABLES[id] === table,
  tableOf: (id) => TABLES[id] ?? null,
};

/** The JSON form of a validator is not in its public type. */
function jsonOf(validator: unknown): JSONValue {
  return (validator as { json: JSONValue }).json;
}

function validate(validator: unknown, value: Value): string | null {
  return validateValue(jsonOf(validator), convexToJson(value), ids);
}

describe("[E7.6] validators accept", () => {
  test.each<[string, unknown, Value]>([
    ["null", v.null(), null],
    ["number", v.number(), 1],
    ["NaN as a number", v.number(), NaN],
    ["bigint", v.int64(), 1n],
    ["boolean", v.boolean(), false],
    ["string", v.string(), ""],
    ["bytes", v.bytes(), new ArrayBuffer(2)],
    ["literal", v.literal("a"), "a"],
    ["bigint literal", v.literal(1n), 1n],
    ["id", v.id("users"), USER_ID],
    ["id of a system table", v.id("_storage"), FILE_ID],
    ["array", v.array(v.number()), [1, 2]],
    ["record", v.record(v.string(), v.number()), { a: 1 }],
    ["record by id", v.record(v.id("users"), v.number()), { [USER_ID]: 1 }],
    ["object", v.object({ a: v.number() }), { a: 1 }],
    ["optional field", v.object({ a: v.optional(v.number()) }), {}],
    ["union", v.union(v.number(), v.null()), null],
    ["any", v.any(), [{ a: 1n }]],
  ])("%s", (_, validator, value) => {
    expect(validate(validator, value)).toBe(null);
  });

  test("`v.any()` all values, and the validator of a primitive exactly those of its kind", () => {
    const byKind = {
      float64: v.number(),
      int64: v.int64(),
      boolean: v.boolean(),
      string: v.string(),
      null: v.null(),
      bytes: v.bytes(),
    };
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(validateValue(jsonOf(v.any()), value, ids)).toBe(null);
        for (const [kind, validator] of Object.entries(byKind)) {
          expect(validateValue(jsonOf(validator), value, ids) === null).toBe(kind === kindOf(value));
        }
      }),
    );
  });
});

describe("[E7.6] validators refuse, in Convex's words", () => {
  test.each<[string, unknown, Value, string]>([
    [
      "a wrong kind",
      v.object({ a: v.object({ b: v.array(v.string()) }) }),
      { a: { b: ["x", 1] } },
      "Value does not match validator.\nPath: .a.b[1]\nValue: 1.0\nValidator: v.string()",
    ],
    ["at the top", v.string(), 1n, "Value does not match validator.\n\nValue: 1\nValidator: v.string()"],
    [
      "a missing field",
      v.object({ a: v.number(), b: v.optional(v.id("users")) }),
      {},
      "Object is missing the required field `a`. Consider wrapping the field validator in `v.optional(...)` if this is " +
        'expected.\n\nObject: {}\nValidator: v.object({a: v.float64(), b: v.optional(v.id("users"))})',
    ],
    [
      "an extra field",
      v.object({ outer: v.object({ a: v.number() }) }),
      { outer: { a: 1, z: "text" } },
      "Object contains extra field `z` that is not in the validator.\nPath: .outer\n" +
        'Object: {a: 1.0, z: "text"}\nValidator: v.object({a: v.float64()})',
    ],
    [
      "a literal",
      v.object({ a: v.literal("x") }),
      { a: "y" },
      '`"y"` does not match literal validator `v.literal("x")`.Path: .a',
    ],
    ["a bigint literal", v.literal(1n), 2n, "`2` does not match literal validator `v.literal(<bigint>)`."],
    [
      "an id of another table",
      v.id("users"),
      POST_ID,
      `Found ID "${POST_ID}" from table \`posts\`, which does not match the table name in validator \`v.id("users")\`.`,
    ],
    [
      "an id of a system table",
      v.id("users"),
      FILE_ID,
      `Found ID "${FILE_ID}" from a system table, which does not match the table name in validator \`v.id("users")\`.`,
    ],
    [
      "no id at all",
      v.id("users"),
      "x",
      'Value does not match validator.\n\nValue: "x"\nValidator: v.id("users")',
    ],
    [
      "a value of a record",
      v.record(v.string(), v.boolean()),
      { k: null },
      "Value does not match validator.\nPath: .values()\nValue: null\nValidator: v.boolean()",
    ],
    [
      "a key of a record",
      v.record(v.id("users"), v.boolean()),
      { k: true },
      'Value does not match validator.\nPath: .keys()\nValue: "k"\nValidator: v.id("users")',
    ],
  ])("%s", (_, validator, value, message) => {
    expect(validate(validator, value)).toBe(message);
  });

  test("a union shows all its members, one of a single member only that one's reason", () => {
    expect(validate(v.union(v.string(), v.null()), true)).toBe(
      "Value does not match validator.\n\nValue: true\nValidator: v.union(v.string(), v.null())",
    );
    expect(validate(v.union(v.object({ a: v.string() })), {})).toContain("missing the required field `a`");
  });

  test("values are written as Rust's debug format writes them", () => {
    const shown = (value: Value): string | undefined =>
      /Value: (.*)\n/s.exec(validate(v.id("users"), value) ?? "")?.[1];
    expect(shown([1, 1.5, 1e21, 1e-7, -0, NaN, Infinity])).toBe("[1.0, 1.5, 1e21, 1e-7, -0.0, NaN, inf]");
    expect(shown({ b: 'q"\\\n\u0001é', a: 5n })).toBe('{a: 5, b: "q\\"\\\\\\n\\u{1}é"}');
    expect(shown(new Uint8Array([1, 2]).buffer)).toBe('b"AQI="');
  });
});
