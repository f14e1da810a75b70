import { useMutation } from "convex/react";
import { useEffect, useRef } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { MAX_PROMPT_CHARS } from "../../convex/shared/limits";
import { useStore } from "../lib/store.ts";
import { useSignedIn, useViewerQuery } from "../session/session.ts";
import { draftKeyOf } from "./draftKeys.ts";
import { draftStore } from "./draftStore.ts";

/** ms without a key press after which a draft goes to the server. */
const SAVE_AFTER_MS = 800;

/** Keeps a chat's draft in step with the person's other devices. What is typed here always wins over what was older. */
export function useServerDraft(taskId: Id<"tasks"> | null) {
  const signedIn = useSignedIn();
  const store = draftStore(draftKeyOf(taskId));
  const { text, updatedAt } = useStore(store);
  const remote = useViewerQuery(api.drafts.get, { taskId });
  const save = useMutation(api.drafts.save);
  /** The last text that the server is known to have or to get. */
  const synced = useRef<string | null>(null);

  useEffect(() => {
    if (remote === undefined) return;
    const remoteText = remote?.text ?? "";
    const before = synced.current;
    synced.current = remoteText;
    const draft = store.get();
    // Taken when nothing was typed here since the server last agreed: two clocks need not be compared.
    const untouched = before === null ? draft.text === "" && draft.updatedAt === 0 : draft.text === before;
    if (untouched && remoteText !== draft.text) {
      store.set({ ...draft, text: remoteText, updatedAt: remote?.updatedAt ?? Date.now() });
    }
  }, [remote, store]);

  useEffect(() => {
    if (!signedIn || remote === undefined || updatedAt === 0) return;
    if (text === synced.current || text.length > MAX_PROMPT_CHARS) return;
    const timer = setTimeout(() => {
      synced.current = text;
      save({ taskId, text }).catch(() => {
        // It is kept in this browser; the next key press tries again.
        synced.current = null;
      });
    }, SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [remote, save, signedIn, taskId, text, updatedAt]);
}
