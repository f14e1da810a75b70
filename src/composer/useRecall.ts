import { useCallback } from "react";
import type { Id } from "../../convex/_generated/dataModel";
import { draftKeyOf } from "./draftKeys.ts";
import { setDraftText } from "./draftStore.ts";
import { focusComposer } from "./focusComposer.ts";
import { lastPromptOf } from "./lastPrompts.ts";

/** Puts the chat's last prompt into the empty composer. Returns whether there was one. */
export function useRecall(taskId: Id<"tasks"> | null): () => boolean {
  return useCallback(() => {
    const last = taskId === null ? undefined : lastPromptOf(taskId);
    if (last === undefined) return false;
    setDraftText(draftKeyOf(taskId), last);
    focusComposer();
    return true;
  }, [taskId]);
}
