import { convexToJson } from "convex/values";
import type { Value } from "convex/values";
import { describe, expect, test } from "vitest";
import { malformedReason } from "../../../embedded/values/malformed.ts";

describe("[E1.13] JSON that encodes no value", () => {
  test.each([
    [{ $integer: "AAAA" }],
    [{ $integer: 1 }],
    [{ $integer: "not base64!!" }],
    [{ $float: "" }],
    [{ $bytes: "abc" }],
    [{ $bytes: ["a"] }],
    [{ $bytes: "ab=c" }],
    [{ list: [{ deep: { $integer: "" } }] }],
  ])("%j", (value) => {
    expect(malformedReason(value)).not.toBeNull();
  });

  test("nesting without end, without using up the stack", () => {
    const text = "[".repeat(100_000) + "]".repeat(100_000);
    expect(malformedReason(JSON.parse(text) as never)).toMatch("nested deeper");
  });

  test("what `convexToJson` writes is none of it", () => {
    const values: Value[] = [1n, -1n, 2n ** 63n - 1n, NaN, -0, Infinity, null, "x", true];
    for (let length = 0; length < 5; length++) values.push(new Uint8Array(length).fill(255).buffer);
    for (const value of values) expect(malformedReason(convexToJson({ value }))).toBeNull();
  });
});
