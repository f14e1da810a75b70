import { internal } from "../../_generated/api";
import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { endRun, type RunEnd } from "./endRun";
import { cleanupExpired, isExpired } from "./generationLock";
import { log } from "../log";
import { count, recordDuration } from "../metrics/metrics";
import { findLive } from "./runs";
import { LEASE_MS, runLimitMs } from "../settings";

/** Ends runs that cannot end themselves: silent for their lease, beyond their time, or orphaned by a restart. [G6] */

const CRASHED = "The reply was interrupted before it was complete.";
const TIMED_OUT = "The reply took longer than is allowed.";

/** How long after its limit a generator may still end its run itself, with its last words. */
const LIMIT_GRACE_MS = 10_000;

/** Runs that one call ends after a restart. */
const ORPHAN_BATCH = 50;

type Live = Doc<"streamingResponses">;

/** Ends the run when its lease is over. True when it was. */
export async function endIfExpired(ctx: MutationCtx, live: Live, queue: RunEnd["queue"]): Promise<boolean> {
  const now = Date.now();
  if (!isExpired(live, now)) return false;
  log("RECOVERY", `Run ${live.runId} was silent for ${now - live.heartbeatAt} ms`);
  await count(ctx, "expiredLeases");
  await recordDuration(ctx, "recovery", now - live.heartbeatAt);
  await endRun(ctx, live, { endReason: "crashed", errorMessage: CRASHED, queue });
  return true;
}

/** The watchdog of one run. */
export async function watchRun(ctx: MutationCtx, runId: string): Promise<null> {
  const live = await findLive(ctx, runId);
  if (!live || (await endIfExpired(ctx, live, "advance"))) return null;
  const now = Date.now();
  const limit = live.startedAt + runLimitMs() + LIMIT_GRACE_MS;
  if (now >= limit) {
    await endRun(ctx, live, { endReason: "timedOut", errorMessage: TIMED_OUT, queue: "advance" });
    return null;
  }
  const next = Math.min(live.heartbeatAt + LEASE_MS, limit);
  // Never at once again, even when clocks disagree.
  await ctx.scheduler.runAfter(Math.max(next - now, 1_000), internal.generation.watchdog, { runId });
  return null;
}

/** What the crons do. */
export async function endExpiredRuns(ctx: MutationCtx): Promise<number> {
  return await cleanupExpired(ctx, Date.now(), async (live) => {
    await endIfExpired(ctx, live, "advance");
  });
}

/** Ends runs whose generator died with the process before this one. */
export async function endOrphans(ctx: MutationCtx): Promise<{ ended: number; more: boolean }> {
  const candidates = await ctx.db
    .query("streamingResponses")
    .withIndex("by_claimedAt", (q) => q.gt("claimedAt", 0))
    .take(ORPHAN_BATCH);
  for (const live of candidates) {
    log("RECOVERY", `Run ${live.runId} was live when the server stopped`);
    await count(ctx, "orphansEnded");
    await recordDuration(ctx, "recovery", Date.now() - live.heartbeatAt);
    await endRun(ctx, live, { endReason: "crashed", errorMessage: CRASHED, queue: "advance" });
  }
  return { ended: candidates.length, more: candidates.length === ORPHAN_BATCH };
}
