import { MAX_PROMPT_CHARS } from "../../convex/shared/limits";
import { onStoredChange, readStored, writeStored } from "../lib/storage.ts";
import { createTypingPause } from "../lib/typingPause.ts";
import { draftStore, type Draft } from "./draftStore.ts";

/** One text for each draft, the same in every tab, and kept over a reload. */
function createTexts(prefix: string) {
  const texts = new Map<string, string | null>();
  const stored = (key: string): string | null => {
    const value = readStored(prefix + key);
    return typeof value === "string" ? value : null;
  };
  onStoredChange(prefix, (name) => {
    const key = name.slice(prefix.length);
    texts.set(key, stored(key) ?? "");
  });
  return {
    get: (key: string): string | null => texts.get(key) ?? stored(key),
    set: (key: string, text: string) => {
      texts.set(key, text);
      writeStored(prefix + key, text === "" ? null : text);
    },
  };
}

const agreed = createTexts("verbatim:draft-agreed:");
/** What this browser said last to the server, which may have it although no answer has come. */
const told = createTexts("verbatim:draft-told:");

/** The last text of a draft that this browser and the server both had; null when that is not known. */
export const agreedText = agreed.get;

/** Kept over a reload: what differs from it then was typed, or sent, here. */
export const agree = agreed.set;

/** Whether nothing was typed here since both last agreed, or ever: then two clocks need not be compared. */
export function isUntouched(draft: Pick<Draft, "text" | "updatedAt">, agreedBefore: string | null): boolean {
  return agreedBefore === null ? draft.text === "" && draft.updatedAt === 0 : draft.text === agreedBefore;
}

/** Whether the server's text goes into the box here. Call it before that text is agreed on. */
export function takesRemote(key: string, draft: Pick<Draft, "text" | "updatedAt">, remote: string): boolean {
  if (isUntouched(draft, agreed.get(key))) return true;
  // The box was emptied here, of another text than this one, which was typed elsewhere since.
  return draft.text === "" && remote !== agreed.get(key) && remote !== told.get(key);
}

/** Saves a draft at the server; `instead`: see `drafts.save`. */
export type SaveDraft = (draft: { text: string; instead?: string }) => Promise<unknown>;

const afterTyping = createTypingPause();

/** Saves after the last key press, also when the chat was left, or got its address, meanwhile. */
export function saveSoon(key: string, save: SaveDraft) {
  afterTyping(key, () => saveNow(key, save));
}

async function saveNow(key: string, save: SaveDraft) {
  const { text } = draftStore(key).get();
  const before = agreed.get(key);
  if (text === before || text.length > MAX_PROMPT_CHARS) return;
  try {
    if (text === "") {
      const last = told.get(key) ?? "";
      // Whether it was deleted, or there is another text by now, the server's next answer says.
      await save({ text, instead: last === "" ? (before ?? "") : last });
      told.set(key, "");
    } else {
      told.set(key, text);
      await save({ text });
      agree(key, text);
    }
  } catch {
    // It is kept in this browser; the next key press tries again.
  }
}
