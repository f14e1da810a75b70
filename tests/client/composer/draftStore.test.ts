import { beforeEach, describe, expect, test } from "vitest";
import {
  clearDraft,
  draftStore,
  parseDraft,
  restoreDraft,
  setDraftText,
  takesRemote,
  typed,
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

  test("the id stays while one types, so that a send after a reload is the same send", () => {
    setDraftText("b", "x");
    const { clientMessageId } = draftStore("b").get();
    setDraftText("b", "xy");
    expect(draftStore("b").get().clientMessageId).toBe(clientMessageId);
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

  test("a copy from elsewhere is taken only when it is newer", () => {
    const draft = typed(parseDraft(null), "mine", 100);
    expect(takesRemote(draft, { text: "theirs", updatedAt: 99 })).toBe(false);
    expect(takesRemote(draft, { text: "theirs", updatedAt: 101 })).toBe(true);
  });

  test("what is damaged in storage is an empty draft, not a failure", () => {
    for (const damaged of [null, 7, "x", {}, { text: 1 }]) expect(parseDraft(damaged).text).toBe("");
  });
});
