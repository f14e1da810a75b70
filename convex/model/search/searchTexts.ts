import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { filesOf, mergeParts, textOf } from "../../shared/parts";
import { cutText } from "../../shared/text";
import { chunkRange } from "../messages/content";
import { MAX_SEARCH_CHARS } from "../settings";

/** Rows of a long answer that surely hold its first `MAX_SEARCH_CHARS` characters, or enough of them. */
const HEAD_ROWS = 64;

async function find(ctx: QueryCtx, messageId: Id<"chatMessages">): Promise<Doc<"searchTexts"> | null> {
  return await ctx.db
    .query("searchTexts")
    .withIndex("by_message", (q) => q.eq("messageId", messageId))
    .unique();
}

/** The beginning of a message that has come to its end. */
export async function readSearchText(ctx: QueryCtx, messageId: Id<"chatMessages">): Promise<string> {
  return (await find(ctx, messageId))?.text ?? "";
}

/** Stores the beginning of a message for search, and returns it; a continued answer's is replaced. */
export async function indexMessage(ctx: MutationCtx, message: Doc<"chatMessages">): Promise<string> {
  const { _id: messageId, taskId, userId } = message;
  const head = await chunkRange(ctx, messageId, message.inlinedChunks, message.chunkCount).take(HEAD_ROWS);
  const parts = mergeParts([...message.parts, ...head.flatMap((chunk) => chunk.parts)]);
  // A prompt is also found by the names of its files.
  const names = filesOf(parts).map(({ filename }) => filename ?? "");
  const text = cutText([textOf(parts), ...names].filter((line) => line !== "").join("\n"), MAX_SEARCH_CHARS);
  const existing = await find(ctx, messageId);
  if (existing) {
    if (existing.text !== text) await ctx.db.patch("searchTexts", existing._id, { text });
  } else if (text !== "") {
    await ctx.db.insert("searchTexts", { userId, taskId, messageId, text });
  }
  return text;
}
