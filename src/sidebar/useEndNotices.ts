import { useEffect, useRef } from "react";
import { currentRoute, navigate } from "../app/route.ts";
import { texts } from "../i18n/catalogue.ts";
import { showToast } from "../ui/toasts.ts";
import type { Chat } from "./types.ts";

type Watched = Pick<Chat, "_id" | "status">;

/** The chats that were running and are not any more. A chat that is new to the list has not ended. */
export function endedSince<T extends Watched>(
  before: ReadonlyMap<string, Chat["status"]>,
  chats: readonly T[],
): T[] {
  return chats.filter((chat) => before.get(chat._id) === "RUNNING" && chat.status !== "RUNNING");
}

/** A toast for each answer that ends in a chat which is not the one on the screen. One that was stopped needs none. */
export function useEndNotices(chats: readonly Chat[] | null) {
  const before = useRef<ReadonlyMap<string, Chat["status"]>>(new Map());
  useEffect(() => {
    if (chats === null) return;
    const ended = endedSince(before.current, chats);
    before.current = new Map(chats.map((chat) => [chat._id, chat.status]));
    for (const chat of ended) {
      const route = currentRoute();
      const onScreen = route.kind === "chat" && route.taskId === chat._id;
      if (onScreen || chat.status === "STOPPED") continue;
      const title = chat.title === "" ? texts().untitled : chat.title;
      const failed = chat.status === "FAILED";
      showToast({
        tone: failed ? "error" : "info",
        message: failed ? texts().chatFailed(title) : texts().chatEnded(title),
        action: { label: texts().openChat, run: () => navigate({ kind: "chat", taskId: chat._id }) },
      });
    }
  }, [chats]);
}
