import { usePaginatedQuery } from "convex/react";
import { useContext, useEffect, useMemo } from "react";
import { api } from "../../convex/_generated/api";
import { useSignedIn, useViewerQuery } from "../session/session.ts";
import { KeptChats } from "./keptChats.ts";
import type { Chat } from "./types.ts";

/** Chats asked for at once: more than a tall screen shows. */
const PAGE = 40;

/**
 * The chats to list, pinned first, and until they are there those last listed; null where there are none yet. `current`: these are
 * what the server says.
 */
export function useChats(archived: boolean) {
  const signedIn = useSignedIn();
  const { results, status, loadMore } = usePaginatedQuery(api.tasks.list, signedIn ? { archived } : "skip", {
    initialNumItems: PAGE,
  });
  const pinned = useViewerQuery(api.tasks.listPinned, archived ? "skip" : {});
  const chats = useMemo<readonly Chat[] | null>(() => {
    if (status === "LoadingFirstPage") return null;
    const above = archived ? [] : (pinned ?? results.filter((chat) => chat.pinned));
    const ids = new Set(above.map((chat) => chat._id));
    return [...above, ...results.filter((chat) => !ids.has(chat._id))];
  }, [archived, pinned, results, status]);
  const kept = useContext(KeptChats);
  useEffect(() => {
    if (chats !== null) kept?.set(archived, chats);
  }, [kept, archived, chats]);
  return {
    chats: chats ?? (signedIn ? (kept?.get(archived) ?? null) : null),
    current: chats !== null,
    canLoadMore: status === "CanLoadMore",
    loadMore: () => loadMore(PAGE),
  };
}
