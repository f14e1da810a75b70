import { MAX_PROMPT_CHARS } from "../../convex/shared/limits";
import { onStoredChange, readStored, writeStored } from "../lib/storage.ts";
import { createTypingPause } from "../lib/typingPause.ts";
import { draftStore, type Draft } from "./draftStore.ts";

const STORAGE_PREFIX = "verbatim:draft-agreed:";

const agreed = new Map<string, string>();

/** The last text of a draft that this browser and the server both had; null when that is not known. */
export function agreedText(key: string): string | null {
  const known = agreed.get(key);
  if (known !== undefined) return known;
  const stored = readStored(STORAGE_PREFIX + key);
  return typeof stored === "string" ? stored : null;
}

/** Kept over a reload: what differs from it then was typed, or sent, here. */
export function agree(key: string, text: string) {
  agreed.set(key, text);
  writeStored(STORAGE_PREFIX + key, text === "" ? null : text);
}

onStoredChange(STORAGE_PREFIX, (name) => {
  const stored = readStored(name);
  agreed.set(name.slice(STORAGE_PREFIX.length), typeof stored === "string" ? stored : "");
});

/** Whether nothing was typed here since both last agreed, or ever: then two clocks need not be compared. */
export function isUntouched(draft: Pick<Draft, "text" | "updatedAt">, agreedBefore: string | null): boolean {
  return agreedBefore === null ? draft.text === "" && draft.updatedAt === 0 : draft.text === agreedBefore;
}

const afterTyping = createTypingPause();

/** Saves after the last key press, also when the chat was left, or got its address, meanwhile. */
export function saveSoon(key: string, save: (text: string) => Promise<unknown>) {
  afterTyping(key, () => saveNow(key, save));
}

async function saveNow(key: string, save: (text: string) => Promise<unknown>) {
  const { text } = draftStore(key).get();
  if (text === agreedText(key) || text.length > MAX_PROMPT_CHARS) return;
  try {
    await save(text);
    agree(key, text);
  } catch {
    // It is kept in this browser; the next key press tries again.
  }
}
