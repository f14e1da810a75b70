import type { Infer } from "convex/values";
import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { BUSY_MESSAGE, failure } from "../../shared/errors";
import { endRun } from "./endRun";
import { endIfExpired } from "./expiry";
import { findLock, isLocked } from "./generationLock";
import { log } from "../log";
import { count } from "../metrics/metrics";
import { findLive } from "./runs";
import type { vWhenBusy } from "../validators";

/**
 * For a change that begins a run. Looks at the chat's lock, and does what the caller asked for when a run is live. [G3] "free"
 * means that a run may be begun now; a run whose lease is over is ended on the spot. [G6] Errors: GENERATION_IN_PROGRESS.
 */
export async function settleBusy(
  ctx: MutationCtx,
  task: Doc<"tasks">,
  whenBusy: Infer<typeof vWhenBusy>,
): Promise<"free" | "queue"> {
  const lock = await findLock(ctx, task._id);
  const live = lock && (await findLive(ctx, lock.runId));
  if (!live) return "free";
  if (await endIfExpired(ctx, live, whenBusy === "queue" ? "advance" : "leave")) {
    // What waited longer has gone first.
    return (await findLock(ctx, task._id)) ? "queue" : "free";
  }
  log("MESSAGES", `Run ${live.runId} is live in task ${task._id}: ${whenBusy}`);
  switch (whenBusy) {
    case "reject":
      throw failure("GENERATION_IN_PROGRESS", BUSY_MESSAGE);
    case "queue":
      await count(ctx, "concurrentGenerationAttempts");
      return "queue";
    case "interrupt":
      await count(ctx, "concurrentGenerationAttempts");
      await endRun(ctx, live, { endReason: "stopped", queue: "leave" });
      return "free";
    default:
      return whenBusy satisfies never;
  }
}

/**
 * For a change that begins no run: the chat must be idle. A run whose lease is over is ended on the spot, and what waits in the
 * queue starts. Errors: GENERATION_IN_PROGRESS.
 */
export async function requireIdle(ctx: MutationCtx, task: Doc<"tasks">): Promise<void> {
  const lock = await findLock(ctx, task._id);
  const live = lock && (await findLive(ctx, lock.runId));
  if (live) await endIfExpired(ctx, live, "advance");
  if (await isLocked(ctx, task._id)) throw failure("GENERATION_IN_PROGRESS", BUSY_MESSAGE);
}
