import { v, type Infer } from "convex/values";
import type { QueryCtx } from "../../_generated/server";
import { isExpired } from "../runs/generationLock";
import { readMetrics } from "./metrics";

/** The state of the machinery, computed from the rows as they are, not from what should be so. */

/** Rows of each kind that are looked at: the newest messages, and all that is live in any but a huge deployment. */
const MAX_MESSAGES = 1_000;
const MAX_LIVE = 1_000;

const vDuration = v.object({
  count: v.number(),
  p50Ms: v.union(v.number(), v.null()),
  p95Ms: v.union(v.number(), v.null()),
});

export const vOverview = v.object({
  counters: v.record(v.string(), v.number()),
  stopLatency: vDuration,
  recovery: vDuration,
  live: v.object({ locks: v.number(), runs: v.number() }),
  /** Each must be 0. */
  invariants: v.object({
    duplicatePrompts: v.number(),
    duplicateAnswers: v.number(),
    liveMessagesWithoutLock: v.number(),
    locksWithoutLiveMessage: v.number(),
    locksWithoutRun: v.number(),
    runsWithoutLock: v.number(),
    tasksLockedTwice: v.number(),
    /** Not 0 for a moment: until a watchdog, a cron or a caller has ended it. */
    runsPastLease: v.number(),
  }),
  /** How many of the newest messages were looked at. */
  messagesChecked: v.number(),
});

/** Counts the elements whose key an earlier one has. */
function duplicates<T>(items: readonly T[], key: (item: T) => string): number {
  return items.length - new Set(items.map(key)).size;
}

export async function readOverview(ctx: QueryCtx): Promise<Infer<typeof vOverview>> {
  const messages = await ctx.db.query("chatMessages").order("desc").take(MAX_MESSAGES);
  const locks = await ctx.db.query("generationLocks").order("desc").take(MAX_LIVE);
  const runs = await ctx.db.query("streamingResponses").order("desc").take(MAX_LIVE);
  const lockByRun = new Map(locks.map((lock) => [lock.runId, lock]));
  const runIds = new Set(runs.map((run) => run.runId));
  const isLive = (status: string) => status === "pending" || status === "streaming";

  const prompts = messages.filter((message) => message.role === "USER");
  const answers = messages.filter((message) => message.role === "ASSISTANT");
  const locked = await Promise.all(locks.map((lock) => ctx.db.get("chatMessages", lock.messageId)));
  // Read once, here: this query is for people and tests, and nobody subscribes to it.
  const now = Date.now();
  return {
    ...(await readMetrics(ctx)),
    live: { locks: locks.length, runs: runs.length },
    invariants: {
      duplicatePrompts: duplicates(
        prompts,
        (prompt) => `${prompt.userId} ${prompt.clientMessageId ?? prompt._id}`,
      ),
      duplicateAnswers: duplicates(answers, (answer) => `${answer.promptMessageId} ${answer.variant}`),
      liveMessagesWithoutLock: answers.filter(
        (answer) => isLive(answer.status) && !lockByRun.has(answer.runId ?? ""),
      ).length,
      locksWithoutLiveMessage: locks.filter((lock, i) => {
        const message = locked[i];
        return !message || !isLive(message.status) || message.runId !== lock.runId;
      }).length,
      locksWithoutRun: locks.filter((lock) => !runIds.has(lock.runId)).length,
      runsWithoutLock: runs.filter((run) => !lockByRun.has(run.runId)).length,
      tasksLockedTwice: duplicates(locks, (lock) => lock.taskId),
      runsPastLease: runs.filter((run) => isExpired(run, now)).length,
    },
    messagesChecked: messages.length,
  };
}
