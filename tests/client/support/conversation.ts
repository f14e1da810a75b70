import type { Conversation } from "../../../src/chat/ConversationContext.ts";
import { TASK } from "./messages.ts";

/** What the parts of a conversation know of it, for a part that is put up by itself. */
export const newConversation = (more: Partial<Conversation> = {}): Conversation => ({
  taskId: TASK,
  generating: false,
  onSent: () => undefined,
  observeNearness: () => () => undefined,
  keepPlace: () => undefined,
  unfolded: new Set(),
  ...more,
});
