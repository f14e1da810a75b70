import { usePaginatedQuery } from "convex/react";
import { useMemo } from "react";
import { api } from "../../convex/_generated/api";
import { useSignedIn, useViewerQuery } from "../session/session.ts";
import type { Chat } from "./types.ts";

/** Chats asked for at once: more than a tall screen shows. */
const PAGE = 40;

/** The chats to list, pinned first; null while the first page loads. */
export function useChats(archived: boolean) {
  const signedIn = useSignedIn();
  const { results, status, loadMore } = usePaginatedQuery(api.tasks.list, signedIn ? { archived } : "skip", {
    initialNumItems: PAGE,
  });
  const pinned = useViewerQuery(api.tasks.listPinned, archived ? "skip" : {});
  const chats = useMemo<Chat[] | null>(() => {
    if (status === "LoadingFirstPage") return null;
    const above = archived ? [] : (pinned ?? results.filter((chat) => chat.pinned));
    const ids = new Set(above.map((chat) => chat._id));
    return [...above, ...results.filter((chat) => !ids.has(chat._id))];
  }, [archived, pinned, results, status]);
  return {
    chats,
    canLoadMore: status === "CanLoadMore",
    loadMore: () => loadMore(PAGE),
  };
}
