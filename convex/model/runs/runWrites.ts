import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { insertRow } from "../messages/log";
import { endRun, type RunEnd } from "./endRun";
import { keepStep } from "./keptSteps";
import { recordEvent } from "../metrics/events";
import { findLive, findLock, findRun } from "./generationLock";
import { HEARTBEAT_WRITE_MS } from "../settings";
import { cancelledIds } from "./toolFragments";
import type { KeptStep, RunReply, StoredPart } from "../validators";

/**
 * What a generator writes. Each write names its run; if that is no longer live, the write changes nothing and is answered "ended".
 * [G4]
 */

type Live = Doc<"streamingResponses">;

/**
 * `answer`: from `generation.runInput`; looked up if left out. `page`: now and then, the rows from `from` up to this flush's own, merged
 * into one.
 */
export type Flush = {
  runId: string;
  answer?: Pick<Doc<"runs">, "messageId" | "userId"> & { liveId?: Live["_id"] };
  flushSeq: number;
  parts: StoredPart[];
  page?: { from: number; parts: StoredPart[] };
  /** What is to be kept of the step that the model is in. */
  step?: KeptStep;
};

export function liveReply(live: Live, rows?: number): RunReply {
  return {
    state: "live",
    cancelledToolCalls: cancelledIds(live.toolCalls ?? []),
    ...(rows !== undefined && { rows }),
  };
}

/**
 * Which row of the log a flush writes. A generator numbers its flushes without gaps from the first free row, so that nothing else need
 * be read to recognise a repetition.
 */
const rowOf = (live: Live, flushSeq: number): number => flushSeq - 1 + (live.insertedRows ?? 0);

/** The answer to a write of a run that has ended. */
export async function endedReply(ctx: MutationCtx, runId: string): Promise<RunReply> {
  await recordEvent(ctx, "fencedWrites");
  const state = (await findRun(ctx, runId))?.state;
  return state?.kind === "ended"
    ? { state: "ended", endReason: state.reason, endedAt: state.endedAt }
    : { state: "ended", endReason: null, endedAt: null };
}

/**
 * Appends to the log and renews the lease. It reads nothing but the live row and writes one row, so a flush costs what its own text
 * costs [G10]; with a tool call comes what must be kept of its step. Returns whether it was new, and how many rows the log has now.
 */
export async function writeFlush(
  ctx: MutationCtx,
  live: Live,
  { answer, flushSeq, parts, page, step }: Flush,
): Promise<{ appended: boolean; rows: number }> {
  const { messageId, userId } = answer ?? (await answerOf(ctx, live));
  const index = rowOf(live, flushSeq);
  const appended = await insertRow(ctx, { messageId, userId, index, parts });
  if (appended && page) {
    await ctx.db.insert("streamingPages", { messageId, userId, ...page, to: index + 1 });
  }
  if (appended) await keepStep(ctx, messageId, step);
  await renewLease(ctx, live);
  return { appended, rows: index + 1 };
}

async function answerOf(ctx: MutationCtx, live: Live): Promise<Pick<Doc<"runs">, "messageId" | "userId">> {
  const { runId, messageId, userId } = live;
  // A run begun by a version before `runs` may lack its row for a while.
  if (messageId && userId) return { messageId, userId };
  const run = await findRun(ctx, runId);
  if (!run) throw new Error(`There is a live row of run ${runId}, but no run`);
  return run;
}

async function renewLease(ctx: MutationCtx, live: Live): Promise<void> {
  const now = Date.now();
  if (now - live.heartbeatAt < HEARTBEAT_WRITE_MS) return;
  await ctx.db.patch("streamingResponses", live._id, { heartbeatAt: now });
}

export async function flushRun(ctx: MutationCtx, flush: Flush): Promise<RunReply> {
  const live = await findLive(ctx, flush.runId, flush.answer?.liveId);
  if (!live) return endedReply(ctx, flush.runId);
  const { rows } = await writeFlush(ctx, live, flush);
  return liveReply(live, rows);
}

export async function keepAlive(ctx: MutationCtx, runId: string): Promise<RunReply> {
  const live = await findLive(ctx, runId);
  if (!live) return endedReply(ctx, runId);
  await renewLease(ctx, live);
  return liveReply(live);
}

/** The generator's end of its run. */
export async function finishRun(
  ctx: MutationCtx,
  args: { runId: string } & Omit<RunEnd, "queue" | "givenUp">,
): Promise<RunReply> {
  const { runId, ...end } = args;
  const live = await findLive(ctx, runId);
  if (!live) return endedReply(ctx, runId);
  const run = (await findRun(ctx, runId)) ?? (live.taskId && (await findLock(ctx, live.taskId)));
  if (!run || run.runId !== runId) return endedReply(ctx, runId);
  await endRun(ctx, run, { ...end, queue: "advance" });
  return { state: "ended", endReason: end.endReason, endedAt: Date.now() };
}
