import type { Infer } from "convex/values";
import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { insertRow } from "../messages/log";
import { endRun, type RunEnd } from "./endRun";
import { keepStep } from "./keptSteps";
import { recordEvent } from "../metrics/events";
import { findLive, findLock, findRun } from "./generationLock";
import { FLUSH_TRUST_MS, HEARTBEAT_WRITE_MS } from "../settings";
import { cancelledIds, withCancelled } from "./toolFragments";
import type { KeptStep, RunReply, StoredPart, vAfter } from "../validators";

/**
 * What a generator writes. Each write names its run; if that is no longer live, the write changes nothing and is answered "ended".
 * [G4]
 */

type Live = Doc<"streamingResponses">;

/**
 * `answer`: from `generation.runInput`; looked up if left out. `after`: what the flush before was told. `page`: now and then, the rows from
 * `from` up to this flush's own, merged into one.
 */
export type Flush = {
  runId: string;
  answer?: Pick<Doc<"runs">, "messageId" | "userId"> & { liveId?: Live["_id"] };
  flushSeq: number;
  after?: Infer<typeof vAfter>;
  parts: StoredPart[];
  page?: { from: number; parts: StoredPart[] };
  /** What is to be kept of the step that the model is in. */
  step?: KeptStep;
};

export function liveReply(live: Live, rows?: number): RunReply {
  return {
    state: "live",
    cancelledToolCalls: cancelledIds(live.toolCalls ?? []),
    ...(rows !== undefined && { rows, seenLiveAt: Date.now() }),
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
 * Appends to the log and renews the lease. Calls that a person has cancelled stay so, whatever the generator, which may not have heard of
 * it, says of them. Returns whether it was new, and how many rows the log has now.
 */
export async function writeFlush(
  ctx: MutationCtx,
  live: Live,
  flush: Flush,
): Promise<{ appended: boolean; rows: number }> {
  const index = rowOf(live, flush.flushSeq);
  const cancelled = new Set(cancelledIds(live.toolCalls ?? []));
  const appended = await append(ctx, flush.answer ?? (await answerOf(ctx, live)), index, {
    ...flush,
    parts: withCancelled(cancelled, flush.parts),
    ...(flush.page && { page: { ...flush.page, parts: withCancelled(cancelled, flush.page.parts) } }),
  });
  await renewLease(ctx, live);
  return { appended, rows: index + 1 };
}

/** Writes the row `index`, the page that ends with it, and what must be kept of a tool call's step. False when the row is there. */
async function append(
  ctx: MutationCtx,
  { messageId, userId }: Pick<Doc<"runs">, "messageId" | "userId">,
  index: number,
  { parts, page, step }: Flush,
): Promise<boolean> {
  if (!(await insertRow(ctx, { messageId, userId, index, parts }))) return false;
  if (page) await ctx.db.insert("streamingPages", { messageId, userId, ...page, to: index + 1 });
  await keepStep(ctx, messageId, step);
  return true;
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

/**
 * Nearly every flush follows another, and then it reads nothing and writes one row, so that it costs what its own text costs [G10]. The log is
 * its fence: a run that has written ends with a row of its own (`endLog`), and a row that the server adds comes next too, so that in both
 * cases the place is taken, as it is for a repetition. Then, and some time after the run was last seen live, the live row is asked.
 */
export async function flushRun(ctx: MutationCtx, flush: Flush): Promise<RunReply> {
  const { answer, after } = flush;
  if (answer && after && isRecent(after.seenLiveAt) && (await append(ctx, answer, after.row, flush))) {
    const { row, seenLiveAt } = after;
    return { state: "live", cancelledToolCalls: [], rows: row + 1, seenLiveAt };
  }
  const live = await findLive(ctx, flush.runId, flush.answer?.liveId);
  if (!live) return endedReply(ctx, flush.runId);
  const { rows } = await writeFlush(ctx, live, flush);
  return liveReply(live, rows);
}

/** The row that ends a log stays for longer (`AFTER_LAST_FLUSH_MS`). If the clock went backwards, look again. */
function isRecent(seenLiveAt: number): boolean {
  const ms = Date.now() - seenLiveAt;
  return ms >= 0 && ms < FLUSH_TRUST_MS;
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
