import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { isRemoved } from "../chats/removed";

type Message = Doc<"chatMessages">;

/** The message, or null when it or its chat does not exist or belongs to somebody else. [G11] */
export async function findMessage(
  ctx: QueryCtx,
  userId: Id<"users">,
  messageId: Id<"chatMessages">,
): Promise<Message | null> {
  const message = await ctx.db.get("chatMessages", messageId);
  if (message?.userId !== userId) return null;
  return (await isRemoved(ctx, message.taskId)) ? null : message;
}

/** A message and its chat, for a change to what the chat shows. */
export async function requireOnPath(
  ctx: MutationCtx,
  userId: Id<"users">,
  messageId: Id<"chatMessages">,
  role: Message["role"],
): Promise<Message> {
  const message = await findMessage(ctx, userId, messageId);
  if (!message) throw failure("NOT_FOUND", "This message does not exist.");
  if (message.role !== role || !message.onPath) {
    const what = role === "USER" ? "one of your messages" : "a reply";
    throw failure("INVALID_INPUT", `This must be ${what} that the chat shows now.`);
  }
  return message;
}

/** The message that a new prompt follows. */
export async function lastOnPath(ctx: QueryCtx, taskId: Id<"tasks">): Promise<Message | null> {
  return await ctx.db
    .query("chatMessages")
    .withIndex("by_task_path", (q) => q.eq("taskId", taskId).eq("onPath", true))
    .order("desc")
    .first();
}

/** How many variants there are at a message's place. */
export async function variantCount(
  ctx: QueryCtx,
  place: Pick<Message, "taskId" | "parentMessageId">,
): Promise<number> {
  const newest = await ctx.db
    .query("chatMessages")
    .withIndex("by_task_parent", (q) =>
      q.eq("taskId", place.taskId).eq("parentMessageId", place.parentMessageId),
    )
    .order("desc")
    .first();
  return newest === null ? 0 : newest.variant + 1;
}
