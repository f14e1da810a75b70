import type { Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { MAX_QUEUED_PROMPTS } from "../../shared/limits";
import { applyWhenBusy } from "../runs/busy";
import { isLocked } from "../runs/generationLock";
import { viewAttachment } from "../files/attachments";
import { deleteFiles, keptIds, sentFiles } from "../files/promptFiles";
import { queueOf, releaseEmptyQueue, startQueued } from "./queueStart";
import { writeReceipt } from "../receipts";
import { checkContent } from "../messages/startPrompt";
import { isRemoved } from "../chats/removed";
import { findTask, requireTask } from "../chats/tasks";
import type { Receipt, vQueuedPrompt } from "../validators";

/** What a person does with the prompts that wait in a chat. How they start is in `queueStart.ts`. */

async function findQueued(ctx: QueryCtx, userId: Id<"users">, id: Id<"queuedPrompts">) {
  const queued = await ctx.db.get("queuedPrompts", id);
  if (queued?.userId !== userId) return null;
  const task = await findTask(ctx, userId, queued.taskId);
  return task && { queued, task };
}

async function requireQueued(ctx: QueryCtx, userId: Id<"users">, id: Id<"queuedPrompts">) {
  const found = await findQueued(ctx, userId, id);
  if (!found) throw failure("NOT_FOUND", "This message no longer waits: it was sent or removed.");
  return found;
}

export async function listQueue(
  ctx: QueryCtx,
  userId: Id<"users">,
  taskId: Id<"tasks">,
): Promise<Infer<typeof vQueuedPrompt>[]> {
  if (await isRemoved(ctx, taskId)) return [];
  const queue = await queueOf(ctx, taskId).take(MAX_QUEUED_PROMPTS);
  if (queue.some((queued) => queued.userId !== userId)) return [];
  return await Promise.all(
    queue.map(async ({ _id, _creationTime, clientMessageId, content, attachmentIds, order, ...rest }) => ({
      ...{ _id, _creationTime, taskId, clientMessageId, content, order },
      ...{ model: rest.model ?? null, models: rest.models ?? null },
      attachments: await Promise.all(
        (await sentFiles(ctx, attachmentIds)).map((file) => viewAttachment(ctx, file)),
      ),
    })),
  );
}

/** Puts a prompt, whose files are marked as sent, at the end of the queue. Errors: QUEUE_FULL. */
export async function enqueue(
  ctx: MutationCtx,
  task: Doc<"tasks">,
  prompt: {
    clientMessageId: string;
    content: string;
    files: readonly Doc<"attachments">[];
    model?: string;
    models?: string[];
  },
): Promise<Receipt> {
  const queue = await queueOf(ctx, task._id).take(MAX_QUEUED_PROMPTS);
  if (queue.length >= MAX_QUEUED_PROMPTS) {
    throw failure("QUEUE_FULL", `${MAX_QUEUED_PROMPTS} messages already wait in this chat.`);
  }
  const order = (queue.at(-1)?.order ?? -1) + 1;
  const { files, ...rest } = prompt;
  await ctx.db.insert("queuedPrompts", {
    ...rest,
    ...(files.length > 0 && { attachmentIds: files.map(({ _id }) => _id) }),
    ...{ taskId: task._id, userId: task.userId, order },
  });
  return await writeReceipt(ctx, {
    userId: task.userId,
    clientMessageId: prompt.clientMessageId,
    taskId: task._id,
    outcome: { kind: "queued" },
  });
}

export async function editQueued(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { queuedPromptId: Id<"queuedPrompts">; content: string; attachmentIds?: Id<"attachments">[] },
): Promise<null> {
  const { queued } = await requireQueued(ctx, userId, args.queuedPromptId);
  const before = queued.attachmentIds ?? [];
  const attachmentIds = keptIds(before, args.attachmentIds);
  checkContent(args.content, attachmentIds.length);
  await ctx.db.patch("queuedPrompts", queued._id, { content: args.content, attachmentIds });
  await deleteFiles(
    ctx,
    before.filter((id) => !attachmentIds.includes(id)),
  );
  return null;
}

export async function removeQueued(
  ctx: MutationCtx,
  userId: Id<"users">,
  id: Id<"queuedPrompts">,
): Promise<null> {
  const found = await findQueued(ctx, userId, id);
  if (!found) return null;
  const { queued, task } = found;
  await ctx.db.delete("queuedPrompts", queued._id);
  await deleteFiles(ctx, queued.attachmentIds);
  await releaseEmptyQueue(ctx, task);
  const { clientMessageId } = queued;
  await writeReceipt(ctx, { userId, clientMessageId, taskId: task._id, outcome: { kind: "withdrawn" } });
  return null;
}

export async function moveQueued(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { queuedPromptId: Id<"queuedPrompts">; toIndex: number },
): Promise<null> {
  const { queued, task } = await requireQueued(ctx, userId, args.queuedPromptId);
  const others = (await queueOf(ctx, task._id).take(MAX_QUEUED_PROMPTS)).filter(
    ({ _id }) => _id !== queued._id,
  );
  const toIndex = Math.min(Math.max(Math.floor(args.toIndex) || 0, 0), others.length);
  const queue = others.toSpliced(toIndex, 0, queued);
  for (const [order, entry] of queue.entries()) {
    if (entry.order !== order) await ctx.db.patch("queuedPrompts", entry._id, { order });
  }
  return null;
}

export async function sendQueuedNow(
  ctx: MutationCtx,
  userId: Id<"users">,
  id: Id<"queuedPrompts">,
): Promise<Receipt> {
  const { queued, task } = await requireQueued(ctx, userId, id);
  await applyWhenBusy(ctx, task, "interrupt");
  return await startQueued(ctx, queued, "page");
}

export async function resumeQueue(ctx: MutationCtx, userId: Id<"users">, taskId: Id<"tasks">): Promise<null> {
  const task = await requireTask(ctx, userId, taskId);
  if (task.queuePaused) await ctx.db.patch("tasks", task._id, { queuePaused: false });
  // Not as at a run's end: whoever lets it go on is told when too little of a budget is left.
  const next = (await isLocked(ctx, task._id)) ? null : await queueOf(ctx, task._id).first();
  if (next) await startQueued(ctx, next, "server");
  return null;
}
