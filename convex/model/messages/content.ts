import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { mergeParts, sizeOf } from "../../shared/parts";
import { DELETE_BATCH, MAX_INLINE_CHARS } from "../settings";
import type { StoredPart } from "../validators";

/**
 * An answer's content: `parts` of its message, then the chunk rows `inlinedChunks … chunkCount - 1`. A row is written once;
 * at the end of a run a short answer's rows are folded into its message, and deleted some time later.
 */

/** The newest row of an answer's log. */
export async function lastChunk(
  ctx: QueryCtx,
  messageId: Id<"chatMessages">,
): Promise<Doc<"streamingChunks"> | null> {
  return await ctx.db
    .query("streamingChunks")
    .withIndex("by_message_index", (q) => q.eq("messageId", messageId))
    .order("desc")
    .first();
}

/** The rows `from … to - 1`. The caller bounds the range. */
export function chunkRange(ctx: QueryCtx, messageId: Id<"chatMessages">, from: number, to: number) {
  return ctx.db
    .query("streamingChunks")
    .withIndex("by_message_index", (q) => q.eq("messageId", messageId).gte("index", from).lt("index", to));
}

/**
 * Appends a row to the answer's log, unless `flushSeq` shows a repetition. `flushSeq: null` is the server's own row, which is
 * never one. Returns the log's newest row and whether it is new.
 */
export async function appendChunk(
  ctx: MutationCtx,
  live: Pick<Doc<"streamingResponses">, "messageId" | "userId" | "firstChunk">,
  row: { flushSeq: number | null; parts: StoredPart[] },
): Promise<{ newest: ChunkEnd | null; appended: boolean }> {
  const stored = await lastChunk(ctx, live.messageId);
  // Rows below `firstChunk` are in the message already.
  const newest = stored !== null && stored.index >= live.firstChunk ? stored : null;
  const isRepetition = row.flushSeq !== null && newest !== null && newest.flushSeq >= row.flushSeq;
  if (row.parts.length === 0 || isRepetition) return { newest, appended: false };
  const chunk = {
    messageId: live.messageId,
    userId: live.userId,
    index: newest === null ? live.firstChunk : newest.index + 1,
    flushSeq: row.flushSeq ?? newest?.flushSeq ?? 0,
    size: (newest?.size ?? 0) + totalSize(row.parts),
    parts: row.parts,
  };
  await ctx.db.insert("streamingChunks", chunk);
  return { newest: chunk, appended: true };
}

/** Where a log ends. */
export type ChunkEnd = Pick<Doc<"streamingChunks">, "index" | "flushSeq" | "size">;

/** How many characters the parts have. */
export function totalSize(parts: readonly StoredPart[]): number {
  return parts.reduce((sum, part) => sum + sizeOf(part), 0);
}

type Stored = Pick<Doc<"chatMessages">, "parts" | "inlinedChunks" | "chunkCount">;

/** What an answer's message holds once its log has ended with `last`: everything when it is short enough. */
export async function settleContent(
  ctx: MutationCtx,
  message: Doc<"chatMessages">,
  last: ChunkEnd | null,
): Promise<Stored> {
  const { inlinedChunks } = message;
  const chunkCount = last === null ? inlinedChunks : last.index + 1;
  if (last === null) return { parts: message.parts, inlinedChunks, chunkCount };
  if (totalSize(message.parts) + last.size > MAX_INLINE_CHARS) {
    return { parts: message.parts, inlinedChunks, chunkCount };
  }
  const fragments = [...message.parts];
  for await (const chunk of chunkRange(ctx, message._id, inlinedChunks, chunkCount))
    fragments.push(...chunk.parts);
  return { parts: mergeParts(fragments), inlinedChunks: chunkCount, chunkCount };
}

/** Deletes a batch of rows that are contained in their message, and comes back while there are more. */
export async function deleteInlinedChunks(ctx: MutationCtx, messageId: Id<"chatMessages">): Promise<null> {
  const message = await ctx.db.get("chatMessages", messageId);
  if (!message) return null; // Deleted with its chat, whose purge takes the rows.
  const rows = await chunkRange(ctx, messageId, 0, message.inlinedChunks).take(DELETE_BATCH);
  for (const row of rows) await ctx.db.delete("streamingChunks", row._id);
  if (rows.length === DELETE_BATCH) {
    await ctx.scheduler.runAfter(0, internal.streamingResponses.cleanUpChunks, { messageId });
  }
  return null;
}
