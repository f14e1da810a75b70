/** Values in Convex's JSON encoding, for property tests. */
import fc from "fast-check";
import type { JSONValue } from "convex/values";
import { floatToJson, integerToJson } from "../../../embedded/values/json.ts";

const MAX_INT64 = 2n ** 63n - 1n;

/** Small on purpose: values that often meet say more about their order. */
const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom("\0", "a", "b", "\x01", "é", "\u{e000}", "\u{1f600}"), maxLength: 4 }),
  fc.string({ unit: "grapheme", maxLength: 8 }),
);

const anyInteger = fc
  .oneof(
    fc.constantFrom(
      0n,
      1n,
      -1n,
      127n,
      128n,
      -128n,
      -129n,
      32767n,
      32768n,
      2n ** 31n,
      -(2n ** 31n) - 1n,
      MAX_INT64,
    ),
    fc.bigInt({ min: -MAX_INT64 - 1n, max: MAX_INT64 }),
  )
  .map(integerToJson);

const anyFloat = fc
  .oneof(fc.constantFrom(0, -0, 1, -1, NaN, Infinity, -Infinity, Number.MIN_VALUE), fc.double())
  .map(floatToJson);

const anyBytes = fc
  .oneof(fc.uint8Array({ maxLength: 3, max: 2 }), fc.uint8Array({ maxLength: 12 }))
  .map((bytes): JSONValue => ({ $bytes: Buffer.from(bytes).toString("base64") }));

const anyFieldName = fc.string({ unit: fc.constantFrom("a", "b", "A", "0", " ", "_"), maxLength: 3 });

export const anyPrimitive: fc.Arbitrary<JSONValue> = fc.oneof(
  fc.constant(null),
  anyInteger,
  anyFloat,
  fc.boolean(),
  anyText,
  anyBytes,
);

export const anyValue: fc.Arbitrary<JSONValue> = fc.letrec<{ value: JSONValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    { weight: 4, arbitrary: anyPrimitive },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(anyFieldName, tie("value"), { maxKeys: 3 }) },
  ),
})).value;

/** A value, or `undefined` for a missing field. */
export const anyMaybeValue: fc.Arbitrary<JSONValue | undefined> = fc.oneof(
  { weight: 9, arbitrary: anyValue },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
