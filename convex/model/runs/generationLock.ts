import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { MAX_COMPARED } from "../../shared/limits";
import { LEASE_MS } from "../settings";
import { forgetApprovals } from "../tools/approvalRows";
import { adoptOldRun } from "./migrate";

/**
 * The generation lock of a chat is its live run: a row of `runs` that has not ended. [G3] In a comparison each of its answers has a
 * lock of its own; whoever is not of the comparison finds the chat busy until the last of them is free.
 *
 * Transactions are serialisable, so of two concurrent `acquire`s one sees the other's row. A run is ended by name (`endRun`), so an old
 * run cannot free a chat in which a new one is live. [G4]
 */

/** Silent runs that one call of `cleanupExpired` handles; the next call takes the rest. */
const CLEANUP_BATCH = 100;

export async function findRun(ctx: QueryCtx, runId: string): Promise<Doc<"runs"> | null> {
  return await ctx.db
    .query("runs")
    .withIndex("by_run", (q) => q.eq("runId", runId))
    .unique();
}

/** The live row of a claimed run; null for any other. `liveId`: where it is, if that is known. */
export async function findLive(
  ctx: QueryCtx,
  runId: string,
  liveId?: Id<"streamingResponses">,
): Promise<Doc<"streamingResponses"> | null> {
  if (liveId !== undefined) {
    const live = await ctx.db.get("streamingResponses", liveId);
    return live?.runId === runId ? live : null;
  }
  return await ctx.db
    .query("streamingResponses")
    .withIndex("by_run", (q) => q.eq("runId", runId))
    .unique();
}

/** The chat's live run, for queries. Mutations use `findLock`. */
export async function liveRunOf(ctx: QueryCtx, taskId: Id<"tasks">): Promise<Doc<"runs"> | null> {
  return await ctx.db
    .query("runs")
    .withIndex("by_task", (q) => q.eq("taskId", taskId).eq("state.endedAt", undefined))
    .first();
}

/** All live runs of the chat, oldest first: several in a comparison, else one at most. */
async function liveRunsOf(ctx: QueryCtx, taskId: Id<"tasks">): Promise<Doc<"runs">[]> {
  return await ctx.db
    .query("runs")
    .withIndex("by_task", (q) => q.eq("taskId", taskId).eq("state.endedAt", undefined))
    .take(MAX_COMPARED);
}

/** The live run of an answer. */
export async function liveRunIn(ctx: QueryCtx, messageId: Id<"chatMessages">): Promise<Doc<"runs"> | null> {
  return await ctx.db
    .query("runs")
    .withIndex("by_message", (q) => q.eq("messageId", messageId).eq("state.endedAt", undefined))
    .first();
}

export async function isLocked(ctx: QueryCtx, taskId: Id<"tasks">): Promise<boolean> {
  return (await liveRunOf(ctx, taskId)) !== null;
}

/** The run that holds the chat, for mutations; it may have been begun by a version before `runs`. */
export async function findLock(ctx: MutationCtx, taskId: Id<"tasks">): Promise<Doc<"runs"> | null> {
  return (await liveRunOf(ctx, taskId)) ?? (await adoptOldRun(ctx, taskId));
}

/** The runs that hold the chat, for mutations, oldest first. */
export async function findLocks(ctx: MutationCtx, taskId: Id<"tasks">): Promise<Doc<"runs">[]> {
  const live = await liveRunsOf(ctx, taskId);
  const old = live.length === 0 ? await adoptOldRun(ctx, taskId) : null;
  return old === null ? live : [old];
}

/** Inserts the run as waiting. False if the chat has a live run already that is not `beside` it: of another answer of its comparison. */
export async function acquire(
  ctx: MutationCtx,
  run: Pick<Doc<"runs">, "taskId" | "userId" | "messageId" | "runId" | "createdAt" | "reserved"> & {
    turnAt: number;
  },
  beside: readonly Id<"chatMessages">[] = [],
): Promise<boolean> {
  const live = await findLocks(ctx, run.taskId);
  if (live.some(({ messageId }) => !beside.includes(messageId))) return false;
  const { turnAt, ...rest } = run;
  await ctx.db.insert("runs", { ...rest, state: { kind: "waiting", turnAt } });
  return true;
}

/**
 * Ends the run and so frees the chat. All else that an end means is up to the caller: `endRun`, or `setAside` if that fails. `known`: its live
 * row, if the caller has it.
 */
export async function release(
  ctx: MutationCtx,
  run: Doc<"runs">,
  end: Omit<Extract<Doc<"runs">["state"], { kind: "ended" }>, "kind" | "claimedAt">,
  known: Doc<"streamingResponses"> | null = null,
): Promise<void> {
  const { state } = run;
  await ctx.db.patch("runs", run._id, {
    state: { kind: "ended", ...end, ...(state.kind === "claimed" && { claimedAt: state.claimedAt }) },
  });
  const live = known ?? (await findLive(ctx, run.runId));
  if (live) await ctx.db.delete("streamingResponses", live._id);
  await forgetApprovals(ctx, run.messageId);
}

/** Has the generator of this run given no sign of life for its lease? */
export function isExpired(live: Pick<Doc<"streamingResponses">, "heartbeatAt">, now: number): boolean {
  return now - live.heartbeatAt >= LEASE_MS;
}

/** Hands the `runId` of every silent run to `end`. Returns how many there were. */
export async function cleanupExpired(
  ctx: MutationCtx,
  now: number,
  end: (runId: string) => Promise<unknown>,
): Promise<number> {
  const expired = await ctx.db
    .query("streamingResponses")
    .withIndex("by_heartbeat", (q) => q.lte("heartbeatAt", now - LEASE_MS))
    .take(CLEANUP_BATCH);
  for (const { runId } of expired) await end(runId);
  return expired.length;
}
