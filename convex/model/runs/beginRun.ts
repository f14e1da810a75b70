import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { BUSY_MESSAGE, failure } from "../../shared/errors";
import { QUEUE_START_CHECK_MS, START_CHECK_MS } from "../settings";
import { reserveForRun } from "../spending/runSpending";
import { acquire, liveRunIn } from "./generationLock";
import { nextTurnOf } from "./turns";

/** The beginning of a run. It reads only rows of the chat and of its owner, so concurrent sends of different people never conflict. */

/**
 * Inserts a run for an answer; it waits until somebody claims it. `startedBy: "server"` if no page asked for it just now (the
 * queue): a page that shows the chat starts it, or else the server. `beside`: the other answers of its comparison.
 * What it may cost is reserved. [G16]
 * Errors: NOT_FOUND, GENERATION_IN_PROGRESS, BUDGET_USED_UP. Returns the `runId`.
 */
export async function beginRun(
  ctx: MutationCtx,
  messageId: Id<"chatMessages">,
  options: { startedBy: "page" | "server"; now: number; beside?: readonly Id<"chatMessages">[] },
): Promise<string> {
  const { now } = options;
  const message = await ctx.db.get("chatMessages", messageId);
  if (message?.role !== "ASSISTANT") throw failure("NOT_FOUND", "This answer does not exist.");
  const { taskId, userId } = message;
  const runId = crypto.randomUUID();
  const turnAt = await nextTurnOf(ctx, userId, now);
  const reserved = await reserveForRun(ctx, message, now);
  const run = { taskId, userId, messageId, runId, createdAt: now, turnAt, ...(reserved && { reserved }) };
  if (!(await acquire(ctx, run, options.beside))) {
    throw failure("GENERATION_IN_PROGRESS", BUSY_MESSAGE);
  }
  await ctx.db.patch("chatMessages", messageId, {
    status: "pending",
    runId,
    startedAt: now,
    endedAt: undefined,
    endReason: undefined,
    finishReason: undefined,
    errorMessage: undefined,
    problem: undefined,
    rawFinishReason: undefined,
  });
  await ctx.db.patch("tasks", taskId, { status: "RUNNING", lastActivityAt: now });
  await ctx.scheduler.runAfter(
    options.startedBy === "page" ? START_CHECK_MS : QUEUE_START_CHECK_MS,
    internal.generation.startCheck,
    { runId },
  );
  return runId;
}

/** The live run of an answer, or a new one. */
export async function beginRunFor(ctx: MutationCtx, messageId: Id<"chatMessages">): Promise<string> {
  const run = await liveRunIn(ctx, messageId);
  return run?.runId ?? (await beginRun(ctx, messageId, { startedBy: "server", now: Date.now() }));
}
