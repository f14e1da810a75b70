import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MAX_PROMPT_CHARS } from "../../../convex/shared/limits.ts";
import { LengthNote } from "../../../src/composer/LengthNote.tsx";

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("what is left is shown at each key, and spoken when somebody pauses", () => {
  const { rerender } = render(<LengthNote length={10} />);
  const spoken = () => screen.getByRole("status").textContent;
  for (let left = 30; left >= 20; left--) {
    rerender(<LengthNote length={MAX_PROMPT_CHARS - left} />);
    act(() => {
      vi.advanceTimersByTime(200);
    });
    screen.getByText(`${left} characters left`);
    expect(spoken()).toBe("");
  }
  act(() => {
    vi.advanceTimersByTime(1_000);
  });
  expect(spoken()).toBe("20 characters left");
});
