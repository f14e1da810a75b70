import { useEffect, useRef } from "react";
import type { Id } from "../../convex/_generated/dataModel";
import { useText } from "../i18n/catalogue.ts";
import { showToast } from "../ui/toasts.ts";
import type { Turn } from "./turns.ts";

/** A message that the conversation is to be opened at. Each wish to go there is an object of its own. */
export interface Place {
  readonly messageId: Id<"chatMessages">;
}

/** Messages read with each step back to a place: more than for a reader, who is not waiting for something far. */
const PAGE = 60;

/**
 * Reads back until the message of `place` is there, then has `show` bring its turn into view. Returns that turn's key,
 * for it to be put up however far it is and marked for a moment.
 */
export function usePlace(
  place: Place | null,
  turns: readonly Turn[],
  status: "LoadingFirstPage" | "CanLoadMore" | "LoadingMore" | "Exhausted",
  loadMore: (count: number) => void,
  show: (turnKey: string) => void,
): string | null {
  const text = useText();
  /** The place that was gone to, or given up: the reader may have moved on from it. */
  const settled = useRef<Place | null>(null);
  const found =
    place === null
      ? undefined
      : turns.find(
          ({ prompt, answer }) => prompt?._id === place.messageId || answer?._id === place.messageId,
        );
  const key = found?.key ?? null;

  useEffect(() => {
    if (place === null || place === settled.current) return;
    if (key !== null) {
      show(key);
      settled.current = place;
    } else if (status === "CanLoadMore") {
      loadMore(PAGE);
    } else if (status === "Exhausted") {
      showToast({ tone: "info", message: text.messageElsewhere });
      settled.current = place;
    }
  }, [place, key, status, loadMore, show, text]);

  return key;
}
