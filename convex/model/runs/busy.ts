import type { Infer } from "convex/values";
import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { BUSY_MESSAGE, failure } from "../../shared/errors";
import { log } from "../log";
import { recordEvent } from "../metrics/events";
import type { vWhenBusy } from "../validators";
import { findLock } from "./generationLock";
import { endIfExpired } from "./giveUp";
import { closeStrayAnswer } from "./setAside";
import { stopLiveRun } from "./stop";

/**
 * For a change that begins a run: applies `whenBusy` if the chat has a live run, whether that waits or generates. [G3] "free": a run
 * may begin now. A run whose lease has expired is ended on the spot. [G6] Errors: GENERATION_IN_PROGRESS.
 */
export async function applyWhenBusy(
  ctx: MutationCtx,
  task: Doc<"tasks">,
  whenBusy: Infer<typeof vWhenBusy>,
): Promise<"free" | "queue"> {
  const run = await findLock(ctx, task._id);
  if (!run) {
    await closeStrayAnswer(ctx, task);
    return "free";
  }
  if (await endIfExpired(ctx, run, whenBusy === "queue" ? "advance" : "leave")) {
    // A queued prompt, which had waited longer, may have started.
    return (await findLock(ctx, task._id)) ? "queue" : "free";
  }
  log("MESSAGES", `Run ${run.runId} is live in task ${task._id}: ${whenBusy}`);
  switch (whenBusy) {
    case "reject":
      throw failure("GENERATION_IN_PROGRESS", BUSY_MESSAGE);
    case "queue":
      await recordEvent(ctx, "concurrentGenerationAttempts");
      return "queue";
    case "interrupt":
      await recordEvent(ctx, "concurrentGenerationAttempts");
      await stopLiveRun(ctx, run, "leave");
      return "free";
    default:
      return whenBusy satisfies never;
  }
}

/**
 * For a change that begins no run: the chat must be idle. A run whose lease has expired is ended on the spot, and the next queued
 * prompt starts. Errors: GENERATION_IN_PROGRESS.
 */
export async function requireIdle(ctx: MutationCtx, task: Doc<"tasks">): Promise<void> {
  const run = await findLock(ctx, task._id);
  if (!run) return;
  await endIfExpired(ctx, run, "advance");
  if (await findLock(ctx, task._id)) throw failure("GENERATION_IN_PROGRESS", BUSY_MESSAGE);
}
