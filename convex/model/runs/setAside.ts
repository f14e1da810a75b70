import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { endLog } from "../messages/log";
import { lastOnPath } from "../messages/messages";
import { isLocked, release } from "./generationLock";
import { settleRun } from "../spending/runSpending";
import { scheduleNextTurn } from "./turns";

/**
 * What happens to runs that `endRun` cannot end because their rows are damaged or half-written, for whatever reason: their chat becomes
 * free, the log says so, and everything else goes on.
 */

const INCOMPLETE = "The reply was interrupted and could not be completed.";

/** How such a run is shown: as crashed, or as stopped if its person stopped it. */
type End = "crashed" | "stopped";

/**
 * Ends a run without reading its content, which stays where it is stored. `reason`: why it could not be ended. `metrics.overview`
 * counts it. After a crash the chat's next queued prompt starts; after a Stop the caller holds the queue.
 */
export async function setAside(
  ctx: MutationCtx,
  run: Doc<"runs">,
  reason: string,
  end: End = "crashed",
): Promise<void> {
  console.error(`[RECOVERY] Run ${run.runId} of task ${run.taskId} was set aside: ${reason}`);
  await settleRun(ctx, run, "unknown");
  await release(ctx, run, { endedAt: Date.now(), reason: end, setAsideFor: reason });
  await closeAnswer(ctx, run.messageId, end);
  const task = await ctx.db.get("tasks", run.taskId);
  if (task?.status === "RUNNING" && !(await isLocked(ctx, run.taskId))) {
    await ctx.db.patch("tasks", task._id, { status: end === "stopped" ? "STOPPED" : "FAILED" });
  }
  // In transactions of their own: if they fail, the run is ended nevertheless.
  if (end === "crashed") await ctx.scheduler.runAfter(0, internal.queue.startNext, { taskId: run.taskId });
  await scheduleNextTurn(ctx, run.userId);
  await ctx.scheduler.runAfter(0, internal.generation.callNext, {});
}

/** Closes the last answer of a chat without a live run, if it looks as if it had one. */
export async function closeStrayAnswer(ctx: MutationCtx, task: Doc<"tasks">): Promise<void> {
  const last = await lastOnPath(ctx, task._id);
  if (last?.role !== "ASSISTANT" || last.endReason !== undefined) return;
  console.error(`[RECOVERY] Answer ${last._id} of task ${task._id} had no run and no end`);
  await closeAnswer(ctx, last._id);
  await ctx.db.patch("tasks", task._id, { status: "FAILED" });
}

/** Ends an answer that has not ended. Its text is whatever is stored. */
export async function closeAnswer(
  ctx: MutationCtx,
  messageId: Id<"chatMessages">,
  end: End = "crashed",
): Promise<void> {
  const message = await ctx.db.get("chatMessages", messageId);
  if (!message || message.endReason !== undefined) return;
  await ctx.db.patch("chatMessages", messageId, {
    ...(end === "stopped"
      ? { status: "complete", finishReason: "stop" }
      : { status: "failed", finishReason: "error", errorMessage: INCOMPLETE }),
    endReason: end,
    endedAt: Date.now(),
    chunkCount: await endLog(ctx, message, []),
  });
}
