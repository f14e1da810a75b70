import type { ConvexReactClient } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "../../convex/_generated/api";
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

let loading: Promise<void> | null = null;

/** Asks once a page; an answer that does not come is asked for again the next time it is needed. */
export function loadModels(convex: ConvexReactClient) {
  loading ??= convex.action(api.models.list, {}).then(
    (models) => modelsStore.set(models),
    () => {
      loading = null;
    },
  );
}
