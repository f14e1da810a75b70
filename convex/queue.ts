import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import { viewerMutation, viewerQuery } from "./model/functions";
import {
  editQueued,
  listQueue,
  moveQueued,
  removeQueued,
  resumeQueue,
  sendQueuedNow,
} from "./model/queue/queue";
import { startForServer, startNextQueued } from "./model/queue/queueStart";
import { isLocked } from "./model/runs/generationLock";
import { vQueuedPrompt, vReceipt } from "./model/validators";

/** The prompts that wait in a chat, in the order in which they will be sent. `tasks.get` says whether they are held. */
export const list = viewerQuery({
  args: { taskId: v.id("tasks") },
  returns: v.array(vQueuedPrompt),
  handler: (ctx, args) => listQueue(ctx, ctx.userId, args.taskId),
});

/**
 * Changes a waiting prompt's text. Of its files `attachmentIds` stay, all of them when it is left out; the others are deleted.
 * Errors: NOT_FOUND (it may just have been sent), INVALID_INPUT, MESSAGE_TOO_LONG, FILE_NOT_FOUND.
 */
export const edit = viewerMutation({
  args: {
    queuedPromptId: v.id("queuedPrompts"),
    content: v.string(),
    attachmentIds: v.optional(v.array(v.id("attachments"))),
  },
  returns: v.null(),
  handler: (ctx, args) => editQueued(ctx, ctx.userId, args),
});

/** Takes a prompt out of the queue. One that is no longer there is no error. */
export const remove = viewerMutation({
  args: { queuedPromptId: v.id("queuedPrompts") },
  returns: v.null(),
  handler: (ctx, args) => removeQueued(ctx, ctx.userId, args.queuedPromptId),
});

/** Moves a waiting prompt to `toIndex` (0 is next). Errors: NOT_FOUND. */
export const move = viewerMutation({
  args: { queuedPromptId: v.id("queuedPrompts"), toIndex: v.number() },
  returns: v.null(),
  handler: (ctx, args) => moveQueued(ctx, ctx.userId, args),
});

/** Sends a waiting prompt at once; a live run is stopped first. Errors: NOT_FOUND, BUDGET_USED_UP. */
export const sendNow = viewerMutation({
  args: { queuedPromptId: v.id("queuedPrompts") },
  returns: vReceipt,
  handler: (ctx, args) => sendQueuedNow(ctx, ctx.userId, args.queuedPromptId),
});

/** Lets a held queue go on; its first prompt is sent when no run is live. Errors: NOT_FOUND, BUDGET_USED_UP. */
export const resume = viewerMutation({
  args: { taskId: v.id("tasks") },
  returns: v.null(),
  handler: (ctx, args) => resumeQueue(ctx, ctx.userId, args.taskId),
});

/** Starts a waiting prompt, in a transaction that its caller may see fail. Errors: BUDGET_USED_UP. */
export const start = internalMutation({
  args: { queuedPromptId: v.id("queuedPrompts") },
  returns: v.null(),
  handler: (ctx, args) => startForServer(ctx, args.queuedPromptId),
});

/** Starts a chat's next waiting prompt, unless the queue is held or the chat is busy. For runs that are set aside. */
export const startNext = internalMutation({
  args: { taskId: v.id("tasks") },
  returns: v.null(),
  handler: async (ctx, args) => {
    if (!(await isLocked(ctx, args.taskId))) await startNextQueued(ctx, args.taskId, { hold: false });
    return null;
  },
});
