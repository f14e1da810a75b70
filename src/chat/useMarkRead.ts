import { useMutation } from "convex/react";
import { useEffect } from "react";
import { api } from "../../convex/_generated/api";
import type { ChatTask } from "./types.ts";

/** Marks the chat on the screen as read while its tab is visible. */
export function useMarkRead(task: ChatTask | null) {
  const markRead = useMutation(api.tasks.markRead);
  const unread = task?.unread === true ? task._id : null;
  useEffect(() => {
    if (unread === null) return;
    const mark = () => {
      // If this fails, the chat just stays marked as unread until it is opened again.
      if (!document.hidden) markRead({ taskId: unread }).catch(() => undefined);
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [markRead, unread]);
}
