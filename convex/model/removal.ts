import { internal } from "../_generated/api";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { endRun } from "./endRun";
import { findLock } from "./generationLock";
import { log } from "./log";
import { queueOf } from "./queueStart";
import { findLive } from "./runs";
import { DELETE_BATCH } from "./settings";
import { findTask } from "./tasks";

/**
 * Deleting a chat. Its row goes first, so that it is gone for its owner at once; what it owned follows in batches. A live run is
 * ended before, so that its generator's next write finds no run.
 */
export async function removeTask(ctx: MutationCtx, userId: Id<"users">, taskId: Id<"tasks">): Promise<null> {
  const task = await findTask(ctx, userId, taskId);
  if (!task) return null;
  const lock = await findLock(ctx, taskId);
  const live = lock && (await findLive(ctx, lock.runId));
  if (live) await endRun(ctx, live, { endReason: "stopped", queue: "leave" });
  await ctx.db.delete("tasks", taskId);
  await ctx.scheduler.runAfter(0, internal.tasks.purge, { taskId });
  log("TASKS", `Task ${taskId} was deleted by its owner`);
  return null;
}

/** Messages deleted in one mutation: each may be large, and has rows of its own. */
const MESSAGE_BATCH = 20;

export async function purgeTask(ctx: MutationCtx, taskId: Id<"tasks">): Promise<null> {
  if (!(await purgeBatch(ctx, taskId))) {
    await ctx.scheduler.runAfter(0, internal.tasks.purge, { taskId });
  }
  return null;
}

/** Deletes one batch. True when nothing is left. */
async function purgeBatch(ctx: MutationCtx, taskId: Id<"tasks">): Promise<boolean> {
  const messages = await ctx.db
    .query("chatMessages")
    .withIndex("by_task_sequence", (q) => q.eq("taskId", taskId))
    .take(MESSAGE_BATCH);
  let room = DELETE_BATCH;
  for (const message of messages) {
    const chunks = await ctx.db
      .query("streamingChunks")
      .withIndex("by_message_index", (q) => q.eq("messageId", message._id))
      .take(room);
    for (const chunk of chunks) await ctx.db.delete("streamingChunks", chunk._id);
    room -= chunks.length;
    if (room === 0) return false;
    await ctx.db.delete("chatMessages", message._id);
  }
  if (messages.length > 0) return false;

  const searchTexts = await ctx.db
    .query("searchTexts")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .take(DELETE_BATCH);
  for (const row of searchTexts) await ctx.db.delete("searchTexts", row._id);
  const receipts = await ctx.db
    .query("receipts")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .take(DELETE_BATCH);
  for (const row of receipts) await ctx.db.delete("receipts", row._id);
  const queued = await queueOf(ctx, taskId).take(DELETE_BATCH);
  for (const row of queued) await ctx.db.delete("queuedPrompts", row._id);
  const drafts = await ctx.db
    .query("drafts")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .take(DELETE_BATCH);
  for (const row of drafts) await ctx.db.delete("drafts", row._id);
  const instructions = await ctx.db
    .query("instructions")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .take(DELETE_BATCH);
  for (const row of instructions) await ctx.db.delete("instructions", row._id);
  return [searchTexts, receipts, queued, drafts, instructions].every((rows) => rows.length === 0);
}
