import { createContext, useContext } from "react";
import type { Id } from "../../convex/_generated/dataModel";
import type { ObserveNearness } from "./useNearness.ts";

/** What the parts of a chat need to know of the whole. */
export interface ChatContextValue {
  readonly taskId: Id<"tasks"> | null;
  /** A run is live in this chat. */
  readonly generating: boolean;
  /** Called when something of the person's own starts an answer: the view goes there. */
  readonly onSent: (turnKey: string) => void;
  readonly observeNearness: ObserveNearness;
  /** To be called when the height of something changed: what is read stays where it is. */
  readonly keepPlace: () => void;
  /** The folds that a person opened: see `useDisclosure`. */
  readonly unfolded: Set<string>;
}

export const ChatContext = createContext<ChatContextValue>({
  taskId: null,
  generating: false,
  onSent: () => undefined,
  observeNearness: () => () => undefined,
  keepPlace: () => undefined,
  unfolded: new Set(),
});

export const useChat = () => useContext(ChatContext);
