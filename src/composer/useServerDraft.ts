import { useMutation } from "convex/react";
import { useEffect } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { useStore } from "../lib/store.ts";
import { useSignedIn, useViewerQuery } from "../session/session.ts";
import { draftKeyOf } from "./draftKeys.ts";
import { draftStore, typed } from "./draftStore.ts";
import { agreedText, heard, saveSoon } from "./draftSync.ts";

/** Keeps a chat's draft in step with the person's other devices. What is typed here always wins over what was older. */
export function useServerDraft(taskId: Id<"tasks"> | null) {
  const signedIn = useSignedIn();
  const key = draftKeyOf(taskId);
  const store = draftStore(key);
  const { text } = useStore(store);
  const remote = useViewerQuery(api.drafts.get, { taskId });
  const save = useMutation(api.drafts.save);

  useEffect(() => {
    if (remote === undefined) return;
    const remoteText = remote?.text ?? "";
    const draft = store.get();
    if (heard(key, draft, remoteText)) store.set(typed(draft, remoteText, remote?.updatedAt ?? Date.now()));
  }, [key, remote, store]);

  useEffect(() => {
    if (!signedIn || remote === undefined || text === agreedText(key)) return;
    saveSoon(key, (latest) => save({ taskId, ...latest }));
  }, [key, remote, save, signedIn, taskId, text]);
}
