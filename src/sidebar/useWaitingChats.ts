import { useEffect, useMemo, useState } from "react";
import { api } from "../../convex/_generated/api";
import { useViewerQuery } from "../session/session.ts";
import type { Chat } from "./types.ts";

/** ms without a place after which it is shown: most runs get theirs at once. */
const SHOWN_AFTER_MS = 2_000;

const NONE: readonly Chat["_id"][] = [];

/** The chats whose reply has been waiting for a free place for a while. */
export function useWaitingChats(): ReadonlySet<Chat["_id"]> {
  const known = useViewerQuery(api.generation.waiting, {});
  const waiting = known ?? NONE;
  const [earlier, setEarlier] = useState<typeof NONE | null>(null);
  // Those that waited before the list was there (a phone's drawer, just opened) are no news.
  if (earlier === null && known !== undefined) setEarlier(known);
  useEffect(() => {
    // Never called off: a list that keeps changing would put it off for ever.
    if (known !== undefined) setTimeout(() => setEarlier(known), SHOWN_AFTER_MS);
  }, [known]);
  return useMemo(() => new Set(waiting.filter((id) => earlier?.includes(id))), [waiting, earlier]);
}
