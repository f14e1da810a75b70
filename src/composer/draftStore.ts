import { onStoredChange, readStored, writeStored } from "../lib/storage.ts";
import { createStore, type Store } from "../lib/store.ts";

/** Text that was typed and not sent. */
export interface Draft {
  readonly text: string;
  /**
   * The id under which exactly these words will be sent, from whichever tab: other words have another id, or the server would take
   * them for the same prompt.
   */
  readonly clientMessageId: string;
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

const emptyDraft = (): Draft => ({ text: "", clientMessageId: newId(), updatedAt: 0 });

export function parseDraft(stored: unknown): Draft {
  if (typeof stored !== "object" || stored === null) return emptyDraft();
  const { text, clientMessageId, updatedAt } = stored as Partial<Draft>;
  if (typeof text !== "string" || typeof clientMessageId !== "string") return emptyDraft();
  return { text, clientMessageId, updatedAt: updatedAt ?? 0 };
}

/** The draft after the person changed its text. */
export function typed(draft: Draft, text: string, now: number): Draft {
  return text === draft.text ? draft : { text, clientMessageId: newId(), updatedAt: now };
}

/**
 * This tab's draft after another tab changed the stored one. Tabs hear of each other's changes late, seconds late on a busy machine, and
 * what was typed here meanwhile stays.
 *
 * @param before what was stored before that change
 * @param stored what is stored now; null when the other tab emptied or sent it
 */
export function afterOtherTab(draft: Draft, before: unknown, stored: unknown, now: number): Draft {
  if (stored === null) return typed(draft, parseDraft(before).text === draft.text ? "" : draft.text, now);
  const theirs = parseDraft(stored);
  return theirs.updatedAt > draft.updatedAt && theirs.text !== draft.text ? theirs : draft;
}

const stores = new Map<string, Store<Draft>>();

/** The draft of one chat (`key` is its id, or a word for the new chat), kept at each key press. */
export function draftStore(key: string): Store<Draft> {
  const known = stores.get(key);
  if (known !== undefined) return known;
  const store = createStore(parseDraft(readStored(STORAGE_PREFIX + key)));
  store.subscribe(() => keep(key, store.get()));
  stores.set(key, store);
  return store;
}

function keep(key: string, draft: Draft) {
  writeStored(STORAGE_PREFIX + key, draft.text === "" ? null : draft);
}

onStoredChange(STORAGE_PREFIX, (name, before) => {
  const key = name.slice(STORAGE_PREFIX.length);
  const store = stores.get(key);
  if (store === undefined) return;
  const [draft, stored] = [store.get(), readStored(name)];
  const next = afterOtherTab(draft, before, stored, Date.now());
  if (next !== draft) store.set(next);
  // The other tab's change came last to the storage all the same.
  else if (draft.text !== "" && parseDraft(stored).updatedAt < draft.updatedAt) keep(key, draft);
});

export function setDraftText(key: string, text: string) {
  draftStore(key).update((draft) => typed(draft, text, Date.now()));
}

/** The draft's files are others now, and so it is another prompt. */
export function changedDraft(key: string) {
  draftStore(key).update((draft) => ({ ...draft, clientMessageId: newId() }));
}

/** Empties the draft after its text went to the outbox. */
export function clearDraft(key: string) {
  draftStore(key).set({ ...emptyDraft(), updatedAt: Date.now() });
}

/** Makes what was typed for one chat the draft of another, which it has become. Returns whether there was something. */
export function moveDraft(from: string, to: string): boolean {
  const draft = draftStore(from).get();
  const isTyped = draft.text !== "";
  if (isTyped) {
    draftStore(to).set(draft);
    clearDraft(from);
  }
  return isTyped;
}

/** Puts a prompt that was not sent back, under the same id, before anything typed since. */
export function restoreDraft(key: string, text: string, clientMessageId: string) {
  draftStore(key).update((draft) =>
    draft.text === ""
      ? { text, clientMessageId, updatedAt: Date.now() }
      : typed(draft, `${text}\n\n${draft.text}`, Date.now()),
  );
}
