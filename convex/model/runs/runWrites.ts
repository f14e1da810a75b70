import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { appendChunk } from "../messages/content";
import { endRun, type RunEnd } from "./endRun";
import { recordEvent } from "../metrics/events";
import { findLive, findLock, findRun } from "./generationLock";
import { HEARTBEAT_WRITE_MS, SEAL_CHARS, SEAL_ROWS } from "../settings";
import { cancelledIds } from "./toolFragments";
import type { RunReply, StoredPart } from "../validators";

/**
 * What a generator writes. Each write names its run; when that run is no longer live it changes nothing and is answered
 * "ended". [G4]
 */

export type Flush = { runId: string; flushSeq: number; parts: StoredPart[] };

export function liveReply(live: Doc<"streamingResponses">): RunReply {
  return { state: "live", cancelledToolCalls: cancelledIds(live.toolCalls) };
}

/** The answer to a write of a run that has ended. */
export async function endedReply(ctx: MutationCtx, runId: string): Promise<RunReply> {
  await recordEvent(ctx, "fencedWrites");
  const state = (await findRun(ctx, runId))?.state;
  return state?.kind === "ended"
    ? { state: "ended", endReason: state.reason, endedAt: state.endedAt }
    : { state: "ended", endReason: null, endedAt: null };
}

/** Appends to the log, moves the seal when the tail has grown, and keeps the lease. True unless it was a repetition. */
export async function writeFlush(
  ctx: MutationCtx,
  live: Doc<"streamingResponses">,
  flush: Flush,
): Promise<boolean> {
  const { newest, appended } = await appendChunk(ctx, live, flush);
  const patch: Partial<Doc<"streamingResponses">> = {};
  if (appended && newest !== null && newest.index > live.sealedChunks) {
    const tailChars = newest.size - live.sealedSize;
    if (tailChars >= SEAL_CHARS || newest.index - live.sealedChunks >= SEAL_ROWS) {
      patch.tailFrom = live.sealedChunks;
      patch.sealedChunks = newest.index;
      patch.sealedSize = newest.size;
    }
  }
  const now = Date.now();
  if (now - live.heartbeatAt >= HEARTBEAT_WRITE_MS) patch.heartbeatAt = now;
  if (Object.keys(patch).length > 0) await ctx.db.patch("streamingResponses", live._id, patch);
  return appended;
}

export async function flushRun(ctx: MutationCtx, flush: Flush): Promise<RunReply> {
  const live = await findLive(ctx, flush.runId);
  if (!live) return endedReply(ctx, flush.runId);
  await writeFlush(ctx, live, flush);
  return liveReply(live);
}

export async function keepAlive(ctx: MutationCtx, runId: string): Promise<RunReply> {
  const live = await findLive(ctx, runId);
  if (!live) return endedReply(ctx, runId);
  const now = Date.now();
  if (now - live.heartbeatAt >= HEARTBEAT_WRITE_MS)
    await ctx.db.patch("streamingResponses", live._id, { heartbeatAt: now });
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
  const run = (await findRun(ctx, runId)) ?? (await findLock(ctx, live.taskId));
  if (run?.runId !== runId) return endedReply(ctx, runId);
  await endRun(ctx, run, { ...end, queue: "advance" });
  return { state: "ended", endReason: end.endReason, endedAt: Date.now() };
}
