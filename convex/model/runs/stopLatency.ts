import type { MutationCtx } from "../../_generated/server";
import { findRun } from "./generationLock";

/** Stores what the generator of a stopped run reports: milliseconds from the Stop to the end of its request. */
export async function recordStopLatency(
  ctx: MutationCtx,
  args: { runId: string; stopLatencyMs: number },
): Promise<null> {
  const run = await findRun(ctx, args.runId);
  if (run?.state.kind !== "ended") return null;
  await ctx.db.patch("runs", run._id, { state: { ...run.state, stopLatencyMs: args.stopLatencyMs } });
  return null;
}
