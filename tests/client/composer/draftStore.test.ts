import { beforeEach, describe, expect, test } from "vitest";
import {
  clearDraft,
  draftStore,
  moveDraft,
  parseDraft,
  restoreDraft,
  setDraftText,
} from "../../../src/composer/draftStore.ts";

beforeEach(() => localStorage.clear());

describe("[G13] drafts", () => {
  test("each key press is kept, and read back with its id", () => {
    setDraftText("a", "half a thought");
    const kept = parseDraft(JSON.parse(localStorage.getItem("verbatim:draft:a") ?? "null"));
    expect(kept).toMatchObject({
      text: "half a thought",
      clientMessageId: draftStore("a").get().clientMessageId,
    });
  });

  test("drafts of two chats do not meet", () => {
    setDraftText("one", "1");
    setDraftText("two", "2");
    expect(draftStore("one").get().text).toBe("1");
  });

  test("other words have another id, so that the server never takes them for a prompt it has", () => {
    setDraftText("b", "x");
    const { clientMessageId } = draftStore("b").get();
    setDraftText("b", "x");
    expect(draftStore("b").get().clientMessageId).toBe(clientMessageId);
    setDraftText("b", "xy");
    expect(draftStore("b").get().clientMessageId).not.toBe(clientMessageId);
  });

  test("what was typed for a chat that becomes another goes there, under the id that it has", () => {
    setDraftText("new", "typed since");
    const { clientMessageId } = draftStore("new").get();
    expect(moveDraft("new", "task")).toBe(true);
    expect(draftStore("task").get()).toMatchObject({ text: "typed since", clientMessageId });
    expect(draftStore("new").get().text).toBe("");
    setDraftText("task", "more");
    expect(moveDraft("new", "task")).toBe(false);
    expect(draftStore("task").get().text).toBe("more");
  });

  test("a prompt put back keeps its id until its words change", () => {
    clearDraft("c");
    restoreDraft("c", "failed words", "id-1");
    expect(draftStore("c").get()).toMatchObject({ text: "failed words", clientMessageId: "id-1" });
    setDraftText("c", "other words");
    expect(draftStore("c").get().clientMessageId).not.toBe("id-1");
  });

  test("a prompt put back does not replace what was typed since", () => {
    clearDraft("d");
    setDraftText("d", "newer");
    restoreDraft("d", "older", "id-2");
    expect(draftStore("d").get().text).toBe("older\n\nnewer");
  });

  test("an emptied draft leaves nothing behind", () => {
    setDraftText("e", "x");
    clearDraft("e");
    expect(localStorage.getItem("verbatim:draft:e")).toBeNull();
  });

  describe("in two tabs", () => {
    const NAME = "verbatim:draft:shared";
    const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
    /** The other tab's change, which this tab hears of only now. */
    const otherTab = (before: unknown, after: unknown) => {
      const [oldValue, newValue] = [json(before), json(after)];
      if (newValue === null) localStorage.removeItem(NAME);
      else localStorage.setItem(NAME, newValue);
      window.dispatchEvent(new StorageEvent("storage", { key: NAME, oldValue, newValue }));
    };
    const theirs = (text: string, updatedAt: number) => ({
      text,
      clientMessageId: `theirs: ${text}`,
      updatedAt,
    });
    const draft = () => draftStore("shared").get();
    beforeEach(() => clearDraft("shared"));

    test("what one types shows in the other, the newer words win, and what is sent is empty in both", () => {
      const soon = Date.now() + 1;
      otherTab(null, theirs("older", 1));
      expect(draft().text).toBe("");
      otherTab(null, theirs("newer", soon));
      expect(draft()).toEqual(theirs("newer", soon));
      otherTab(theirs("newer", soon), null);
      expect(draft().text).toBe("");
    });

    test("words typed here before this tab hears that the other one sent its own stay, and are kept", () => {
      setDraftText("shared", "mine");
      otherTab(theirs("sent there", 1), null);
      expect(draft().text).toBe("mine");
      expect(parseDraft(JSON.parse(localStorage.getItem(NAME) ?? "null"))).toEqual(draft());
      otherTab(draft(), theirs("stored late", 1));
      expect(draft().text).toBe("mine");
      expect(parseDraft(JSON.parse(localStorage.getItem(NAME) ?? "null"))).toEqual(draft());
    });

    test("[G1] words typed here in place of the other tab's are another prompt than what it sends", () => {
      const there = theirs("sent there", Date.now() + 1);
      otherTab(null, there);
      setDraftText("shared", "mine");
      otherTab(there, null);
      expect(draft().text).toBe("mine");
      expect(draft().clientMessageId).not.toBe(there.clientMessageId);
    });
  });

  test("what is damaged in storage is an empty draft, not a failure", () => {
    for (const damaged of [null, 7, "x", {}, { text: 1 }]) expect(parseDraft(damaged).text).toBe("");
  });
});
