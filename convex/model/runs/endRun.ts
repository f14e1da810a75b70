import type { Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { scheduleCleanUp, settleContent } from "../messages/content";
import { endLog } from "../messages/log";
import { log } from "../log";
import { startNextQueued } from "../queue/queueStart";
import { indexMessage } from "../search/searchTexts";
import { liveRunLimit } from "../settings";
import { recordUsage } from "../context/recordUsage";
import { settleRun } from "../spending/runSpending";
import type { RunRequest } from "../context/runRequest";
import { askForSummary } from "../context/summaries";
import { statusAfterComparison } from "../compare/comparison";
import { findLive, isLocked, release } from "./generationLock";
import { keepStep } from "./keptSteps";
import { setAside } from "./setAside";
import type { Problem } from "../../shared/problems";
import { callsNotStarted } from "../tools/approvalRows";
import { scheduleNextTurn } from "./turns";
import { cancelledIds, closedToolCalls, trackToolCalls, withCancelled } from "./toolFragments";
import { askForTitle } from "../suggestions/titles";
import type { EndReason, FinishReason, TaskStatus, Usage, vLastFlush } from "../validators";

/** What each end means for the answer, its chat, and the tool calls that were open. */
const MEANING: Record<
  EndReason,
  {
    status: "complete" | "failed";
    task: TaskStatus;
    finishReason: FinishReason;
    openTools: "cancelled" | "failed" | "timedOut";
    /** Of those that were running. */
    runningTools?: "unknown";
  }
> = {
  finished: { status: "complete", task: "IDLE", finishReason: "stop", openTools: "failed" },
  lengthLimit: { status: "complete", task: "IDLE", finishReason: "length", openTools: "failed" },
  contentFilter: { status: "complete", task: "IDLE", finishReason: "content-filter", openTools: "failed" },
  stopped: { status: "complete", task: "STOPPED", finishReason: "stop", openTools: "cancelled" },
  timedOut: { status: "failed", task: "FAILED", finishReason: "other", openTools: "timedOut" },
  crashed: {
    ...{ status: "failed", task: "FAILED", finishReason: "error", openTools: "failed" },
    runningTools: "unknown",
  },
  providerError: { status: "failed", task: "FAILED", finishReason: "error", openTools: "failed" },
};

export type RunEnd = {
  endReason: EndReason;
  finishReason?: FinishReason;
  errorMessage?: string;
  problem?: Problem;
  rawFinishReason?: string;
  usage?: Usage;
  /** Which model the default was, where none was chosen. */
  answeredBy?: string;
  request?: RunRequest;
  /** The generator's last words. */
  last?: Infer<typeof vLastFlush>;
  /** For a run that is given up. */
  givenUp?: { silentMs: number; foundAt: "lease" | "restart" };
  /**
   * `advance`: the next queued prompt starts. `hold`: the person stopped the run, so the queue waits. `leave`: the caller starts a run.
   * Of a comparison's runs the last one that ends decides.
   */
  queue: "advance" | "hold" | "leave";
};

/** Does the end of this run free a place for a waiting one? Without a limit on places, only runs that the server started take one. */
function freesPlace({ state }: Doc<"runs">): boolean {
  if (liveRunLimit() === null) return state.kind === "claimed" && state.by === "server";
  return state.kind === "claimed" || state.kind === "called";
}

/**
 * The one way in which a live run ends, whether it waits or generates, all in the caller's transaction: last content, message, chat,
 * lock, budgets, and the start of the next queued prompt. [G5, G16] Nothing else writes a terminal state, except for rows that cannot be
 * ended (`setAside.ts`). It touches no row that another chat's run reads or writes, so concurrent ends never conflict; while budgets
 * hold, those of one person may.
 */
export async function endRun(ctx: MutationCtx, run: Doc<"runs">, end: RunEnd): Promise<void> {
  const now = Date.now();
  const meaning = MEANING[end.endReason];
  const message = await ctx.db.get("chatMessages", run.messageId);
  if (!message) {
    await setAside(ctx, run, "its message is missing");
    return;
  }

  const live = await findLive(ctx, run.runId);
  // Without a generator nobody runs a call: those that were to be started are in their rows.
  const calls = live ? (live.toolCalls ?? []) : await callsNotStarted(ctx, message._id);
  const said = end.last?.parts ?? [];
  const lastWords = [
    ...withCancelled(new Set(cancelledIds(calls)), said),
    ...closedToolCalls(trackToolCalls(calls, said, now), meaning, now),
  ];
  await keepStep(ctx, message._id, end.last?.step);
  const content = await settleContent(ctx, message, await endLog(ctx, message, lastWords, end.last?.page));

  await ctx.db.patch("chatMessages", message._id, {
    ...content,
    status: meaning.status,
    endReason: end.endReason,
    finishReason: end.finishReason ?? meaning.finishReason,
    errorMessage: end.errorMessage,
    problem: end.problem,
    rawFinishReason: end.rawFinishReason,
    usage: end.usage,
    // A run that is stopped ends before its generator tells: `recordStop`.
    ...(end.answeredBy !== undefined && { answeredBy: end.answeredBy }),
    ...(end.request && { contextFrom: end.request.contextFrom, summary: end.request.summary }),
    endedAt: now,
  });
  // A generator that tells of its request tells what it took.
  const charged = await settleRun(ctx, run, end.usage ?? (end.request ? {} : "unknown"));
  await recordUsage(ctx, run, message, end, content.chunkCount > message.chunkCount, charged);
  const ended = { endedAt: now, reason: end.endReason, ...(end.givenUp && { givenUp: end.givenUp }) };
  await release(ctx, run, ended, live);
  // Others of its comparison may go on; then the chat does.
  const chatIsFree = !(await isLocked(ctx, run.taskId));
  if (chatIsFree) {
    const status = message.compared ? await statusAfterComparison(ctx, message, meaning.task) : meaning.task;
    await ctx.db.patch("tasks", run.taskId, { status, lastActivityAt: now, unread: status !== "STOPPED" });
  }
  const text = await indexMessage(ctx, { ...message, ...content });
  if (chatIsFree && meaning.status === "complete" && text !== "") await askForTitle(ctx, message);
  if (meaning.status === "complete" && end.request?.isCut === true) await askForSummary(ctx, message);
  // Also when this run has written nothing: while it was live, what was left of those before stayed.
  if (content.chunkCount > 0) {
    await scheduleCleanUp(ctx, { messageId: message._id, from: content.inlinedChunks });
  }
  await scheduleNextTurn(ctx, run.userId);
  // In a transaction of its own: it reads everybody's runs to see whose turn is next.
  if (freesPlace(run)) await ctx.scheduler.runAfter(0, internal.generation.callNext, {});
  log("STREAMING", `Run ${run.runId} of message ${message._id} ended: ${end.endReason}`);

  if (chatIsFree && end.queue !== "leave")
    await startNextQueued(ctx, run.taskId, { hold: end.queue === "hold" });
}
