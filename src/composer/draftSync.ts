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
/** The last text that stood in the box here and is at the server, or on its way there: that of another device stood in none until it was taken. */
const common = createTexts("verbatim:draft-common:");

/** The last text of a draft that this browser and the server both had; null when that is not known. */
export const agreedText = agreed.get;

/** Kept over a reload: what differs from it then was typed, or sent, here. */
export const agree = agreed.set;

/** Whether nothing was typed here since both last agreed, or ever: then two clocks need not be compared. */
export function isUntouched(draft: Pick<Draft, "text" | "updatedAt">, agreedBefore: string | null): boolean {
  return agreedBefore === null ? draft.text === "" && draft.updatedAt === 0 : draft.text === agreedBefore;
}

/** Takes in the text that the server has. Returns whether it goes into the box here. */
export function heard(key: string, draft: Pick<Draft, "text" | "updatedAt">, remote: string): boolean {
  const before = agreed.get(key);
  agree(key, remote);
  // Of this very text the box was emptied: it was sent while it was on its way to the server.
  const isSent = draft.text === "" && remote === common.get(key);
  // Of another one: this was typed elsewhere since.
  const isNew = draft.text === "" && remote !== before;
  const takes = !isSent && (isUntouched(draft, before) || isNew);
  if (takes) common.set(key, remote);
  return takes;
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
  if (text === agreed.get(key) || text.length > MAX_PROMPT_CHARS) return;
  const before = common.get(key) ?? "";
  try {
    if (text !== "") {
      common.set(key, text);
      await save({ text });
      agree(key, text);
    } else if (before !== "") {
      // Whether it was deleted, or there is another text by now, the server's next answer says.
      await save({ text, instead: before });
      if (common.get(key) === before) common.set(key, "");
    }
  } catch {
    // It is kept in this browser; the next key press tries again.
    if (common.get(key) === text) common.set(key, before);
  }
}
