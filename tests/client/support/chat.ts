import type { ChatContextValue } from "../../../src/chat/ChatContext.ts";
import { TASK } from "./messages.ts";

/** What the parts of a chat know of it, for a part that is put up by itself. */
export const newChatContext = (more: Partial<ChatContextValue> = {}): ChatContextValue => ({
  taskId: TASK,
  generating: false,
  onSent: () => undefined,
  observeNearness: () => () => undefined,
  keepPlace: () => undefined,
  contextStart: null,
  summaryId: null,
  summarisedTo: null,
  unfolded: new Set(),
  ...more,
});
