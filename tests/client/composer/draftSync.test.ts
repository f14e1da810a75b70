import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { setDraftText } from "../../../src/composer/draftStore.ts";
import {
  agree,
  agreedText,
  heard,
  isUntouched,
  saveSoon,
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

  describe("[G13] on two devices", () => {
    const sent = { text: "", updatedAt: 9 };
    const saved = async (key: string, text: string, save: SaveDraft) => {
      setDraftText(key, text);
      saveSoon(key, save);
      await vi.advanceTimersByTimeAsync(SAVED_BY_THEN_MS);
    };

    test("a text that was sent while it was being saved is not put back, and is emptied at the server", async () => {
      const save = saving().mockReturnValueOnce(new Promise(() => undefined));
      agree("seven", "");
      await saved("seven", "Hello", save);
      setDraftText("seven", "");
      expect(heard("seven", sent, "Hello")).toBe(false);
      await saved("seven", "", save);
      expect(save).toHaveBeenLastCalledWith({ text: "", instead: "Hello" });
      expect(localStorage.getItem("verbatim:draft-common:seven")).toBeNull();
      heard("seven", sent, "");
      expect(agreedText("seven")).toBe("");
    });

    test("a text that the other one typed since is taken into the empty box, and emptied once it is sent from here", async () => {
      const save = saving();
      await saved("eight", "Hello", save);
      setDraftText("eight", "");
      expect(heard("eight", sent, "Typed elsewhere")).toBe(true);
      await saved("eight", "", save);
      expect(save).toHaveBeenLastCalledWith({ text: "", instead: "Typed elsewhere" });
    });

    test("a text of the other one that never stood in this box is not emptied from here", async () => {
      const save = saving();
      agree("nine", "");
      setDraftText("nine", "Mine");
      expect(heard("nine", { text: "Mine", updatedAt: 9 }, "Typed elsewhere")).toBe(false);
      await saved("nine", "", save);
      expect(save).not.toHaveBeenCalled();
    });
  });
});
