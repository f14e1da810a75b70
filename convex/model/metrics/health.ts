import type { QueryCtx, MutationCtx } from "../../_generated/server";
import { DAY_MS } from "../settings";
import type { Health } from "./healthSample";
import { readOverview } from "./overview";

/** The invariants for the owner's page: as they are now, and once an hour as they were. */

const HISTORY_DAYS = 30;
/** One an hour, and some that were asked for by hand. */
const MAX_SAMPLES = HISTORY_DAYS * 24 + 50;

/** Old samples deleted with each new one. */
const FORGET_BATCH = 50;

/** As it is now. For who asks once: it reads many rows. */
export async function readHealth(ctx: QueryCtx): Promise<Health> {
  const { invariants, live, stopLatency, expiredLeases, orphansEnded } = await readOverview(ctx);
  return {
    duplicates: invariants.duplicatePrompts + invariants.duplicateAnswers + invariants.tasksWithTwoRuns,
    pastLease: invariants.runsPastLease,
    stuck:
      invariants.liveMessagesWithoutRun +
      invariants.runsWithoutLiveMessage +
      invariants.claimedRunsWithoutLiveRow +
      invariants.liveRowsWithoutClaimedRun,
    stopP95Ms: stopLatency.p95Ms,
    waiting: live.waiting,
    recovered: expiredLeases + orphansEnded,
  };
}

/** Keeps a sample for 30 days. */
export async function storeHealth(ctx: MutationCtx, sample: Health): Promise<null> {
  await ctx.db.insert("healthSamples", sample);
  const old = await ctx.db
    .query("healthSamples")
    .withIndex("by_creation_time", (q) => q.lt("_creationTime", Date.now() - HISTORY_DAYS * DAY_MS))
    .take(FORGET_BATCH);
  for (const { _id } of old) await ctx.db.delete("healthSamples", _id);
  return null;
}

/** The samples of the last 30 days, oldest first. */
export async function listHealth(ctx: QueryCtx): Promise<(Health & { at: number })[]> {
  const samples = await ctx.db.query("healthSamples").order("desc").take(MAX_SAMPLES);
  return samples
    .map(({ _creationTime, duplicates, pastLease, stuck, stopP95Ms, waiting, recovered }) => ({
      ...{ at: _creationTime, duplicates, pastLease, stuck, stopP95Ms, waiting, recovered },
    }))
    .reverse();
}
