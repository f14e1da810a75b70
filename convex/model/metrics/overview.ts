import { v, type Infer } from "convex/values";
import type { Doc } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { byteSizeOf } from "../../shared/byteSize";
import { isExpired } from "../runs/generationLock";
import { readMetrics, vMetrics } from "./metrics";

/** The state of the machinery, computed from the rows as they are, not from what should be so. */

/** Rows of each kind that are looked at: the newest messages, and all that is live in any but a huge deployment. */
const MAX_MESSAGES = 1_000;
const MAX_LIVE = 1_000;
/** Bytes of the messages' contents: long answers must not take the query beyond what one may read. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

export const vOverview = vMetrics.extend({
  live: v.object({
    waiting: v.number(),
    called: v.number(),
    claimed: v.number(),
    awaitingApproval: v.number(),
  }),
  /** Each must be 0. */
  invariants: v.object({
    duplicatePrompts: v.number(),
    duplicateAnswers: v.number(),
    liveMessagesWithoutRun: v.number(),
    runsWithoutLiveMessage: v.number(),
    claimedRunsWithoutLiveRow: v.number(),
    liveRowsWithoutClaimedRun: v.number(),
    tasksWithTwoRuns: v.number(),
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

async function newestMessages(ctx: QueryCtx): Promise<Doc<"chatMessages">[]> {
  const messages: Doc<"chatMessages">[] = [];
  let bytes = 0;
  for await (const message of ctx.db.query("chatMessages").order("desc")) {
    messages.push(message);
    bytes += byteSizeOf(message.parts);
    if (messages.length === MAX_MESSAGES || bytes >= MAX_MESSAGE_BYTES) break;
  }
  return messages;
}

export async function readOverview(ctx: QueryCtx): Promise<Infer<typeof vOverview>> {
  const messages = await newestMessages(ctx);
  const inState = (kind: Doc<"runs">["state"]["kind"]) =>
    ctx.db
      .query("runs")
      .withIndex("by_state", (q) => q.eq("state.kind", kind))
      .order("desc")
      .take(MAX_LIVE);
  const waiting = await inState("waiting");
  const called = await inState("called");
  const claimed = await inState("claimed");
  const awaitingApproval = await inState("awaitingApproval");
  const runs = [...waiting, ...called, ...claimed, ...awaitingApproval];
  const liveRows = await ctx.db.query("streamingResponses").order("desc").take(MAX_LIVE);

  const runIds = new Set(runs.map((run) => run.runId));
  const claimedIds = new Set(claimed.map((run) => run.runId));
  const liveRowIds = new Set(liveRows.map((live) => live.runId));
  const isLive = (status: string) => status === "pending" || status === "streaming";
  const prompts = messages.filter((message) => message.role === "USER");
  const answers = messages.filter((message) => message.role === "ASSISTANT");
  const generated = await Promise.all(runs.map((run) => ctx.db.get("chatMessages", run.messageId)));
  // Read once, here: this query is for people and tests, and nobody subscribes to it.
  const now = Date.now();
  return {
    ...(await readMetrics(ctx)),
    live: {
      ...{ waiting: waiting.length, called: called.length, claimed: claimed.length },
      awaitingApproval: awaitingApproval.length,
    },
    invariants: {
      duplicatePrompts: duplicates(
        prompts,
        (prompt) => `${prompt.userId} ${prompt.clientMessageId ?? prompt._id}`,
      ),
      duplicateAnswers: duplicates(answers, (answer) => `${answer.promptMessageId} ${answer.variant}`),
      liveMessagesWithoutRun: answers.filter(
        (answer) => isLive(answer.status) && !runIds.has(answer.runId ?? ""),
      ).length,
      runsWithoutLiveMessage: runs.filter((run, i) => {
        const message = generated[i];
        return !message || !isLive(message.status) || message.runId !== run.runId;
      }).length,
      claimedRunsWithoutLiveRow: claimed.filter((run) => !liveRowIds.has(run.runId)).length,
      liveRowsWithoutClaimedRun: liveRows.filter((live) => !claimedIds.has(live.runId)).length,
      // The runs of a comparison are of one prompt, each of another answer.
      tasksWithTwoRuns:
        duplicates(runs, (run) => run.messageId) +
        new Set(runs.map((run, i) => `${run.taskId} ${generated[i]?.promptMessageId}`)).size -
        new Set(runs.map((run) => run.taskId)).size,
      runsPastLease: liveRows.filter((live) => isExpired(live, now)).length,
    },
    messagesChecked: messages.length,
  };
}
