import { useLayoutEffect, useRef } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { useText } from "../i18n/catalogue.ts";
import { useViewerQuery } from "../session/session.ts";
import { showToast } from "../ui/toasts.ts";
import type { Turn } from "./turns.ts";

/** A message that the chat is to be opened at. Each navigation is a new object. */
export interface Place {
  readonly messageId: Id<"chatMessages">;
}

interface Moves {
  /** Loads the messages around a sequence; then the turns change. */
  readonly moveTo: (sequence: number) => void;
  readonly moveToEnd: () => void;
  /** Brings a turn into view. */
  readonly show: (turnKey: string) => void;
}

/**
 * Goes to the message of `place` without loading what lies between. Returns the key of its turn, which is to be rendered
 * wherever it is, and highlighted for a moment.
 */
export function usePlace(
  taskId: Id<"tasks"> | null,
  place: Place | null,
  turns: readonly Turn[],
  { moveTo, moveToEnd, show }: Moves,
): string | null {
  const text = useText();
  /** The last place that was gone to or given up; the reader may have moved on since. */
  const handled = useRef<Place | null>(null);
  const located = useViewerQuery(
    api.messages.locate,
    taskId === null || place === null ? "skip" : { taskId, messageId: place.messageId },
  );
  const found =
    place === null
      ? undefined
      : turns.find(
          ({ prompt, answer }) => prompt?._id === place.messageId || answer?._id === place.messageId,
        );
  const key = found?.key ?? null;

  // Before the first paint, so that no other place is seen first.
  useLayoutEffect(() => {
    if (place === null || place === handled.current) return;
    if (key !== null) {
      show(key);
      handled.current = place;
    } else if (located === null) {
      showToast({ tone: "info", message: text.messageElsewhere });
      handled.current = place;
      moveToEnd();
    } else if (located !== undefined) {
      moveTo(located.sequence);
    }
  }, [place, key, located, moveTo, moveToEnd, show, text]);

  return key;
}
