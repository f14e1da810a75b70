import { useCallback, useEffect, useEffectEvent } from "react";
import type { Id } from "../../convex/_generated/dataModel";
import { draftKeyOf } from "../composer/draftKeys.ts";
import { changedDraft } from "../composer/draftStore.ts";
import type { WhenBusy } from "../composer/outbox.ts";
import { useStore } from "../lib/store.ts";
import { sizeOfFile } from "./draftFiles.ts";
import { attachFiles } from "./uploads.ts";
import { useDraftFiles, type DraftFiles } from "./useDraftFiles.ts";
import { stopWaiting, waitingSends } from "./waitingSends.ts";

/** The files of the prompt that is being written, and how more are attached. */
export function useComposerFiles(taskId: Id<"tasks"> | null) {
  const draftKey = draftKeyOf(taskId);
  const { files, state } = useDraftFiles(taskId);
  const attach = useCallback(
    (chosen: File[]) => {
      changedDraft(draftKey);
      attachFiles({ draftKey, taskId, files: files.map((file) => ({ size: sizeOfFile(file) })) }, chosen);
    },
    [draftKey, taskId, files],
  );
  return { files, state, attach };
}

/** Whether Send was pressed before the files were there. When they are, `send` is called, once. */
export function useWaitingSend(
  draftKey: string,
  state: DraftFiles["state"],
  send: (whenBusy: WhenBusy) => void,
): boolean {
  const waiting = useStore(waitingSends).get(draftKey);
  const sendNow = useEffectEvent((whenBusy: WhenBusy) => {
    stopWaiting(draftKey);
    send(whenBusy);
  });
  useEffect(() => {
    if (waiting !== undefined && state === "ready") sendNow(waiting);
  }, [state, waiting]);
  return waiting !== undefined;
}
