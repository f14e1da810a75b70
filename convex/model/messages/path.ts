import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { requireIdle } from "../runs/busy";
import { byteSizeOf } from "../../shared/byteSize";
import { findMessage, variantCount } from "./messages";
import { requireTask } from "../chats/tasks";

/**
 * The path: those messages of a chat that it shows now, one variant at each place. Messages are numbered as they are made, so
 * that what follows a message always has a higher `sequence`, on every branch.
 */

/** Messages that one change may put on or take off the path, and bytes that it may read for that: a transaction may read 16 MiB. */
const MAX_FLIPPED = 1_000;
const MAX_FLIPPED_BYTES = 12 * 1024 * 1024;

/** How often a message is read: by its range, and by its patch; and when it is shown, also to number its variants. */
const READS_TO_HIDE = 2;
const READS_TO_SHOW = 3;

/** Bytes of a message besides its content, about. */
const MESSAGE_BYTES = 1_000;

type Message = Doc<"chatMessages">;

type FlipBudget = (message: Message, reads: number) => void;

/** Adds up what a change touches. Errors: TOO_FAR_BACK. */
function flipBudget(): FlipBudget {
  let messages = 0;
  let bytes = 0;
  return (message, reads) => {
    messages += 1;
    bytes += reads * (MESSAGE_BYTES + byteSizeOf(message.parts));
    if (messages > MAX_FLIPPED || bytes > MAX_FLIPPED_BYTES) {
      throw failure(
        "TOO_FAR_BACK",
        `Too much follows this message (more than ${MAX_FLIPPED} messages, or very long ones). Please start a new chat from here.`,
      );
    }
  };
}

/** Takes all messages from `sequence` on off the path. Errors: TOO_FAR_BACK. */
export async function hideFrom(
  ctx: MutationCtx,
  taskId: Id<"tasks">,
  sequence: number,
  spend: FlipBudget = flipBudget(),
): Promise<void> {
  const hidden: Message[] = [];
  const shown = ctx.db
    .query("chatMessages")
    .withIndex("by_task_path", (q) => q.eq("taskId", taskId).eq("onPath", true).gte("sequence", sequence));
  for await (const message of shown) {
    spend(message, READS_TO_HIDE);
    hidden.push(message);
  }
  for (const message of hidden) await ctx.db.patch("chatMessages", message._id, { onPath: false });
}

/** Shows a message in its place, and after it the newest of what followed it. */
export async function selectOnPath(
  ctx: MutationCtx,
  userId: Id<"users">,
  messageId: Id<"chatMessages">,
): Promise<null> {
  const selected = await findMessage(ctx, userId, messageId);
  if (!selected) throw failure("NOT_FOUND", "This message does not exist.");
  const parent = await parentOf(ctx, selected);
  if (!selected.onPath && parent && !parent.onPath) {
    throw failure("INVALID_INPUT", "This message belongs to a version of the chat that is not shown now.");
  }
  return await show(ctx, userId, selected);
}

/** The same for a message anywhere in the chat: what it follows is shown, too. */
export async function showBranch(
  ctx: MutationCtx,
  userId: Id<"users">,
  messageId: Id<"chatMessages">,
): Promise<null> {
  const selected = await findMessage(ctx, userId, messageId);
  if (!selected) throw failure("NOT_FOUND", "This message does not exist.");
  return await show(ctx, userId, selected);
}

async function show(ctx: MutationCtx, userId: Id<"users">, selected: Message): Promise<null> {
  if (selected.onPath) return null;
  const task = await requireTask(ctx, userId, selected.taskId);
  await requireIdle(ctx, task);
  const spend = flipBudget();
  const putOnPath = async (message: Message) => {
    spend(message, READS_TO_SHOW);
    await ctx.db.patch("chatMessages", message._id, {
      onPath: true,
      variantCount: await variantCount(ctx, message),
    });
  };
  // Up to where this branch leaves what is shown.
  const above: Message[] = [];
  let parent = await parentOf(ctx, selected);
  for (; parent && !parent.onPath; parent = await parentOf(ctx, parent)) {
    spend(parent, 1);
    above.push(parent);
  }
  await hideFrom(ctx, task._id, parent ? parent.sequence + 1 : 0, spend);
  for (const message of above) await putOnPath(message);
  for (let message: Message | null = selected; message !== null; message = await newestChild(ctx, message)) {
    await putOnPath(message);
  }
  return null;
}

const parentOf = async (ctx: MutationCtx, { parentMessageId }: Message): Promise<Message | null> =>
  parentMessageId === undefined ? null : await ctx.db.get("chatMessages", parentMessageId);

async function newestChild(ctx: MutationCtx, message: Message): Promise<Message | null> {
  return await ctx.db
    .query("chatMessages")
    .withIndex("by_task_parent", (q) => q.eq("taskId", message.taskId).eq("parentMessageId", message._id))
    .order("desc")
    .first();
}
