import { internal } from "../../_generated/api";
import type { Doc, Id, TableNames } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { recordOwnAudit } from "../accounts/audit";
import { byteSizeOf } from "../../shared/byteSize";
import { deleteAttachment } from "../files/attachments";
import { endRun } from "../runs/endRun";
import { findLocks } from "../runs/generationLock";
import { log } from "../log";
import { purgeReceipt } from "../receipts";
import { queueOf } from "../queue/queueStart";
import { DELETE_BATCH, UNDO_REMOVAL_MS } from "../settings";
import { findRemoved } from "./removed";
import { findTask, isDeleted } from "./tasks";

/**
 * Deleting a chat. It is marked first: gone for its owner at once, in every tab. When undoing it is no longer possible, its row
 * goes, and what it owned follows in batches. A live run is ended before all that, so that its generator's next write finds none.
 */
export async function removeTask(ctx: MutationCtx, userId: Id<"users">, taskId: Id<"tasks">): Promise<null> {
  const task = await findTask(ctx, userId, taskId);
  if (!task) return null;
  for (const run of await findLocks(ctx, taskId))
    await endRun(ctx, run, { endReason: "stopped", queue: "hold" });
  const purgeJobId = await ctx.scheduler.runAfter(UNDO_REMOVAL_MS, internal.tasks.purge, { taskId });
  await ctx.db.patch("tasks", taskId, { purgeJobId });
  await markRemoved(ctx, taskId);
  await recordOwnAudit(ctx, userId, { kind: "chatDeleted" });
  log("TASKS", `Task ${taskId} was deleted by its owner`);
  return null;
}

/** Takes `removeTask` back, as long as nothing is gone. */
export async function restoreTask(ctx: MutationCtx, userId: Id<"users">, taskId: Id<"tasks">): Promise<null> {
  const task = await ctx.db.get("tasks", taskId);
  if (task?.userId !== userId) throw failure("NOT_FOUND", "This chat is deleted for good.");
  if (task.purgeJobId === undefined) return null;
  await ctx.scheduler.cancel(task.purgeJobId);
  await ctx.db.patch("tasks", taskId, { purgeJobId: undefined });
  await unmarkRemoved(ctx, taskId);
  log("TASKS", `Task ${taskId} was brought back by its owner`);
  return null;
}

/** Messages deleted in one mutation, and their bytes: each has rows of its own, and all are read twice. */
const MESSAGE_BATCH = 20;
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

/** Removes a deleted chat for good, batch by batch. One that was brought back stays. */
export async function purgeTask(ctx: MutationCtx, taskId: Id<"tasks">): Promise<null> {
  const task = await ctx.db.get("tasks", taskId);
  if (task && !isDeleted(task)) return null;
  if (task) await ctx.db.delete("tasks", taskId);
  // A chat that was deleted by a version before `removedTasks` is not marked.
  await markRemoved(ctx, taskId);
  if (await purgeBatch(ctx, taskId)) await unmarkRemoved(ctx, taskId);
  else await ctx.scheduler.runAfter(0, internal.tasks.purge, { taskId });
  return null;
}

async function markRemoved(ctx: MutationCtx, taskId: Id<"tasks">): Promise<void> {
  if (!(await findRemoved(ctx, taskId))) await ctx.db.insert("removedTasks", { taskId });
}

/** Takes a chat's mark away. */
export async function unmarkRemoved(ctx: MutationCtx, taskId: Id<"tasks">): Promise<void> {
  const row = await findRemoved(ctx, taskId);
  if (row) await ctx.db.delete("removedTasks", row._id);
}

/** Rows, besides messages, that the mutation may still delete. */
export type Room = { rows: number };

