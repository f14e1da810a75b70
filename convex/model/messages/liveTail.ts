import type { Infer } from "convex/values";
import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { MAX_CHUNKS_PER_READ } from "../../shared/limits";
import { mergeParts } from "../../shared/parts";
import { chunkRange } from "./content";
import { liveRunIn } from "../runs/generationLock";
import { SEAL_ROWS } from "../settings";
import type { StoredPart, vLiveTail } from "../validators";

type LiveTail = Infer<typeof vLiveTail>;

/** Rows that a tail can have: two seals' worth, and those that a person's cancelling of tool calls may add. */
const MAX_TAIL_ROWS = 2 * SEAL_ROWS + 16;

/**
 * The only query that a flush runs again. It reads the live row and the rows of the tail, whatever the answer's length; before the
 * claim, when there is no live row, the run alone.
 */
export async function readLiveTail(
  ctx: QueryCtx,
  userId: Id<"users">,
  messageId: Id<"chatMessages">,
): Promise<LiveTail | null> {
  const live = await ctx.db
    .query("streamingResponses")
    .withIndex("by_message", (q) => q.eq("messageId", messageId))
    .unique();
  // Before `runs` there were live rows of runs that nobody had claimed.
  if (live?.claimedAt === undefined) return await viewUnclaimed(ctx, userId, messageId);
  if (live.userId !== userId) return null;
  const rows = await chunkRange(ctx, messageId, live.tailFrom, Number.MAX_SAFE_INTEGER).take(MAX_TAIL_ROWS);
  const { runId, firstChunk, sealedChunks, tailFrom, startedAt } = live;
  return {
    ...{ messageId, runId, firstChunk, sealedChunks, tailFrom, startedAt },
    state: "streaming",
    claimed: true,
    tail: mergeParts(rows.flatMap((row) => row.parts)),
    lastOutputAt: Math.floor(rows.at(-1)?._creationTime ?? live.claimedAt),
  };
}

/** A run that waits has no tail. What the answer has from runs before it is in its message, or in sealed rows. */
async function viewUnclaimed(
  ctx: QueryCtx,
  userId: Id<"users">,
  messageId: Id<"chatMessages">,
): Promise<LiveTail | null> {
  const run = await liveRunIn(ctx, messageId);
  if (run?.userId !== userId) return null;
  const message = await ctx.db.get("chatMessages", messageId);
  if (!message) return null;
  const { runId, createdAt, state } = run;
  return {
    ...{ messageId, runId },
    state: state.kind === "called" ? "called" : "waiting",
    claimed: false,
    firstChunk: message.inlinedChunks,
    sealedChunks: message.chunkCount,
    tailFrom: message.chunkCount,
    tail: [],
    startedAt: createdAt,
    lastOutputAt: createdAt,
  };
}

/** A range of an answer's rows. It depends on nothing but these rows, which never change. */
export async function readChunks(
  ctx: QueryCtx,
  userId: Id<"users">,
  range: { messageId: Id<"chatMessages">; from: number; to: number },
): Promise<{ index: number; parts: StoredPart[] }[]> {
  if (!(range.to - range.from <= MAX_CHUNKS_PER_READ)) {
    throw failure("INVALID_INPUT", `At most ${MAX_CHUNKS_PER_READ} chunks can be read at once.`);
  }
  const rows = await chunkRange(ctx, range.messageId, range.from, range.to).take(MAX_CHUNKS_PER_READ);
  return rows.filter((row) => row.userId === userId).map(({ index, parts }) => ({ index, parts }));
}
