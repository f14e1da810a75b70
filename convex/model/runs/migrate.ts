import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";

/**
 * Data of the versions before `runs`: a lock for each live run, and a live row even before it was claimed. Each lock becomes a run: at
 * the start of an embedded backend, by the cron, or when its chat is changed. Nothing is lost: a claimed run stays claimed, with its
 * live row; any other waits.
 */

/** Locks that one call of `oldLocks` returns. */
const BATCH = 100;

/** Chats with a lock that has not become a run. */
export async function tasksWithOldLocks(ctx: QueryCtx): Promise<Id<"tasks">[]> {
  const locks = await ctx.db.query("generationLocks").take(BATCH);
  return [...new Set(locks.map(({ taskId }) => taskId))];
}

/** Makes the chat's old lock a run, and returns it if it is live; null when there is none. */
export async function adoptOldRun(ctx: MutationCtx, taskId: Id<"tasks">): Promise<Doc<"runs"> | null> {
  const locks = await ctx.db
    .query("generationLocks")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .take(BATCH);
  let adopted: Doc<"runs"> | null = null;
  for (const lock of locks) {
    // A chat has one live run, so a second lock can only be damage.
    adopted ??= await adopt(ctx, lock);
    await ctx.db.delete("generationLocks", lock._id);
  }
  return adopted;
}

async function adopt(ctx: MutationCtx, lock: Doc<"generationLocks">): Promise<Doc<"runs"> | null> {
  const { taskId, userId, messageId, runId, lockedAt } = lock;
  const live = await ctx.db
    .query("streamingResponses")
    .withIndex("by_run", (q) => q.eq("runId", runId))
    .first();
  const isUnclaimed = live !== null && live.claimedAt === undefined;
  if (isUnclaimed) await ctx.db.delete("streamingResponses", live._id);
  const id = await ctx.db.insert("runs", {
    ...{ taskId, userId, messageId, runId },
    createdAt: lockedAt,
    // Without a live row nobody generates this run: made a claimed one, it will be given up.
    state: isUnclaimed
      ? { kind: "waiting", turnAt: lockedAt }
      : { kind: "claimed", claimedAt: live?.claimedAt ?? lockedAt, by: "page" },
  });
  return await ctx.db.get("runs", id);
}
