import { useMutation } from "convex/react";
import { useEffect, useState } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { usePageVisible } from "../lib/usePageVisible.ts";
import { usePreferences } from "../preferences/preferences.ts";
import { useViewerQuery } from "../session/session.ts";
import { useChat } from "./ChatContext.ts";
import type { Message } from "./types.ts";

/**
 * The chat's follow-ups as the server has them. They are read together with its messages, so that existing suggestions appear
 * with the answer and not after it.
 */
export function useStoredFollowUps(taskId: Id<"tasks"> | null) {
  const { followUps: wanted } = usePreferences();
  return useViewerQuery(api.followUps.get, wanted && taskId !== null ? { taskId } : "skip");
}

export interface FollowUps {
  readonly suggestions: readonly string[];
  /** They are, or were, on their way while the answer is on the screen: their space is reserved, so that nothing moves. */
  readonly expected: boolean;
}

/**
 * What the person may want to send after the chat's last answer, requested once that has finished and is looked at. The server
 * asks the model once, however many tabs request it. If there is nothing to suggest, nothing is shown.
 */
export function useFollowUps(answer: Message): FollowUps {
  const { taskId, _id: messageId } = answer;
  const { generating } = useChat();
  const visible = usePageVisible();
  const stored = useStoredFollowUps(taskId);
  const queue = useViewerQuery(api.queue.list, { taskId });
  const request = useMutation(api.followUps.request);

  const idle = answer.endReason === "finished" && !generating && queue?.length === 0;
  const asks = idle && visible && stored === null;
  useEffect(() => {
    // Optional: requested again the next time somebody looks at the chat.
    if (asks) request({ messageId }).catch(() => undefined);
  }, [asks, messageId, request]);

  const known = idle && stored?.messageId === messageId ? stored.followUps : null;
  const [asked, setAsked] = useState(false);
  if (!asked && known?.kind === "asked") setAsked(true);
  return { suggestions: known?.kind === "ready" ? known.suggestions : [], expected: idle && asked };
}
