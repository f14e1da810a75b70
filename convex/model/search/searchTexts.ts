import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { byteSizeOf } from "../../shared/byteSize";
import { filesOf, mergeParts, textOf } from "../../shared/parts";
import { cutText } from "../../shared/text";
import { readLog } from "../messages/log";
import { MAX_SEARCH_CHARS } from "../settings";
import type { StoredPart } from "../validators";

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
  const parts = await readHead(ctx, message);
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

/** Bytes of a long answer's log that are looked at for the beginning of its text: reasoning and tools may come before it. */
const MAX_HEAD_BYTES = 256 * 1024;

async function readHead(ctx: QueryCtx, message: Doc<"chatMessages">): Promise<StoredPart[]> {
  const { _id, inlinedChunks, chunkCount } = message;
  const fragments = [...message.parts];
  let bytes = 0;
  let chars = textOf(fragments).length;
  for await (const { parts } of readLog(ctx, _id, inlinedChunks, chunkCount)) {
    fragments.push(...parts);
    bytes += byteSizeOf(parts);
    chars += textOf(parts).length;
    if (chars >= MAX_SEARCH_CHARS || bytes >= MAX_HEAD_BYTES) break;
  }
  return mergeParts(fragments);
}
