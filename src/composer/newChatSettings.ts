import type { ChatSettings } from "../../convex/shared/chatSettings";
import { EFFORTS } from "../../convex/shared/modelFacts";
import { onStoredChange, readStored, writeStored } from "../lib/storage.ts";
import { createStore } from "../lib/store.ts";

const EFFORT_KEY = "verbatim:effort";

/** The effort is remembered in this browser, as the model is. */
function remembered(): ChatSettings {
  const stored = readStored(EFFORT_KEY);
  const effort = EFFORTS.find((known) => known === stored);
  return effort === undefined ? {} : { effort };
}

/** What is set for the chat that does not exist yet. */
export const newChatSettings = createStore<ChatSettings>(remembered());
// What else is set for this tab's new chat stays.
onStoredChange(EFFORT_KEY, () =>
  newChatSettings.update(({ effort: _, ...others }) => ({ ...others, ...remembered() })),
);

export function rememberEffort(effort: ChatSettings["effort"]) {
  writeStored(EFFORT_KEY, effort ?? null);
}

/** For the chat that is made now. What is under "Advanced" is that chat's alone. */
export function takeNewChatSettings(): ChatSettings {
  const settings = newChatSettings.get();
  newChatSettings.set(remembered());
  return settings;
}
