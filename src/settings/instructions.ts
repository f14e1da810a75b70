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

const stores = new Map<string, Store<string | null>>();

/** What was typed and is not known to be at the server; null when there is nothing. Kept at each key press, also over a reload. */
export function unsavedInstructions(scope: Scope): Store<string | null> {
  const key = keyOf(scope);
  const known = stores.get(key);
  if (known !== undefined) return known;
  const store = createStore(readUnsaved(key));
  store.subscribe(() => writeStored(STORAGE_PREFIX + key, store.get()));
  stores.set(key, store);
  return store;
}

function readUnsaved(key: string): string | null {
  const stored = readStored(STORAGE_PREFIX + key);
  return typeof stored === "string" ? stored : null;
}

// Another tab typed, or what it typed is at the server.
onStoredChange(STORAGE_PREFIX, (name) => {
  const key = name.slice(STORAGE_PREFIX.length);
  stores.get(key)?.set(readUnsaved(key));
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
  const text = store.get();
  if (text === null || text.length > MAX_INSTRUCTIONS_CHARS) return;
  try {
    await save({ taskId: scope, text });
    // What was typed meanwhile has its own turn.
    if (store.get() === text) store.set(null);
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
  const unsaved = useStore(store);

  useEffect(() => {
    if (signedIn && unsaved !== null) saveSoon(scope, save);
  }, [save, scope, signedIn, unsaved]);

  return { text: unsaved ?? remote ?? "", state: stateOf(unsaved, remote), type: store.set };
}

function stateOf(unsaved: string | null, remote: string | undefined): Instructions["state"] {
  if (unsaved !== null) return unsaved.length > MAX_INSTRUCTIONS_CHARS ? "tooLong" : "saving";
  return remote === undefined ? "loading" : "saved";
}
