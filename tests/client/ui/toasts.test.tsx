import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Toasts } from "../../../src/ui/Toasts.tsx";
import { showToast, TOAST_LIFETIME_MS } from "../../../src/ui/toasts.ts";

beforeEach(() => {
  vi.useFakeTimers();
  render(<Toasts />);
});
afterEach(() => {
  act(() => {
    vi.advanceTimersByTime(TOAST_LIFETIME_MS);
  });
  cleanup();
  vi.useRealTimers();
});

const toast = (message: string, run?: () => void) =>
  act(() => {
    showToast({ tone: "info", message, action: run === undefined ? undefined : { label: "Undo", run } });
  });
const shown = () => screen.queryAllByRole("listitem").map((item) => item.firstElementChild?.textContent);
const pass = (ms: number) =>
  act(() => {
    vi.advanceTimersByTime(ms);
  });

describe("toasts", () => {
  test("stay long enough to be read, then go by themselves", () => {
    toast("One");
    pass(TOAST_LIFETIME_MS - 1);
    expect(shown()).toEqual(["One"]);
    pass(1);
    expect(shown()).toEqual([]);
  });

  test("stay while the pointer is on them, and not for ever after one was dismissed under it", () => {
    toast("One");
    const region = screen.getByRole("region", { name: "Notifications" });
    fireEvent.pointerEnter(region);
    pass(TOAST_LIFETIME_MS * 3);
    expect(shown()).toEqual(["One"]);
    // What had the pointer and the focus goes away: nothing tells that they left.
    fireEvent.focus(screen.getByRole("button", { name: "Dismiss" }));
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(shown()).toEqual([]);
    toast("Two");
    pass(TOAST_LIFETIME_MS);
    expect(shown()).toEqual([]);
  });

  test("the action runs once and takes the toast away", () => {
    const undo = vi.fn();
    toast("Gone", undo);
    fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(undo).toHaveBeenCalledOnce();
    expect(shown()).toEqual([]);
    pass(TOAST_LIFETIME_MS);
    expect(undo).toHaveBeenCalledOnce();
  });

  test("never cover the page: the oldest makes room", () => {
    for (const message of ["1", "2", "3", "4", "5"]) toast(message);
    expect(shown()).toEqual(["3", "4", "5"]);
  });

  test("are announced politely, each once", () => {
    toast("Heard");
    expect(screen.getByRole("list").getAttribute("aria-live")).toBe("polite");
  });
});
