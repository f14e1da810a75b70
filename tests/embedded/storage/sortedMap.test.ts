import { expect, test } from "vitest";
import fc from "fast-check";
import { SortedMap } from "../../../embedded/storage/sortedMap.ts";
import { AFTER_ALL_KEYS } from "../../../embedded/values/indexKey.ts";

test("[E5.9] behaves as a map that is sorted at each look", () => {
  const anyKey = fc.integer({ min: 0, max: 600 }).map((n) => String(n).padStart(3, "0"));
  const anyStep = fc.tuple(fc.constantFrom("set", "set", "set", "delete"), anyKey);
  const anyRange = fc.tuple(anyKey, anyKey, fc.constantFrom("asc" as const, "desc" as const), fc.nat(50));
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 1500, size: "max" }), fc.array(anyRange), (steps, ranges) => {
      const map = new SortedMap<number>();
      const model = new Map<string, number>();
      for (const [value, [action, key]] of steps.entries()) {
        if (action === "set") {
          map.set(key, value);
          model.set(key, value);
        } else {
          expect(map.delete(key)).toBe(model.delete(key));
        }
      }
      expect(map.size).toBe(model.size);
      const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(map.range("", AFTER_ALL_KEYS, "asc", Infinity)).toEqual(sorted);
      for (const [key, value] of sorted) expect(map.get(key)).toBe(value);
      for (const [start, end, order, limit] of ranges) {
        const inRange = sorted.filter(([key]) => key >= start && key < end);
        expect(map.range(start, end, order, limit)).toEqual(
          (order === "asc" ? inRange : inRange.reverse()).slice(0, limit),
        );
      }
      for (const [key] of sorted) expect(map.delete(key)).toBe(true);
      expect(map.range("", AFTER_ALL_KEYS, "desc", Infinity)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
