import { onStoredChange, readStored, writeStored } from "../lib/storage.ts";
import { createStore, type Store } from "../lib/store.ts";

/** Text that was typed and not sent. */
export interface Draft {
  readonly text: string;
  /** The id under which it will be sent; a new one when the text changes after an attempt to send it. */
  readonly clientMessageId: string;
  readonly attempted: boolean;
  /** Milliseconds since the epoch; 0 for a draft that nobody has touched. */
  readonly updatedAt: number;
}

const STORAGE_PREFIX = "verbatim:draft:";

export const newId = (): string => {
  // `randomUUID` exists only where the page came by https or from this machine.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

const emptyDraft = (): Draft => ({ text: "", clientMessageId: newId(), attempted: false, updatedAt: 0 });

export function parseDraft(stored: unknown): Draft {
  if (typeof stored !== "object" || stored === null) return emptyDraft();
  const { text, clientMessageId, attempted, updatedAt } = stored as Partial<Draft>;
  if (typeof text !== "string" || typeof clientMessageId !== "string") return emptyDraft();
  return { text, clientMessageId, attempted: attempted === true, updatedAt: updatedAt ?? 0 };
}

/** The draft after the person changed its text. */
export function typed(draft: Draft, text: string, now: number): Draft {
  if (text === draft.text) return draft;
  const clientMessageId = draft.attempted ? newId() : draft.clientMessageId;
  return { text, clientMessageId, attempted: false, updatedAt: now };
}

/** The server's copy wins only when it is newer than all that was typed here. */
export function takesRemote(draft: Draft, remote: { text: string; updatedAt: number }): boolean {
  return remote.updatedAt > draft.updatedAt && remote.text !== draft.text;
}

const stores = new Map<string, Store<Draft>>();

/** The draft of one chat (`key` is its id, or a word for the new chat), kept at each key press. */
export function draftStore(key: string): Store<Draft> {
  const known = stores.get(key);
  if (known !== undefined) return known;
  const store = createStore(parseDraft(readStored(STORAGE_PREFIX + key)));
  store.subscribe(() => {
    const draft = store.get();
    writeStored(STORAGE_PREFIX + key, draft.text === "" ? null : draft);
  });
  stores.set(key, store);
  return store;
}

onStoredChange(STORAGE_PREFIX, (key) => {
  const store = stores.get(key.slice(STORAGE_PREFIX.length));
  if (store === undefined) return;
  const stored = readStored(key);
  // Another tab emptied or sent it after this tab's last key press.
  const draft = stored === null ? { ...emptyDraft(), updatedAt: Date.now() } : parseDraft(stored);
  if (takesRemote(store.get(), draft)) store.set(draft);
});

export function setDraftText(key: string, text: string) {
  draftStore(key).update((draft) => typed(draft, text, Date.now()));
}

/** The draft's files are others now: what was attempted before is another prompt. */
export function changedDraft(key: string) {
  draftStore(key).update((draft) =>
    draft.attempted ? { ...draft, clientMessageId: newId(), attempted: false } : draft,
  );
}

/** Empties the draft after its text went to the outbox. */
export function clearDraft(key: string) {
  draftStore(key).set({ ...emptyDraft(), updatedAt: Date.now() });
}

/** Puts a prompt that was not sent back, under the same id, before anything typed since. */
export function restoreDraft(key: string, text: string, clientMessageId: string) {
  draftStore(key).update((draft) =>
    draft.text === ""
      ? { text, clientMessageId, attempted: true, updatedAt: Date.now() }
      : typed(draft, `${text}\n\n${draft.text}`, Date.now()),
  );
}
