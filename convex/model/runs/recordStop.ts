import type { MutationCtx } from "../../_generated/server";
import { findRun } from "./generationLock";

/**
 * Stores what the generator of a stopped run reports: milliseconds from the Stop to the end of its request, and the model that it
 * asked, where that was the default.
 */
export async function recordStop(
  ctx: MutationCtx,
  { runId, stopLatencyMs, answeredBy }: { runId: string; stopLatencyMs: number; answeredBy?: string },
): Promise<null> {
  const run = await findRun(ctx, runId);
  if (run?.state.kind !== "ended") return null;
  await ctx.db.patch("runs", run._id, { state: { ...run.state, stopLatencyMs } });
  if (answeredBy === undefined) return null;
  const message = await ctx.db.get("chatMessages", run.messageId);
  // A run that continues the answer tells of its own model.
  if (message?.runId === runId) await ctx.db.patch("chatMessages", message._id, { answeredBy });
  return null;
}
