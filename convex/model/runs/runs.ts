import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { BUSY_MESSAGE, failure } from "../../shared/errors";
import { acquire } from "./generationLock";
import { LEASE_MS, START_CHECK_MS } from "../settings";

/** The beginning of a run: made, claimed by one generator, or started by the server when nobody claims it. */

export async function findLive(ctx: QueryCtx, runId: string): Promise<Doc<"streamingResponses"> | null> {
  return await ctx.db
    .query("streamingResponses")
    .withIndex("by_run", (q) => q.eq("runId", runId))
    .unique();
}

/**
 * Makes a run for an answer: lock, live row, watchdog and start check. `startedBy: "server"` when no page knows of it
 * (the queue). Errors: GENERATION_IN_PROGRESS. Returns the `runId`.
 */
export async function beginRun(
  ctx: MutationCtx,
  messageId: Id<"chatMessages">,
  options: { startedBy: "page" | "server"; now: number },
): Promise<string> {
  const { now } = options;
  const message = await ctx.db.get("chatMessages", messageId);
  if (message?.role !== "ASSISTANT") throw failure("NOT_FOUND", "This answer does not exist.");
  const { taskId, userId } = message;
  const runId = crypto.randomUUID();
  if (!(await acquire(ctx, { taskId, userId, messageId, runId, lockedAt: now }))) {
    throw failure("GENERATION_IN_PROGRESS", BUSY_MESSAGE);
  }
  await ctx.db.insert("streamingResponses", {
    ...{ messageId, taskId, userId, runId },
    startedAt: now,
    heartbeatAt: now,
  });
  await ctx.db.patch("chatMessages", messageId, {
    status: "pending",
    runId,
    startedAt: now,
    endedAt: undefined,
    endReason: undefined,
    finishReason: undefined,
    errorMessage: undefined,
  });
  await ctx.db.patch("tasks", taskId, { status: "RUNNING", lastActivityAt: now });
  await ctx.scheduler.runAfter(LEASE_MS, internal.generation.watchdog, { runId });
  const startCheckMs = options.startedBy === "page" ? START_CHECK_MS : 0;
  await ctx.scheduler.runAfter(startCheckMs, internal.generation.startCheck, { runId });
  return runId;
}

/** The run of an answer that waits for one, or a new one. */
export async function beginRunFor(ctx: MutationCtx, messageId: Id<"chatMessages">): Promise<string> {
  const live = await ctx.db
    .query("streamingResponses")
    .withIndex("by_message", (q) => q.eq("messageId", messageId))
    .unique();
  return live?.runId ?? (await beginRun(ctx, messageId, { startedBy: "server", now: Date.now() }));
}

/** Takes the run for one generator. `userId` is the caller's, null when the server itself calls. */
export async function claimRun(
  ctx: MutationCtx,
  args: { runId: string; userId: Id<"users"> | null },
): Promise<boolean> {
  const live = await findLive(ctx, args.runId);
  if (!live || live.claimedAt !== undefined) return false;
  if (args.userId !== null && args.userId !== live.userId) return false;
  const now = Date.now();
  await ctx.db.patch("streamingResponses", live._id, { claimedAt: now, heartbeatAt: now });
  await ctx.db.patch("chatMessages", live.messageId, { status: "streaming" });
  return true;
}

/** Starts a run that nobody has claimed. */
export async function startIfUnclaimed(ctx: MutationCtx, runId: string): Promise<null> {
  const live = await findLive(ctx, runId);
  if (live && live.claimedAt === undefined) {
    await ctx.scheduler.runAfter(0, internal.generate.startScheduled, { runId });
  }
  return null;
}
