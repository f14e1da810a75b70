import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { LEASE_MS } from "../settings";

/**
 * The generation lock: one row exactly while a run of the chat is live. [G3]
 *
 * Transactions are serialisable, so that of two concurrent `acquire`s one sees the other's row. Every run ends through
 * `endRun`, the only caller of `release`; an old run cannot free a new one's lock, since a release names its run. [G4]
 */

/** Runs that one call of `cleanupExpired` ends; the next cron takes the rest. */
const CLEANUP_BATCH = 20;

export async function findLock(ctx: QueryCtx, taskId: Id<"tasks">): Promise<Doc<"generationLocks"> | null> {
  return await ctx.db
    .query("generationLocks")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .unique();
}

export async function isLocked(ctx: QueryCtx, taskId: Id<"tasks">): Promise<boolean> {
  return (await findLock(ctx, taskId)) !== null;
}

/** True when the chat was free and is now locked for this run. */
export async function acquire(
  ctx: MutationCtx,
  lock: Pick<Doc<"generationLocks">, "taskId" | "userId" | "messageId" | "runId" | "lockedAt">,
): Promise<boolean> {
  if (await isLocked(ctx, lock.taskId)) return false;
  await ctx.db.insert("generationLocks", lock);
  return true;
}

/** True when this run held the chat's lock, which is now free. */
export async function release(
  ctx: MutationCtx,
  run: { taskId: Id<"tasks">; runId: string },
): Promise<boolean> {
  const lock = await findLock(ctx, run.taskId);
  if (lock?.runId !== run.runId) return false;
  await ctx.db.delete("generationLocks", lock._id);
  return true;
}

/** Has this run given no sign of life for its lease? */
export function isExpired(live: Doc<"streamingResponses">, now: number): boolean {
  return now - live.heartbeatAt >= LEASE_MS;
}

/** Hands every expired run to `end`. Returns how many there were. */
export async function cleanupExpired(
  ctx: MutationCtx,
  now: number,
  end: (live: Doc<"streamingResponses">) => Promise<void>,
): Promise<number> {
  const expired = await ctx.db
    .query("streamingResponses")
    .withIndex("by_heartbeat", (q) => q.lte("heartbeatAt", now - LEASE_MS))
    .take(CLEANUP_BATCH);
  for (const live of expired) await end(live);
  return expired.length;
}
