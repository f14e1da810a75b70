import type { PaginationOptions, PaginationResult } from "convex/server";
import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { filesOf, textOf } from "../../shared/parts";
import { withoutMarks } from "../../shared/plainText";
import { cutText } from "../../shared/text";
import { isRemoved } from "../chats/removed";
import { boundedPage } from "../pages";
import { readSearchText } from "../search/searchTexts";
import { vRole } from "../validators";

/** Characters that a message is told apart by. */
const MAX_WORDS = 80;
/** Characters of a reply that are looked through for them: marks and addresses of links go. */
const MAX_BEGINNING = 400;
/** Bytes of messages in one page, after which it ends: a query may read 16 MiB. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** A message as one point of a map of its chat. */
export const vTreeNode = v.object({
  messageId: v.id("chatMessages"),
  parentMessageId: v.union(v.id("chatMessages"), v.null()),
  role: vRole,
  sequence: v.number(),
  onPath: v.boolean(),
  model: v.union(v.string(), v.null()),
  /** How it begins; of a prompt without text, the name of its first file. */
  words: v.string(),
});

/** A page of all messages of a chat, shown or not, newest first. */
export async function listTree(
  ctx: QueryCtx,
  userId: Id<"users">,
  { taskId, paginationOpts }: { taskId: Id<"tasks">; paginationOpts: PaginationOptions },
): Promise<PaginationResult<Infer<typeof vTreeNode>>> {
  const none = { page: [], isDone: true, continueCursor: "" };
  if (await isRemoved(ctx, taskId)) return none;
  const result = await ctx.db
    .query("chatMessages")
    .withIndex("by_task_sequence", (q) => q.eq("taskId", taskId))
    .order("desc")
    .paginate({ ...boundedPage(paginationOpts), maximumBytesRead: MAX_PAGE_BYTES });
  if (result.page.some((message) => message.userId !== userId)) return none;
  return { ...result, page: await Promise.all(result.page.map((message) => nodeOf(ctx, message))) };
}

async function nodeOf(ctx: QueryCtx, message: Doc<"chatMessages">): Promise<Infer<typeof vTreeNode>> {
  const { _id, parentMessageId, role, sequence, onPath, model, answeredBy, parts } = message;
  // A long answer's words are in its log.
  const text = textOf(parts) || (await readSearchText(ctx, _id)) || (filesOf(parts)[0]?.filename ?? "");
  const words = role === "ASSISTANT" ? withoutMarks(cutText(text.trim(), MAX_BEGINNING)) : text;
  return {
    ...{ messageId: _id, parentMessageId: parentMessageId ?? null, role, sequence, onPath },
    model: model ?? answeredBy ?? null,
    words: cutText(words.trim().replace(/\s+/g, " "), MAX_WORDS),
  };
}
