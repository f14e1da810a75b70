import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextPainted } from "../../../src/chat/smoothing.ts";

describe("smooth painting", () => {
  test("[G9] what is painted only grows, never passes what is known, and ends with all of it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 400 }),
        fc.integer({ min: 1, max: 200 }),
        (text, elapsed) => {
          let painted = 0;
          for (let frame = 0; painted < text.length; frame++) {
            const next = nextPainted(painted, text, elapsed);
            expect(next).toBeGreaterThan(painted);
            expect(next).toBeLessThanOrEqual(text.length);
            painted = next;
            expect(frame).toBeLessThan(1_000);
          }
        },
      ),
    );
  });

  test("a backlog is gone within half a second, however the frames fall", () => {
    const text = "x".repeat(2_000);
    let painted = 0;
    for (let elapsed = 0; elapsed < 1_200 && painted < text.length; elapsed += 16)
      painted = nextPainted(painted, text, 16);
    expect(text.length - painted).toBeLessThan(20);
  });

  test("a very large backlog is shown at once", () => {
    expect(nextPainted(0, "x".repeat(10_000), 16)).toBe(10_000);
  });

  test("a surrogate pair is never cut in two", () => {
    const text = "😀".repeat(50);
    let painted = 0;
    while (painted < text.length) {
      painted = nextPainted(painted, text, 1);
      expect(painted % 2).toBe(0);
    }
  });
});
