import { describe, expect, test } from "vitest";
import { createPaintPace } from "../../../src/chat/paintPace.ts";

/** A pace after paintings that all kept the page busy for so long. */
function paceAfter(busyMs: number) {
  const pace = createPaintPace();
  for (let painting = 0; painting < 20; painting++) pace.note(busyMs);
  return pace;
}

describe("pace of painting", () => {
  test("nothing known, or fast → thirty a second, and the view may glide", () => {
    for (const pace of [createPaintPace(), paceAfter(8)]) {
      expect(pace.interval()).toBe(33);
      expect(pace.isSlow()).toBe(false);
    }
  });

  test("slow → paintings take a third of the time, and nothing glides", () => {
    const pace = paceAfter(30);
    expect(pace.interval()).toBeCloseTo(90);
    expect(pace.isSlow()).toBe(true);
  });

  test("very slow → no rarer than what still looks like writing", () => {
    expect(paceAfter(1_000).interval()).toBe(150);
  });

  test("one painting that was interrupted changes little; fast again → thirty a second again", () => {
    const pace = paceAfter(10);
    pace.note(40);
    expect(pace.isSlow()).toBe(false);
    for (let painting = 0; painting < 20; painting++) pace.note(5);
    expect(pace.interval()).toBe(33);
  });
});
