import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { LEASE_MS } from "../settings";
import { findRun } from "./generationLock";
import { hasPlace, hasServerPlace } from "./places";
import { setAside } from "./setAside";

/** `claimed`: it is the caller's. `waiting`: for a place; it will be called. `gone`: it is another's, or has ended. */
export const vClaim = v.union(v.literal("claimed"), v.literal("waiting"), v.literal("gone"));

/**
 * Takes the run for one generator, if there is a place. Its lease begins now. `userId` is the caller's, null when the server itself
 * calls. The message is not touched, so that no page is sent again.
 */
export async function claimRun(
  ctx: MutationCtx,
  args: { runId: string; userId: Id<"users"> | null },
): Promise<Infer<typeof vClaim>> {
  const run = await findRun(ctx, args.runId);
  if (!run || (args.userId !== null && args.userId !== run.userId)) return "gone";
  if (run.state.kind === "claimed" || run.state.kind === "ended") return "gone";
  const by = args.userId === null ? "server" : "page";
  if (by === "server" && !(await hasServerPlace(ctx))) return "waiting";
  if (!(await hasPlace(ctx, run))) return "waiting";
  const message = await ctx.db.get("chatMessages", run.messageId);
  if (!message) {
    await setAside(ctx, run, "its message is missing");
    return "gone";
  }
  const now = Date.now();
  await ctx.db.patch("runs", run._id, { state: { kind: "claimed", claimedAt: now, by } });
  await ctx.db.insert("streamingResponses", { runId: run.runId, heartbeatAt: now });
  await ctx.scheduler.runAfter(LEASE_MS, internal.generation.watchdog, { runId: run.runId });
  return "claimed";
}
