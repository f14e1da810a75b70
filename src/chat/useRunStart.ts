import { useConvex } from "convex/react";
import { useEffect } from "react";
import { startRun } from "./startRun.ts";
import type { LiveTail } from "./types.ts";

/**
 * Whoever looks at a run that nobody generates yet has it started: one that waits (a queued prompt's begins so), and again one
 * whose turn has come. The server takes a run once, however many tabs ask. [G15]
 */
export function useRunStart(tail: LiveTail | null) {
  const convex = useConvex();
  const runId = tail?.runId ?? null;
  const state = tail?.state ?? "streaming";
  useEffect(() => {
    if (state !== "streaming") startRun(convex, runId, state);
  }, [convex, runId, state]);
}
