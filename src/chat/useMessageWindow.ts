import { usePaginatedQuery } from "convex/react";
import { useCallback, useMemo, useState } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { useSignedIn } from "../session/session.ts";
import type { Message } from "./types.ts";

/** Messages loaded when a chat opens at its end, and with each step. Even, so that a page rarely splits a turn. */
const FIRST_PAGE = 20;
const NEXT_PAGE = 30;
/** Messages loaded to each side of the one the chat opens at: more than a screenful, however short they are. */
const AROUND = 40;
/**
 * Most messages held; beyond this the window moves instead of growing: each page is a live query, which the server runs again
 * when the chat changes and at each reconnection.
 */
const MAX_HELD = 160;

/** What the window is anchored to. `unknown`: the chat opens at a message whose place is not known yet. */
type WindowAnchor =
  { readonly at: "end" } | { readonly at: "message"; readonly sequence: number } | { readonly at: "unknown" };

/** Neighbouring messages of a chat. */
export interface MessageWindow {
  readonly newestFirst: readonly Message[];
  readonly moreBefore: boolean;
  /** False: it contains the chat's end, where new messages appear. */
  readonly moreAfter: boolean;
}

const SKIP = "skip";
const AT_END: WindowAnchor = { at: "end" };

/**
 * The loaded part of a chat, anchored to its end, or to any message and paged both ways from there. While it moves elsewhere,
 * what was shown stays. With `placed`, nothing is loaded before the place is known.
 */
export function useMessageWindow(taskId: Id<"tasks"> | null, placed: boolean) {
  const signedIn = useSignedIn();
  const [anchor, setAnchor] = useState<WindowAnchor>(placed ? { at: "unknown" } : AT_END);
  if (anchor.at === "unknown" && !placed) setAnchor(AT_END);
  const chat = signedIn && taskId !== null && anchor.at !== "unknown" ? { taskId } : null;
  const sequence = anchor.at === "message" ? anchor.sequence : null;

  const before = usePaginatedQuery(
    api.messages.list,
    chat === null ? SKIP : sequence === null ? chat : { ...chat, upTo: sequence },
    { initialNumItems: sequence === null ? FIRST_PAGE : AROUND },
  );
  const after = usePaginatedQuery(
    api.messages.listAfter,
    chat === null || sequence === null ? SKIP : { ...chat, after: sequence },
    { initialNumItems: AROUND },
  );

  const hasAfter = sequence !== null;
  const loaded = useMemo<MessageWindow | null>(() => {
    if (before.status === "LoadingFirstPage") return null;
    const moreBefore = before.status !== "Exhausted";
    if (!hasAfter) return { newestFirst: before.results, moreBefore, moreAfter: false };
    if (after.status === "LoadingFirstPage") return null;
    return {
      newestFirst: [...after.results.toReversed(), ...before.results],
      moreBefore,
      moreAfter: after.status !== "Exhausted",
    };
  }, [before.results, before.status, after.results, after.status, hasAfter]);
  const [shown, setShown] = useState<MessageWindow | null>(null);
  if (loaded !== null && loaded !== shown) setShown(loaded);
  const held = loaded ?? shown;

  const moveTo = useCallback((to: number) => {
    setAnchor((from) =>
      from.at === "message" && from.sequence === to ? from : { at: "message", sequence: to },
    );
  }, []);
  const moveToEnd = useCallback(() => setAnchor(AT_END), []);

  const newest = loaded?.newestFirst[0]?.sequence;
  const grown = loaded !== null && !loaded.moreAfter && loaded.newestFirst.length > MAX_HELD;
  /** Trims a chat that has grown long while its end was followed. */
  const moveAlong = useCallback(() => {
    if (grown && newest !== undefined) moveTo(newest);
  }, [grown, newest, moveTo]);

  /** One step in a direction; `seen`: the sequence the reader is looking at, which the window may be anchored to. */
  const step = (grow: (count: number) => void, seen: number | null) => {
    if (seen === null || seen === sequence || (held?.newestFirst.length ?? 0) < MAX_HELD) grow(NEXT_PAGE);
    else moveTo(seen);
  };

  return {
    held,
    moveTo,
    moveToEnd,
    moveAlong,
    canLoadEarlier: loaded !== null && before.status === "CanLoadMore",
    canLoadLater: loaded !== null && hasAfter && after.status === "CanLoadMore",
    loadEarlier: (seen: number | null) => step(before.loadMore, seen),
    loadLater: (seen: number | null) => step(after.loadMore, seen),
  };
}
