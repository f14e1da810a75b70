import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failureData } from "../../shared/errors";
import { log } from "../log";
import { endOfPath } from "../compare/endOfPath";
import { startComparison } from "../compare/startComparison";
import { sentFiles } from "../files/promptFiles";
import { startPrompt } from "../messages/startPrompt";
import { viewReceipt } from "../receipts";
import type { Receipt } from "../validators";

/** How a queued prompt becomes a real one. What a person does with the queue is in `queue.ts`. */

export function queueOf(ctx: QueryCtx, taskId: Id<"tasks">) {
  return ctx.db.query("queuedPrompts").withIndex("by_task_order", (q) => q.eq("taskId", taskId));
}

/** Takes a prompt out of the queue and starts it. The chat is free. A queue that is now empty is no longer held. */
export async function startQueued(
  ctx: MutationCtx,
  queued: Doc<"queuedPrompts">,
  startedBy: "page" | "server",
): Promise<Receipt> {
  await ctx.db.delete("queuedPrompts", queued._id);
  const task = await ctx.db.get("tasks", queued.taskId);
  if (!task) throw new Error(`Queued prompt ${queued._id} has no chat`);
  await releaseEmptyQueue(ctx, task);
  const parent = await endOfPath(ctx, task._id);
  log("QUEUE", `Starting queued prompt ${queued._id}`);
  const { clientMessageId, content, model, models } = queued;
  const prompt = {
    ...{ clientMessageId, content, files: await sentFiles(ctx, queued.attachmentIds) },
    ...(parent !== null && { parentMessageId: parent._id }),
    ...{ variant: 0, startedBy },
  };
  if (models !== undefined) {
    const outcome = await startComparison(ctx, task, { ...prompt, models }, Date.now());
    return viewReceipt({ taskId: task._id, outcome }, false);
  }
  return await startPrompt(ctx, task, { ...prompt, ...(model !== undefined && { model }) }, Date.now());
}

/** Starts the chat's next queued prompt, unless the queue is held or `hold` holds it now. The chat is free. */
export async function startNextQueued(
  ctx: MutationCtx,
  taskId: Id<"tasks">,
  options: { hold: boolean },
): Promise<void> {
  const task = await ctx.db.get("tasks", taskId);
  const next = await queueOf(ctx, taskId).first();
  if (!task || !next) return;
  if (options.hold) {
    if (!task.queuePaused) await ctx.db.patch("tasks", task._id, { queuePaused: true });
  } else if (!task.queuePaused) {
    await startOrHold(ctx, task, next);
  }
}

/** A prompt for which too little of a budget is left waits, and the queue with it, until its person lets it go on. [G13, G16] */
async function startOrHold(ctx: MutationCtx, task: Doc<"tasks">, next: Doc<"queuedPrompts">): Promise<void> {
  try {
    // A transaction within this one: what began before it was refused is undone.
    await ctx.runMutation(internal.queue.start, { queuedPromptId: next._id });
  } catch (error) {
    if (failureData(error)?.code !== "BUDGET_USED_UP") throw error;
    log("QUEUE", `The queue of task ${task._id} is held: too little of a budget is left`);
    await ctx.db.patch("tasks", task._id, { queuePaused: true });
  }
}

/** Starts a queued prompt for the server. Errors: BUDGET_USED_UP. */
export async function startForServer(ctx: MutationCtx, id: Id<"queuedPrompts">): Promise<null> {
  const queued = await ctx.db.get("queuedPrompts", id);
  if (queued) await startQueued(ctx, queued, "server");
  return null;
}

/** An empty queue is not held: what is queued later starts by itself. */
export async function releaseEmptyQueue(ctx: MutationCtx, task: Doc<"tasks">): Promise<void> {
  if (task.queuePaused && (await queueOf(ctx, task._id).first()) === null) {
    await ctx.db.patch("tasks", task._id, { queuePaused: false });
  }
}
