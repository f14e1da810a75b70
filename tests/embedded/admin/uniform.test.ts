import fc from "fast-check";
import { convexToJson } from "convex/values";
import type { JSONValue } from "convex/values";
import { expect, test } from "vitest";
import { decodeUniform, encodeUniform } from "../../../embedded/admin/snapshot/uniform.ts";
import { anyValue } from "../values/arbitraries.ts";

test("[E19.9] every value comes back from an export's encoding as it was", () => {
  fc.assert(
    fc.property(anyValue, (json) => {
      expect(decodeUniform(encodeUniform(json))).toEqual(json);
    }),
  );
});

test("[E19.9] numbers are told apart by how they are written, also those that a Convex wrote", () => {
  const int64 = (value: bigint): JSONValue => convexToJson(value);
  expect(
    decodeUniform('{"a":1,"b":1.0,"c":-0.0,"d":1e5,"e":"1","f":"\\"2","g":[-9223372036854775808]}'),
  ).toEqual({
    a: int64(1n),
    b: 1,
    c: convexToJson(-0),
    d: 100_000,
    e: "1",
    f: '"2',
    g: [int64(-(2n ** 63n))],
  });
  // Larger than an Int64: Convex reads it as a Float64.
  expect(decodeUniform("9223372036854775808")).toBe(2 ** 63);
});
