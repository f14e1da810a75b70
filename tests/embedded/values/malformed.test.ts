import { convexToJson } from "convex/values";
import type { Value } from "convex/values";
import { describe, expect, test } from "vitest";
import { malformedReason } from "../../../embedded/values/malformed.ts";
import { isTooDeep } from "../../../embedded/values/tooDeep.ts";

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

  test("text that is nested without end is not parsed; brackets in strings do not count", () => {
    expect(isTooDeep("[".repeat(20_000))).toBe(true);
    expect(isTooDeep('{"a":'.repeat(20_000))).toBe(true);
    expect(isTooDeep(JSON.stringify(["[".repeat(20_000), '\\"'.repeat(9_001), "{\\"]))).toBe(false);
    expect(isTooDeep(JSON.stringify(Array.from({ length: 20_000 }, () => [{}])))).toBe(false);
  });
});
