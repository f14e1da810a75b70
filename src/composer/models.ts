import type { ConvexReactClient } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "../../convex/_generated/api";
import { partsOfModelId } from "../../convex/shared/modelIds";
import { Backoff, pauseBeforeRetry } from "../lib/backoff.ts";
import { createStore } from "../lib/store.ts";
import { onStoredChange, readStored, writeStored } from "../lib/storage.ts";

export type Models = FunctionReturnType<typeof api.models.list>;

const CHOICE_KEY = "verbatim:model";

/** Null until the server has said what there is. */
export const modelsStore = createStore<Models | null>(null);

/** The model for new chats in this browser; null for the default. */
const readChoice = (): string | null => {
  const stored = readStored(CHOICE_KEY);
  return typeof stored === "string" ? stored : null;
};
export const newChatModel = createStore<string | null>(readChoice());
onStoredChange(CHOICE_KEY, () => newChatModel.set(readChoice()));

export function chooseForNewChats(model: string | null) {
  newChatModel.set(model);
  writeStored(CHOICE_KEY, model);
}

const RECENT_KEY = "verbatim:recentModels";
/** More would be another list to look through. */
const MAX_RECENT = 4;

/** Ids of the models chosen last in this browser, newest first. */
export function recentModels(): readonly string[] {
  const stored = readStored(RECENT_KEY);
  return Array.isArray(stored) ? stored.filter((id) => typeof id === "string").slice(0, MAX_RECENT) : [];
}

export function rememberModel(model: string) {
  writeStored(RECENT_KEY, [model, ...recentModels().filter((id) => id !== model)].slice(0, MAX_RECENT));
}

const RETRY = { firstMs: 2_000, longestMs: 60_000 };

/** While there are models to choose from, a provider that is down is asked for ever more seldom: each time all are. */
const RETRY_OF_SOME = { firstMs: 5_000, longestMs: 600_000 };

/** How old a list is that is asked for anew when somebody looks at it: the owner may have added or removed a provider. */
const FRESH_MS = 60_000;

/** Ends the pause before the list is asked for again, or asks anew for one that is old; null while there is nothing to do. */
let askNow: (() => void) | null = null;

/** Counts what asks: only the newest goes on. 0: nobody has asked. */
let asking = 0;

/**
 * Asks for the models once a page, and again with backoff until all lists could be read: a provider may be down when the page is opened.
 * What is known so far is in `modelsStore`.
 */
export function loadModels(convex: ConvexReactClient) {
  if (asking === 0) askAgain(convex);
}

/** Asks for the models at once if a list could not be read, or is old: somebody is looking at them. */
export const reloadModels = () => askNow?.();

/** Asks anew, whatever is known: a person's own key gives and takes models. */
export function askAgain(convex: ConvexReactClient) {
  const turn = ++asking;
  askNow?.();
  void keepAsking(convex, turn);
}

async function keepAsking(convex: ConvexReactClient, turn: number): Promise<void> {
  const backoff = new Backoff(RETRY);
  const backoffOfSome = new Backoff(RETRY_OF_SOME);
  while (turn === asking) {
    let hasSome = false;
    try {
      const models = await convex.action(api.models.list, {});
      if (turn !== asking) return;
      modelsStore.set(models);
      if (models.error === null) {
        askNow = renewal(convex);
        return;
      }
      hasSome = models.models.length > 0;
    } catch {
      // No answer: what is known stays.
    }
    const asked = new AbortController();
    askNow = () => asked.abort();
    await pauseBeforeRetry((hasSome ? backoffOfSome : backoff).next(), asked.signal);
    askNow = null;
  }
}

/** Asks anew for a list that was read just now, once it is old. */
function renewal(convex: ConvexReactClient): () => void {
  const readAt = Date.now();
  return () => {
    if (Date.now() - readAt < FRESH_MS) return;
    askNow = null;
    askAgain(convex);
  };
}

/** A model's name for people: as its provider calls it, or without the prefix of its id. */
export const modelName = (models: Models | null, id: string): string =>
  models?.models.find((model) => model.id === id)?.name ?? partsOfModelId(id).model;

/** Can it not be known now whether this model is there, because its provider is down? */
export const isOfDownProvider = (models: Models | null, id: string): boolean =>
  models?.providers.some(
    ({ id: provider, error }) => error !== null && provider === partsOfModelId(id).provider,
  ) ?? false;
