import type { Id } from "../../convex/_generated/dataModel";
import { newId } from "../composer/draftStore.ts";
import { outboxStore } from "../composer/outbox.ts";

/**
 * a view keeps its key from before its chat exists: when the first receipt gives a new chat its id,
 * the address changes and nothing on the screen is taken down.
 */
const viewKeys = new Map<string, string>();

/** A reload while the first prompt of a new chat is on its way comes back to that prompt. */
const unfinished = outboxStore.get().findLast((entry) => entry.taskId === null)?.chatKey;
let newChatKey = unfinished ?? `new:${newId()}`;

export const viewKeyOf = (taskId: Id<"tasks"> | null): string =>
  taskId === null ? newChatKey : (viewKeys.get(taskId) ?? taskId);

/** The new chat under `viewKey` got its id. Returns whether it is the one that the new-chat page shows. */
export function adoptNewChat(viewKey: string, taskId: Id<"tasks">): boolean {
  if (viewKey === taskId) return false;
  viewKeys.set(taskId, viewKey);
  if (viewKey !== newChatKey) return false;
  newChatKey = `new:${newId()}`;
  return true;
}

/** Convex's ids in their text form; an address with anything else names no chat. */
const ID = /^[0-9a-z]{24,48}$/;

export const asTaskId = (text: string): Id<"tasks"> | null => (ID.test(text) ? (text as Id<"tasks">) : null);

/** A fragment may also be a footnote's; then it names no message. */
export const asMessageId = (text: string | undefined): Id<"chatMessages"> | null =>
  text !== undefined && ID.test(text) ? (text as Id<"chatMessages">) : null;
