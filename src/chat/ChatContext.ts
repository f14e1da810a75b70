import { createContext, useContext } from "react";
import type { Id } from "../../convex/_generated/dataModel";
import type { ObserveNearness } from "./useNearness.ts";

/** What the parts of a chat need to know about the whole. */
export interface ChatContextValue {
  readonly taskId: Id<"tasks"> | null;
  /** A run is live in this chat. */
  readonly generating: boolean;
  /** To be called when the person starts an answer: the view goes there. */
  readonly onSent: (turnKey: string) => void;
  readonly observeNearness: ObserveNearness;
  /** To be called when a height has changed: what is being read stays in place. */
  readonly keepPlace: () => void;
  /** The sequence of the prompt with which what the model sees begins; null where that is not known. */
  readonly contextStart: number | null;
  /** What it was told of what is before, and up to which sequence that tells; null for nothing. */
  readonly summaryId: Id<"contextSummaries"> | null;
  readonly summarisedTo: number | null;
  /** The folds that a person opened: see `useDisclosure`. */
  readonly unfolded: Set<string>;
}

export const ChatContext = createContext<ChatContextValue>({
  taskId: null,
  generating: false,
  onSent: () => undefined,
  observeNearness: () => () => undefined,
  keepPlace: () => undefined,
  contextStart: null,
  summaryId: null,
  summarisedTo: null,
  unfolded: new Set(),
});

export const useChat = () => useContext(ChatContext);
