import { useEffect, useMemo, useState } from "react";
import { api } from "../../convex/_generated/api";
import { useViewerQuery } from "../session/session.ts";
import type { Chat } from "./types.ts";

/** ms without a place after which it is shown: most runs get theirs at once. */
const SHOWN_AFTER_MS = 2_000;

const NONE: readonly Chat["_id"][] = [];

/** The chats whose reply has been waiting for a free place for a while. */
export function useWaitingChats(): ReadonlySet<Chat["_id"]> {
  const waiting = useViewerQuery(api.generation.waiting, {}) ?? NONE;
  const [earlier, setEarlier] = useState(NONE);
  useEffect(() => {
    // Never called off: a list that keeps changing would put it off for ever.
    setTimeout(() => setEarlier(waiting), SHOWN_AFTER_MS);
  }, [waiting]);
  return useMemo(() => new Set(waiting.filter((id) => earlier.includes(id))), [waiting, earlier]);
}
