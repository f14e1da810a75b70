import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { useSmoothText } from "../../../src/chat/useSmoothText.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const start = (text: string, active = true) =>
  renderHook((props: { text: string; active: boolean }) => useSmoothText(props.text, props.active), {
    initialProps: { text, active },
  });
/** Frame by frame, as a browser does it: React renders between two of them. */
const pass = (ms: number) => {
  for (let passed = 0; passed <= ms; passed += 16) {
    act(() => {
      vi.advanceTimersByTime(16);
    });
  }
};
const STEP = "some more words of an answer ".repeat(8);

describe("[G9] smooth painting of a growing text", () => {
  test("what is there when it appears is shown at once: a reload replays nothing", () => {
    expect(start(STEP).result.current).toBe(STEP);
  });

  test("growth is painted in steps, each a longer beginning of the text, and soon all of it", () => {
    const { result, rerender } = start("Begin. ");
    const whole = `Begin. ${STEP}`;
    rerender({ text: whole, active: true });
    const seen = [result.current];
    for (let frame = 0; frame < 60 && seen.at(-1) !== whole; frame++) {
      pass(0);
      if (result.current !== seen.at(-1)) seen.push(result.current);
    }
    expect(seen[0]).toBe("Begin. ");
    expect(seen.at(-1)).toBe(whole);
    expect(seen.length).toBeGreaterThan(4);
    for (const [index, text] of seen.entries()) {
      expect(whole.startsWith(text)).toBe(true);
      expect(text.length).toBeGreaterThan(seen[index - 1]?.length ?? 0);
    }
  });

  test("text that arrives while earlier text is being painted takes nothing back", () => {
    const { result, rerender } = start("");
    rerender({ text: STEP, active: true });
    pass(50);
    const painted = result.current;
    expect(painted.length).toBeGreaterThan(0);
    rerender({ text: STEP + STEP, active: true });
    expect(result.current).toBe(painted);
    pass(2_000);
    expect(result.current).toBe(STEP + STEP);
  });

  test("turned off, also in the middle, everything is shown", () => {
    const { result, rerender } = start("");
    rerender({ text: STEP, active: true });
    rerender({ text: STEP, active: false });
    expect(result.current).toBe(STEP);
    rerender({ text: STEP + STEP, active: false });
    expect(result.current).toBe(STEP + STEP);
  });

  test("in a tab that nobody sees no frame is waited for", () => {
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    const { result, rerender } = start("");
    rerender({ text: STEP, active: true });
    act(() => {
      vi.advanceTimersByTime(0);
    });
    expect(result.current).toBe(STEP);
    hidden.mockRestore();
  });
});
