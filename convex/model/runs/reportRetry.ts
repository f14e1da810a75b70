import type { MutationCtx } from "../../_generated/server";
import type { Retry } from "../validators";
import { findRun } from "./generationLock";

/** Keeps in a run what its page shows while the model is asked again. Changes nothing once the run has ended. [G4] */
export async function reportRetryOf(
  ctx: MutationCtx,
  { runId, retry }: { runId: string; retry: Retry | null },
): Promise<null> {
  const run = await findRun(ctx, runId);
  if (run?.state.kind !== "claimed") return null;
  const { kind, claimedAt, by } = run.state;
  await ctx.db.patch("runs", run._id, { state: { kind, claimedAt, by, ...(retry && { retry }) } });
  return null;
}
