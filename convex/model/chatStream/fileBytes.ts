import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { filesIn, readHistory } from "../runs/history";

/**
 * Bytes of files with which `/chat-stream` generates by itself. It runs in Convex's own runtime, which has 64 MB, and holds a file about six
 * times: as a blob, as bytes, in base64, and in the request as text and as bytes again. Beside it are the generator and the
 * conversation, of which at most 6 MiB are read. With more the Node action generates, which has 512 MB, and the request follows it.
 */
export const MAX_ISOLATE_FILE_BYTES = 4 * 1024 * 1024;

/** Has the conversation before this answer more bytes of files than this runtime can hold? */
export async function hasLargeFiles(ctx: QueryCtx, messageId: Id<"chatMessages">): Promise<boolean> {
  const answer = await ctx.db.get("chatMessages", messageId);
  if (!answer) return false;
  const file = await ctx.db
    .query("attachments")
    .withIndex("by_task", (q) => q.eq("taskId", answer.taskId))
    .first();
  // Most chats of scripts have none; then the conversation is not read twice.
  if (!file) return false;
  // All that any model may be sent.
  const { messages } = await readHistory(ctx, answer, { room: Infinity, count: () => 0, since: 0 });
  const files = filesIn(messages);
  return files.reduce((sum, { size }) => sum + size, 0) > MAX_ISOLATE_FILE_BYTES;
}