/** Deletes one batch of what a chat owns, whose runs have ended. True when nothing is left. */
export async function purgeBatch(ctx: MutationCtx, taskId: Id<"tasks">): Promise<boolean> {
  const { db } = ctx;
  const room: Room = { rows: DELETE_BATCH };
  return (
    (await purgeMessages(ctx, room, taskId)) &&
    // The chat's files, sent or in its draft, with their bytes.
    (await removeBatch(
      room,
      (limit) =>
        db
          .query("attachments")
          .withIndex("by_task", (q) => q.eq("taskId", taskId))
          .take(limit),
      (file) => deleteAttachment(ctx, file),
    )) &&
    (await deleteBatch(ctx, room, "contextSummaries", (limit) =>
      db
        .query("contextSummaries")
        .withIndex("by_task", (q) => q.eq("taskId", taskId))
        .take(limit),
    )) &&
    (await deleteBatch(ctx, room, "searchTexts", (limit) =>
      db
        .query("searchTexts")
        .withIndex("by_task", (q) => q.eq("taskId", taskId))
        .take(limit),
    )) &&
    (await deleteBatch(ctx, room, "runs", (limit) =>
      db
        .query("runs")
        .withIndex("by_task", (q) => q.eq("taskId", taskId))
        .take(limit),
    )) &&
    (await removeBatch(
      room,
      (limit) =>
        db
          .query("receipts")
          .withIndex("by_task", (q) => q.eq("taskId", taskId))
          .take(limit),
      (receipt) => purgeReceipt(ctx, receipt),
    )) &&
    (await deleteBatch(ctx, room, "queuedPrompts", (limit) => queueOf(ctx, taskId).take(limit))) &&
    (await deleteBatch(ctx, room, "drafts", (limit) =>
      db
        .query("drafts")
        .withIndex("by_task", (q) => q.eq("taskId", taskId))
        .take(limit),
    )) &&
    (await deleteBatch(ctx, room, "instructions", (limit) =>
      db
        .query("instructions")
        .withIndex("by_task", (q) => q.eq("taskId", taskId))
        .take(limit),
    )) &&
    (await deleteBatch(ctx, room, "followUps", (limit) =>
      db
        .query("followUps")
        .withIndex("by_task", (q) => q.eq("taskId", taskId))
        .take(limit),
    ))
  );
}

/** Some messages with their chunks, which nobody could find without them. True when none is left. */
async function purgeMessages(ctx: MutationCtx, room: Room, taskId: Id<"tasks">): Promise<boolean> {
  const messages = ctx.db.query("chatMessages").withIndex("by_task_sequence", (q) => q.eq("taskId", taskId));
  let deleted = 0;
  let bytes = 0;
  for await (const { _id: messageId, parts } of messages) {
    if (deleted >= MESSAGE_BATCH || bytes >= MAX_MESSAGE_BYTES) return false;
    deleted += 1;
    bytes += byteSizeOf(parts);
    const chunksAreGone = await deleteBatch(ctx, room, "streamingChunks", (limit) =>
      ctx.db
        .query("streamingChunks")
        .withIndex("by_message_index", (q) => q.eq("messageId", messageId))
        .take(limit),
    );
    if (!chunksAreGone) return false;
    const pagesAreGone = await deleteBatch(ctx, room, "streamingPages", (limit) =>
      ctx.db
        .query("streamingPages")
        .withIndex("by_message_from", (q) => q.eq("messageId", messageId))
        .take(limit),
    );
    if (!pagesAreGone) return false;
    const stepsAreGone = await deleteBatch(ctx, room, "keptSteps", (limit) =>
      ctx.db
        .query("keptSteps")
        .withIndex("by_message_from", (q) => q.eq("messageId", messageId))
        .take(limit),
    );
    if (!stepsAreGone) return false;
    await ctx.db.delete("chatMessages", messageId);
  }
  return true;
}

/** Deletes what `next` finds, as far as there is room. True when that was all. */
export async function deleteBatch<Table extends TableNames>(
  ctx: MutationCtx,
  room: Room,
  table: Table,
  next: (limit: number) => Promise<Doc<Table>[]>,
): Promise<boolean> {
  return await removeBatch(room, next, (row) => ctx.db.delete(table, row._id));
}

/** The same with `remove` for each row, where more than the row goes, or something of it stays. */
export async function removeBatch<Row>(
  room: Room,
  next: (limit: number) => Promise<Row[]>,
  remove: (row: Row) => Promise<void>,
): Promise<boolean> {
  const limit = room.rows;
  const rows = await next(limit);
  for (const row of rows) await remove(row);
  room.rows -= rows.length;
  return rows.length < limit;
}
