import type { Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { MAX_INSTRUCTIONS_CHARS } from "../../shared/limits";
import { requireTask } from "./tasks";

/** A person's instructions to the models, for all chats (`taskId: null`) or for one. */

async function find(ctx: QueryCtx, userId: Id<"users">, taskId: Id<"tasks"> | null) {
  return await ctx.db
    .query("instructions")
    .withIndex("by_user_task", (q) => q.eq("userId", userId).eq("taskId", taskId ?? undefined))
    .unique();
}

/** Empty when there are none. */
export async function readInstructions(
  ctx: QueryCtx,
  userId: Id<"users">,
  taskId: Id<"tasks"> | null,
): Promise<string> {
  return (await find(ctx, userId, taskId))?.text ?? "";
}

/** Errors: NOT_FOUND, INVALID_INPUT. */
export async function setInstructions(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { taskId: Id<"tasks"> | null; text: string },
): Promise<null> {
  const { taskId, text } = args;
  if (text.length > MAX_INSTRUCTIONS_CHARS) {
    throw failure(
      "INVALID_INPUT",
      `Instructions may have ${MAX_INSTRUCTIONS_CHARS.toLocaleString("en")} characters; these have ${text.length.toLocaleString("en")}.`,
    );
  }
  if (taskId !== null) await requireTask(ctx, userId, taskId);
  const existing = await find(ctx, userId, taskId);
  if (text.trim() === "") {
    if (existing) await ctx.db.delete("instructions", existing._id);
  } else if (existing) {
    await ctx.db.patch("instructions", existing._id, { text });
  } else {
    await ctx.db.insert("instructions", { userId, ...(taskId !== null && { taskId }), text });
  }
  return null;
}
