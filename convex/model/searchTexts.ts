import type { Doc } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { mergeParts, textOf } from "../shared/parts";
import { cutText } from "../shared/text";
import { chunkRange } from "./content";
import { MAX_SEARCH_CHARS } from "./settings";

/** Rows of a long answer that surely hold its first `MAX_SEARCH_CHARS` characters, or enough of them. */
const HEAD_ROWS = 64;

/** Stores the beginning of a message for search; a continued answer's is replaced. */
export async function indexMessage(ctx: MutationCtx, message: Doc<"chatMessages">): Promise<void> {
  const { _id: messageId, taskId, userId } = message;
  const head = await chunkRange(ctx, messageId, message.inlinedChunks, message.chunkCount).take(HEAD_ROWS);
  const parts = mergeParts([...message.parts, ...head.flatMap((chunk) => chunk.parts)]);
  const text = cutText(textOf(parts), MAX_SEARCH_CHARS);
  const existing = await ctx.db
    .query("searchTexts")
    .withIndex("by_message", (q) => q.eq("messageId", messageId))
    .unique();
  if (existing) {
    if (existing.text !== text) await ctx.db.patch("searchTexts", existing._id, { text });
  } else if (text !== "") {
    await ctx.db.insert("searchTexts", { userId, taskId, messageId, text });
  }
}
