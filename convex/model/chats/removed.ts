import type { Doc, Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";

/** The mark of a deleted chat. */
export async function findRemoved(ctx: QueryCtx, taskId: Id<"tasks">): Promise<Doc<"removedTasks"> | null> {
  return await ctx.db
    .query("removedTasks")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .unique();
}

/**
 * Is the chat deleted, as far as its messages are concerned? For queries that know their owner from what they read: the answer depends on
 * nothing that changes with the chat's title, status or activity, so that these do not run them again.
 */
export const isRemoved = async (ctx: QueryCtx, taskId: Id<"tasks">): Promise<boolean> =>
  (await findRemoved(ctx, taskId)) !== null;
