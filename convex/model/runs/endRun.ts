import { internal } from "../../_generated/api";
import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { settleContent } from "../messages/content";
import { newestRow } from "../messages/log";
import { release } from "./generationLock";
import { log } from "../log";
import { countEnd } from "../metrics/metrics";
import { startNextQueued } from "../queue/queueStart";
import { indexMessage } from "../search/searchTexts";
import { CHUNK_CLEANUP_DELAY_MS } from "../settings";
import { closedToolCalls } from "./toolFragments";
import { askForTitle } from "../suggestions/titles";
import type { EndReason, FinishReason, StoredPart, TaskStatus, Usage } from "../validators";

/** What each end means for the answer, its chat, and the tool calls that were open. */
const MEANING: Record<
  EndReason,
  {
    status: "complete" | "failed";
    task: TaskStatus;
    finishReason: FinishReason;
    openTools: "cancelled" | "failed" | "timedOut";
  }
> = {
  finished: { status: "complete", task: "IDLE", finishReason: "stop", openTools: "failed" },
  lengthLimit: { status: "complete", task: "IDLE", finishReason: "length", openTools: "failed" },
  contentFilter: { status: "complete", task: "IDLE", finishReason: "content-filter", openTools: "failed" },
  stopped: { status: "complete", task: "STOPPED", finishReason: "stop", openTools: "cancelled" },
  timedOut: { status: "failed", task: "FAILED", finishReason: "other", openTools: "timedOut" },
  crashed: { status: "failed", task: "FAILED", finishReason: "error", openTools: "failed" },
  providerError: { status: "failed", task: "FAILED", finishReason: "error", openTools: "failed" },
};

export type RunEnd = {
  endReason: EndReason;
  finishReason?: FinishReason;
  errorMessage?: string;
  usage?: Usage;
  /** The generator's last words. */
  last?: { flushSeq: number; parts: StoredPart[] };
  /** `advance`: the next queued prompt starts. `hold`: a person stopped, so it waits. `leave`: the caller starts another run. */
  queue: "advance" | "hold" | "leave";
};

/**
 * The one way in which a run ends, all in the caller's transaction: last content, message, chat, lock, and the start of the next
 * queued prompt. [G5] Nothing else writes a terminal state.
 */
export async function endRun(ctx: MutationCtx, live: Doc<"streamingResponses">, end: RunEnd): Promise<void> {
  const now = Date.now();
  const meaning = MEANING[end.endReason];
  const message = await ctx.db.get("chatMessages", live.messageId);
  if (!message) throw new Error(`Run ${live.runId} is live without its message`);

  const lastWords = [
    ...(end.last?.parts ?? []),
    ...closedToolCalls(live.toolCalls ?? [], meaning.openTools, now),
  ];
  const content = await settleContent(ctx, message, await endLog(ctx, message, lastWords));

  await ctx.db.patch("chatMessages", message._id, {
    ...content,
    status: meaning.status,
    endReason: end.endReason,
    finishReason: end.finishReason ?? meaning.finishReason,
    errorMessage: end.errorMessage,
    usage: end.usage,
    endedAt: now,
  });
  await ctx.db.delete("streamingResponses", live._id);
  await release(ctx, live);
  await ctx.db.patch("tasks", live.taskId, {
    status: meaning.task,
    lastActivityAt: now,
    unread: end.endReason !== "stopped",
  });
  const text = await indexMessage(ctx, { ...message, ...content });
  if (meaning.status === "complete" && text !== "") await askForTitle(ctx, message);
  if (content.chunkCount > message.chunkCount) {
    await ctx.scheduler.runAfter(CHUNK_CLEANUP_DELAY_MS, internal.streamingResponses.cleanUpChunks, {
      messageId: message._id,
      from: content.inlinedChunks,
    });
  }
  await countEnd(ctx, end.endReason);
  log("STREAMING", `Run ${live.runId} of message ${message._id} ended: ${end.endReason}`);

  if (end.queue !== "leave") await startNextQueued(ctx, live.taskId, { hold: end.queue === "hold" });
}

/**
 * Appends the last row of a run, which says that the log is not live any more; none when the run has written nothing and has nothing
 * to say. Returns how many rows the log has.
 */
async function endLog(ctx: MutationCtx, message: Doc<"chatMessages">, parts: StoredPart[]): Promise<number> {
  const { _id: messageId, userId, chunkCount } = message;
  const newest = await newestRow(ctx, messageId);
  const index = Math.max(chunkCount, newest === null ? 0 : newest.index + 1);
  if (index === chunkCount && parts.length === 0) return chunkCount;
  await ctx.db.insert("streamingChunks", { messageId, userId, index, parts, isEnd: true });
  return index + 1;
}
