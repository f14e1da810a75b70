import { useMutation } from "convex/react";
import { useMemo } from "react";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { currentRoute, navigate } from "../app/route.ts";
import { texts } from "../i18n/catalogue.ts";
import { showToast } from "../ui/toasts.ts";
import { changeInLists, removeFromLists } from "./optimistic.ts";
import type { Chat } from "./types.ts";

const nameOf = (chat: Chat) => (chat.title === "" ? texts().untitled : chat.title);

function leaveIfOpen(chat: Chat) {
  const route = currentRoute();
  if (route.kind === "chat" && route.taskId === chat._id) navigate({ kind: "newChat" }, "replace");
}

/** What a person does with a chat in the list. Shown at once; taken back, with a word, if the server refuses. */
export function useChatActions() {
  const rename = useMutation(api.tasks.rename).withOptimisticUpdate(changeInLists);
  const setPinned = useMutation(api.tasks.setPinned).withOptimisticUpdate(changeInLists);
  const setArchived = useMutation(api.tasks.setArchived).withOptimisticUpdate(changeInLists);
  const remove = useMutation(api.tasks.remove).withOptimisticUpdate(removeFromLists);
  const restore = useMutation(api.tasks.restore);

  return useMemo(() => {
    const archive = (chat: Chat, archived: boolean) => {
      setArchived({ taskId: chat._id, archived }).catch(reportFailure);
    };
    return {
      rename: (chat: Chat, title: string) => {
        rename({ taskId: chat._id, title }).catch(reportFailure);
      },
      setPinned: (chat: Chat, pinned: boolean) => {
        setPinned({ taskId: chat._id, pinned }).catch(reportFailure);
      },
      setArchived: (chat: Chat, archived: boolean) => {
        archive(chat, archived);
        if (!archived) return;
        leaveIfOpen(chat);
        showToast({
          tone: "info",
          message: texts().chatArchived(nameOf(chat)),
          action: { label: texts().undo, run: () => archive(chat, false) },
        });
      },
      /** Undo is the server's: a tab that is closed before the toast has gone changes nothing. */
      remove: (chat: Chat) => {
        leaveIfOpen(chat);
        remove({ taskId: chat._id }).catch(reportFailure);
        showToast({
          tone: "info",
          message: texts().chatDeleted(nameOf(chat)),
          action: {
            label: texts().undo,
            run: () => {
              restore({ taskId: chat._id }).catch(reportFailure);
            },
          },
        });
      },
    };
  }, [rename, setPinned, setArchived, remove, restore]);
}
