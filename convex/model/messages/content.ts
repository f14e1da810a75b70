import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { byteSizeOf } from "../../shared/byteSize";
import { mergeParts } from "../../shared/parts";
import { AFTER_LAST_FLUSH_MS, CHUNK_CLEANUP_DELAY_MS, DELETE_BATCH, MAX_INLINE_BYTES } from "../settings";
import { readLog } from "./log";

/**
 * An answer's content: `parts` of its message, then the rows `inlinedChunks … chunkCount - 1` of its log. At the end of a run a short
 * answer's rows are folded into its message, and deleted some time later.
 */

type Stored = Pick<Doc<"chatMessages">, "parts" | "inlinedChunks" | "chunkCount">;

/**
 * What an answer's message holds once its log has ended with the row before `chunkCount`: everything, when that is short enough. Reads
 * no more than that.
 */
export async function settleContent(
  ctx: QueryCtx,
  message: Doc<"chatMessages">,
  chunkCount: number,
): Promise<Stored> {
  const { parts, inlinedChunks } = message;
  if (chunkCount === inlinedChunks) return { parts, inlinedChunks, chunkCount };
  const fragments = [...parts];
  let bytes = byteSizeOf(parts);
  for await (const piece of readLog(ctx, message._id, inlinedChunks, chunkCount)) {
    bytes += byteSizeOf(piece.parts);
    if (bytes > MAX_INLINE_BYTES) return { parts, inlinedChunks, chunkCount };
    fragments.push(...piece.parts);
  }
  return { parts: mergeParts(fragments), inlinedChunks: chunkCount, chunkCount };
}

/**
 * Deletes a batch of rows that are contained in their message or in a page, and comes back while there are more. `from`: rows below
 * are done with. Nothing goes of an answer that is live, whose end has this called again, or that has just ended: its last row may
 * still be the fence of a run, and who follows it may stand anywhere in its log.
 */
export async function deleteCopiedRows(
  ctx: MutationCtx,
  messageId: Id<"chatMessages">,
  from: number,
): Promise<null> {
  const message = await ctx.db.get("chatMessages", messageId);
  if (!message) return null; // Deleted with its chat, whose purge takes the rows.
  if (message.endReason === undefined) return null;
  if (Date.now() - (message.endedAt ?? 0) < AFTER_LAST_FLUSH_MS) {
    await scheduleCleanUp(ctx, { messageId, from });
    return null;
  }
  const next =
    (await deleteInlined(ctx, message)) ??
    (await deletePaged(ctx, messageId, Math.max(from, message.inlinedChunks)));
  if (next !== null) await scheduleCleanUp(ctx, { messageId, from: next }, 0);
  return null;
}

/** Has `deleteCopiedRows` called, some time after an end. */
export async function scheduleCleanUp(
  ctx: MutationCtx,
  args: { messageId: Id<"chatMessages">; from: number },
  delayMs = CHUNK_CLEANUP_DELAY_MS,
): Promise<void> {
  await ctx.scheduler.runAfter(delayMs, internal.streamingResponses.cleanUpChunks, args);
}

/** Returns where to go on, or null when none is left. */
async function deleteInlined(ctx: MutationCtx, message: Doc<"chatMessages">): Promise<number | null> {
  const { _id: messageId, inlinedChunks } = message;
  const rows = await ctx.db
    .query("streamingChunks")
    .withIndex("by_message_index", (q) => q.eq("messageId", messageId).lt("index", inlinedChunks))
    .take(DELETE_BATCH);
  const pages = await ctx.db
    .query("streamingPages")
    .withIndex("by_message_from", (q) => q.eq("messageId", messageId).lt("from", inlinedChunks))
    .take(DELETE_BATCH);
  for (const row of rows) await ctx.db.delete("streamingChunks", row._id);
  for (const page of pages) await ctx.db.delete("streamingPages", page._id);
  return rows.length === DELETE_BATCH || pages.length === DELETE_BATCH ? 0 : null;
}

/** Returns where to go on, or null when none is left. */
async function deletePaged(
  ctx: MutationCtx,
  messageId: Id<"chatMessages">,
  from: number,
): Promise<number | null> {
  // Pages count, too: after a continuation those of before come first, and their rows are long gone.
  let done = 0;
  const pages = ctx.db
    .query("streamingPages")
    .withIndex("by_message_from", (q) => q.eq("messageId", messageId).gte("from", from));
  for await (const page of pages) {
    if (done >= DELETE_BATCH) return page.from;
    const rows = await ctx.db
      .query("streamingChunks")
      .withIndex("by_message_index", (q) =>
        q.eq("messageId", messageId).gte("index", page.from).lt("index", page.to),
      )
      .take(page.to - page.from);
    for (const row of rows) await ctx.db.delete("streamingChunks", row._id);
    done += rows.length + 1;
  }
  return null;
}
