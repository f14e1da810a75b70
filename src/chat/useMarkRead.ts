import { useMutation } from "convex/react";
import { useEffect } from "react";
import { api } from "../../convex/_generated/api";
import type { ChatTask } from "./types.ts";

/** A chat that is on the screen, in a tab that is looked at, is read. */
export function useMarkRead(task: ChatTask | null) {
  const markRead = useMutation(api.tasks.markRead);
  const unread = task?.unread === true ? task._id : null;
  useEffect(() => {
    if (unread === null) return;
    const mark = () => {
      // The mark is a comfort: when it fails, the chat stays marked until it is opened again.
      if (!document.hidden) markRead({ taskId: unread }).catch(() => undefined);
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [markRead, unread]);
}
