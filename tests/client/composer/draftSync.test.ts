import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { setDraftText } from "../../../src/composer/draftStore.ts";
import {
  agree,
  agreedText,
  isUntouched,
  saveSoon,
  takesRemote,
  type SaveDraft,
} from "../../../src/composer/draftSync.ts";

/** Longer than the pause after which a draft is saved. */
const SAVED_BY_THEN_MS = 2_000;

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const saving = () => vi.fn<SaveDraft>().mockResolvedValue(null);

describe("a draft and the server's copy of it", () => {
  test("what was typed or sent here since both agreed is kept; what was not touched follows the server", () => {
    expect(isUntouched({ text: "same", updatedAt: 5 }, "same")).toBe(true);
    expect(isUntouched({ text: "more", updatedAt: 5 }, "same")).toBe(false);
    // Sent: the emptied box must not be filled again with what the server still has.
    expect(isUntouched({ text: "", updatedAt: 0 }, "sent")).toBe(false);
    // Nothing is known: only a box that nobody has used follows.
    expect(isUntouched({ text: "", updatedAt: 0 }, null)).toBe(true);
    expect(isUntouched({ text: "typed offline", updatedAt: 5 }, null)).toBe(false);
  });

  test("after a pause the last text is saved once, whatever chat is on the screen by then", async () => {
    const save = saving();
    for (const text of ["a", "ab", "abc"]) {
      setDraftText("one", text);
      saveSoon("one", save);
    }
    setDraftText("two", "other");
    const saveOther = saving();
    saveSoon("two", saveOther);
    await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
    expect(save.mock.calls).toEqual([[{ text: "abc" }]]);
    expect(saveOther.mock.calls).toEqual([[{ text: "other" }]]);
    expect(agreedText("one")).toBe("abc");
  });

  test("what the server has by then, or would refuse, is not saved", async () => {
    const save = saving();
    setDraftText("three", "x");
    saveSoon("three", save);
    agree("three", "x");
    setDraftText("four", "x".repeat(100_001));
    saveSoon("four", save);
    await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
    expect(save).not.toHaveBeenCalled();
  });

  test("a save that failed is not taken for an agreement", async () => {
    const save = saving().mockRejectedValueOnce(new Error("no"));
    agree("five", "old");
    setDraftText("five", "new");
    saveSoon("five", save);
    await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
    expect(agreedText("five")).toBe("old");
  });

  test("another tab's agreement is this one's", () => {
    const key = "verbatim:draft-agreed:six";
    agree("six", "old");
    localStorage.setItem(key, JSON.stringify("new"));
    window.dispatchEvent(new StorageEvent("storage", { key }));
    expect(agreedText("six")).toBe("new");
    localStorage.removeItem(key);
    window.dispatchEvent(new StorageEvent("storage", { key }));
    expect(agreedText("six")).toBe("");
  });

  test("[G13] a text that was sent here is emptied at the server, and is not put back; one typed elsewhere since is neither emptied nor kept out", async () => {
    const save = saving();
    const sent = { text: "", updatedAt: 9 };
    agree("seven", "Hel");
    setDraftText("seven", "Hello");
    saveSoon("seven", save);
    await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
    setDraftText("seven", "");
    // The server's answers to what was said before it was sent.
    expect(takesRemote("seven", sent, "Hello")).toBe(false);
    agree("seven", "Hel");
    expect(takesRemote("seven", sent, "Hello")).toBe(false);
    expect(takesRemote("seven", sent, "Typed elsewhere")).toBe(true);
    saveSoon("seven", save);
    await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
    expect(save).toHaveBeenLastCalledWith({ text: "", instead: "Hello" });
    // That the server has nothing now, it says itself: it may have another text.
    expect(agreedText("seven")).toBe("Hel");
    expect(localStorage.getItem("verbatim:draft-told:seven")).toBeNull();
  });
});
