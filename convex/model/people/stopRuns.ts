import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { stopLiveRun } from "../runs/stop";

/** Runs stopped in one mutation, each with its content: more than generate at once for one person by default. */
const BATCH = 8;

const LIVE = ["claimed", "called", "waiting", "awaitingApproval"] as const satisfies readonly Exclude<
  Doc<"runs">["state"]["kind"],
  "ended"
>[];

/** Stops live runs of a person, those that generate first; their queues are held. Returns how many; `BATCH` when there may be more. [G4, G7] */
export async function stopBatch(ctx: MutationCtx, userId: Id<"users">): Promise<number> {
  let room = BATCH;
  for (const kind of LIVE) {
    if (room === 0) break;
    const runs = await ctx.db
      .query("runs")
      .withIndex("by_user_state", (q) => q.eq("userId", userId).eq("state.kind", kind))
      .take(room);
    for (const run of runs) await stopLiveRun(ctx, run, "hold");
    room -= runs.length;
  }
  return BATCH - room;
}

/** Stops all live runs of a person, one batch after the other. */
export async function stopRunsOf(ctx: MutationCtx, userId: Id<"users">): Promise<null> {
  if ((await stopBatch(ctx, userId)) === BATCH)
    await ctx.scheduler.runAfter(0, internal.people.stopRuns, { userId });
  return null;
}
