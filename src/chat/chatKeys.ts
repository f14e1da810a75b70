import type { Id } from "../../convex/_generated/dataModel";
import { newId } from "../composer/draftStore.ts";
import { outboxStore } from "../composer/outbox.ts";

/**
 * A view keeps the key it had before its chat existed: when the first receipt gives a new chat its id, the address changes
 * and nothing on the screen is rebuilt.
 */
const viewKeys = new Map<string, string>();

/** Reloading while the first prompt of a new chat is on its way returns to that prompt. */
const unfinished = outboxStore.get().findLast((entry) => entry.taskId === null)?.chatKey;
let newChatKey = unfinished ?? `new:${newId()}`;

export const viewKeyOf = (taskId: Id<"tasks"> | null): string =>
  taskId === null ? newChatKey : (viewKeys.get(taskId) ?? taskId);

/** To be called when the new chat under `viewKey` has got its id. Returns whether the new-chat page shows it. */
export function adoptNewChat(viewKey: string, taskId: Id<"tasks">): boolean {
  if (viewKey === taskId) return false;
  viewKeys.set(taskId, viewKey);
  if (viewKey !== newChatKey) return false;
  newChatKey = `new:${newId()}`;
  return true;
}

/** The text form of Convex's ids; anything else in an address is not a chat. */
const ID = /^[0-9a-z]{24,48}$/;

export const asTaskId = (text: string): Id<"tasks"> | null => (ID.test(text) ? (text as Id<"tasks">) : null);

/** A fragment may also be a footnote's, and then is not a message. */
export const asMessageId = (text: string | undefined): Id<"chatMessages"> | null =>
  text !== undefined && ID.test(text) ? (text as Id<"chatMessages">) : null;
