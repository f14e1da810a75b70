import type { ConvexReactClient } from "convex/react";
import { api } from "../../convex/_generated/api";
import { failureData } from "../../convex/shared/errors";
import { Backoff, pauseBeforeRetry } from "../lib/backoff.ts";

/** Places become free every few seconds; a run that this page gives up on is still started by the server. */
const RETRY = { firstMs: 500, longestMs: 10_000 };
/** Attempts in all: about two minutes. */
const MAX_ATTEMPTS = 16;

/**
 * Why a run is started: it was begun and waits, or it was called.
 * Each happens once per run and page: at first the server may have had no place for it.
 */
export type StartReason = "waiting" | "called";

const asked = new Set<string>();

/**
 * Asks the server to generate an answer now. A call that is refused ("Too many concurrent requests") or lost is retried with backoff
 * and never reported: nothing is wrong with a run that waits. [G15] Several tabs may do the same; a run is claimed only once.
 */
export function startRun(convex: ConvexReactClient, runId: string | null, reason: StartReason = "waiting") {
  if (runId === null || asked.has(runId + reason)) return;
  asked.add(runId + reason);
  void keepStarting(convex, runId);
}

async function keepStarting(convex: ConvexReactClient, runId: string): Promise<void> {
  const backoff = new Backoff(RETRY);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    try {
      await convex.action(api.generate.start, { runId });
      return;
    } catch (error) {
      // The function itself refused, e.g. because the session has ended: a retry would change nothing.
      if (failureData(error) !== null) return;
    }
    await pauseBeforeRetry(backoff.next());
  }
}
