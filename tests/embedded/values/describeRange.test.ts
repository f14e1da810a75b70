import { describe, expect, test } from "vitest";
import { describeRange, idOfKey } from "../../../embedded/values/describeRange.ts";
import {
  ALL_KEYS,
  encodeKey,
  keySuccessor,
  prefixRange,
  prefixSuccessor,
} from "../../../embedded/values/indexKey.ts";
import { integerToJson } from "../../../embedded/values/json.ts";

const FIELDS = ["owner", "time", "_creationTime", "_id"];
const text = (start: string, end: string) => describeRange({ start, end }, FIELDS).text;

describe("[E20.6] ranges as people read them", () => {
  test("all, the documents of a value, one document", () => {
    expect(text(ALL_KEYS.start, ALL_KEYS.end)).toBe("everything");
    const owned = prefixRange(encodeKey(["ann"]));
    expect(describeRange(owned, FIELDS)).toEqual({ text: 'owner = "ann"', shape: "owner = …" });
    const key = encodeKey(["ann", 5, 1.5, "id1"]);
    expect(text(key, keySuccessor(key))).toBe('owner = "ann", time = 5, _creationTime = 1.5, _id = "id1"');
  });

  test("from a value on, up to one, between two", () => {
    const owned = prefixRange(encodeKey(["ann"]));
    expect(text(encodeKey(["ann", 5]), owned.end)).toBe('owner = "ann", time ≥ 5');
    expect(text(owned.start, encodeKey(["ann", 9]))).toBe('owner = "ann", time < 9');
    expect(text(owned.start, prefixSuccessor(encodeKey(["ann", 9])))).toBe('owner = "ann", time ≤ 9');
    expect(text(prefixSuccessor(encodeKey(["ann", 9])), owned.end)).toBe('owner = "ann", time > 9');
    expect(text(prefixSuccessor(encodeKey(["ann"])), ALL_KEYS.end)).toBe('owner > "ann"');
    expect(text(encodeKey(["ann", -5]), encodeKey(["ann", 9]))).toBe('owner = "ann", time ≥ -5, time < 9');
  });

  test("as far as a reader came", () => {
    const owned = prefixRange(encodeKey(["ann"]));
    const last = encodeKey(["ann", 7, 1.5, "id1"]);
    expect(text(owned.start, keySuccessor(last))).toBe('owner = "ann", time ≤ 7');
    expect(text(last, owned.end)).toBe('owner = "ann", time ≥ 7');
  });

  test("values of every kind, long ones cut", () => {
    const of = (value: Parameters<typeof encodeKey>[0][number]): string => {
      const { start, end } = prefixRange(encodeKey([value]));
      return text(start, end);
    };
    expect(of(null)).toBe("owner = null");
    expect(of(undefined)).toBe("owner = undefined");
    expect(of(true)).toBe("owner = true");
    expect(of(integerToJson(-300n))).toBe("owner = -300n");
    expect(of(integerToJson(0n))).toBe("owner = 0n");
    expect(of("a\u0000b\u0001ü")).toBe(`owner = ${JSON.stringify("a\u0000b\u0001ü")}`);
    expect(of("x".repeat(100))).toBe(`owner = "${"x".repeat(40)}…"`);
    // No text of their own: it is a range of the index all the same.
    expect(of([1, 2])).toBe("everything");
  });

  test("the id at the end of a key", () => {
    expect(idOfKey(encodeKey(["ann", 5, "j57abc"]))).toBe("j57abc");
    expect(idOfKey(encodeKey(["j57abc"]))).toBe("j57abc");
  });
});
