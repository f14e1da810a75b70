import { useMutation } from "convex/react";
import { useEffect } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { failureData } from "../../convex/shared/errors";
import { MAX_INSTRUCTIONS_CHARS } from "../../convex/shared/limits";
import { reportFailure } from "../app/failures.ts";
import { onStoredChange, readStored, storedKeys, writeStored } from "../lib/storage.ts";
import { createStore, useStore, type Store } from "../lib/store.ts";
import { createTypingPause } from "../lib/typingPause.ts";
import { useSignedIn, useViewerQuery } from "../session/session.ts";

const STORAGE_PREFIX = "verbatim:instructions:";

/** For one chat, or with null for all of the person's chats. */
type Scope = Id<"tasks"> | null;

export type SaveInstructions = (args: { taskId: Scope; text: string }) => Promise<unknown>;

const ALL = "all";
const keyOf = (scope: Scope): string => scope ?? ALL;
const scopeOf = (key: string): Scope => (key === ALL ? null : (key as Id<"tasks">));

/** What was typed and is not known to be at the server. */
export interface Unsaved {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

const stores = new Map<string, Store<Unsaved | null>>();

/** Null when there is nothing. Kept at each key press, also over a reload. */
export function unsavedInstructions(scope: Scope): Store<Unsaved | null> {
  const key = keyOf(scope);
  const known = stores.get(key);
  if (known !== undefined) return known;
  const store = createStore(parseUnsaved(readStored(STORAGE_PREFIX + key)));
  store.subscribe(() => keep(key, store.get()));
  stores.set(key, store);
  return store;
}

const keep = (key: string, unsaved: Unsaved | null) => writeStored(STORAGE_PREFIX + key, unsaved);

function parseUnsaved(stored: unknown): Unsaved | null {
  // Earlier versions kept the text alone.
  if (typeof stored === "string") return { text: stored, updatedAt: 0 };
  if (typeof stored !== "object" || stored === null) return null;
  const { text, updatedAt } = stored as Partial<Unsaved>;
  return typeof text === "string" ? { text, updatedAt: updatedAt ?? 0 } : null;
}

export function typeInstructions(scope: Scope, text: string) {
  unsavedInstructions(scope).set({ text, updatedAt: Date.now() });
}

// Another tab typed, or what it typed is at the server. This tab hears of it late: what was typed here since stays.
onStoredChange(STORAGE_PREFIX, (name, before) => {
  const key = name.slice(STORAGE_PREFIX.length);
  const store = stores.get(key);
  if (store === undefined) return;
  const [mine, theirs] = [store.get(), parseUnsaved(readStored(name))];
  const isTheirs =
    mine === null ||
    (theirs === null ? mine.text === parseUnsaved(before)?.text : theirs.updatedAt > mine.updatedAt);
  if (isTheirs) store.set(theirs);
  else if (theirs === null || theirs.updatedAt < mine.updatedAt) keep(key, mine);
});

const afterTyping = createTypingPause();

/** Saves after the last key press, also when the field was closed meanwhile. */
export function saveSoon(scope: Scope, save: SaveInstructions, report: typeof reportFailure = reportFailure) {
  afterTyping(keyOf(scope), () => saveNow(scope, save, report));
}

/**
 * Saves what was typed in this browser just before a page was closed. What fails is not told: nobody has asked for anything now, and
 * the text is still here when its field is opened. After the pause, since another tab may be where it is being typed.
 */
export function saveLeft(save: SaveInstructions) {
  for (const name of storedKeys(STORAGE_PREFIX)) {
    saveSoon(scopeOf(name.slice(STORAGE_PREFIX.length)), save, () => undefined);
  }
}

/** Has `saveLeft` done once there is a session. Beside the page, whatever is on the screen. */
export function useLeftInstructions() {
  const signedIn = useSignedIn();
  const save = useMutation(api.instructions.set);
  useEffect(() => {
    if (signedIn) saveLeft(save);
  }, [save, signedIn]);
}

async function saveNow(scope: Scope, save: SaveInstructions, report: typeof reportFailure) {
  const store = unsavedInstructions(scope);
  const text = store.get()?.text;
  if (text === undefined || text.length > MAX_INSTRUCTIONS_CHARS) return;
  try {
    await save({ taskId: scope, text });
    // What was typed meanwhile has its own turn.
    if (store.get()?.text === text) store.set(null);
  } catch (error) {
    if (failureData(error)?.code === "NOT_FOUND") {
      // The chat was deleted elsewhere, and its instructions with it.
      store.set(null);
      report(error);
    } else {
      report(error, () => void saveNow(scope, save, report));
    }
  }
}

export interface Instructions {
  readonly text: string;
  readonly state: "loading" | "saving" | "tooLong" | "saved";
  readonly type: (text: string) => void;
}

/** The instructions of one scope: what is typed here, else what the server has. */
export function useInstructions(scope: Scope): Instructions {
  const signedIn = useSignedIn();
  const remote = useViewerQuery(api.instructions.get, { taskId: scope });
  const save = useMutation(api.instructions.set);
  const store = unsavedInstructions(scope);
  const unsaved = useStore(store)?.text ?? null;

  useEffect(() => {
    if (signedIn && unsaved !== null) saveSoon(scope, save);
  }, [save, scope, signedIn, unsaved]);

  return {
    text: unsaved ?? remote ?? "",
    state: stateOf(unsaved, remote),
    type: (typed) => typeInstructions(scope, typed),
  };
}

function stateOf(unsaved: string | null, remote: string | undefined): Instructions["state"] {
  if (unsaved !== null) return unsaved.length > MAX_INSTRUCTIONS_CHARS ? "tooLong" : "saving";
  return remote === undefined ? "loading" : "saved";
}
