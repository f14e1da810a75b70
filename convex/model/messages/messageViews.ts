import type { PaginationOptions, PaginationResult } from "convex/server";
import type { Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { MAX_VARIANTS } from "../../shared/limits";
import { byteSizeOf } from "../../shared/byteSize";
import { mergeParts } from "../../shared/parts";
import { readLog } from "./log";
import { findMessage } from "./messages";
import { boundedPage } from "../pages";
import { withFileUrls } from "../files/promptFiles";
import { isRemoved } from "../chats/removed";
import type { vMessage } from "../validators";

/**
 * Bytes that one page reads: of messages, after which it ends, and of logs. An answer beyond is shown with `omittedChunks`. A query may
 * read 16 MiB, and a single message 1 MiB.
 */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
const MAX_PAGE_LOG_BYTES = 1_500_000;

type MessageView = Infer<typeof vMessage>;

const NO_MESSAGES: PaginationResult<MessageView> = { page: [], isDone: true, continueCursor: "" };

/**
 * Are these messages the person's? All of a chat have one owner, so that the chat itself, which changes far more often, need not be read.
 */
const areOf = (userId: Id<"users">, page: readonly Doc<"chatMessages">[]): boolean =>
  page.every((message) => message.userId === userId);

/**
 * A page of the visible path, newest first. It reads neither rows of a live answer nor the chat, so that a flush, a claim, a title or a
 * read mark does not run it again.
 */
export async function listMessages(
  ctx: QueryCtx,
  userId: Id<"users">,
  { taskId, upTo, paginationOpts }: { taskId: Id<"tasks">; upTo?: number; paginationOpts: PaginationOptions },
): Promise<PaginationResult<MessageView>> {
  if (await isRemoved(ctx, taskId)) return NO_MESSAGES;
  const result = await ctx.db
    .query("chatMessages")
    .withIndex("by_task_path", (q) => {
      const path = q.eq("taskId", taskId).eq("onPath", true);
      return upTo === undefined ? path : path.lte("sequence", upTo);
    })
    .order("desc")
    .paginate({ ...boundedPage(paginationOpts), maximumBytesRead: MAX_PAGE_BYTES });
  if (!areOf(userId, result.page)) return NO_MESSAGES;
  return { ...result, page: await viewPage(ctx, result.page) };
}

/** A page of what follows the message with the sequence `after`, oldest first. */
export async function listMessagesAfter(
  ctx: QueryCtx,
  userId: Id<"users">,
  {
    taskId,
    after,
    paginationOpts,
  }: { taskId: Id<"tasks">; after: number; paginationOpts: PaginationOptions },
): Promise<PaginationResult<MessageView>> {
  if (await isRemoved(ctx, taskId)) return NO_MESSAGES;
  const result = await ctx.db
    .query("chatMessages")
    .withIndex("by_task_path", (q) => q.eq("taskId", taskId).eq("onPath", true).gt("sequence", after))
    .order("asc")
    .paginate({ ...boundedPage(paginationOpts), maximumBytesRead: MAX_PAGE_BYTES });
  if (!areOf(userId, result.page)) return NO_MESSAGES;
  return { ...result, page: await viewPage(ctx, result.page) };
}

/** A page of all messages, shown or not, oldest first. */
export async function listAllMessages(
  ctx: QueryCtx,
  userId: Id<"users">,
  { taskId, paginationOpts }: { taskId: Id<"tasks">; paginationOpts: PaginationOptions },
): Promise<PaginationResult<MessageView & { onPath: boolean }>> {
  if (await isRemoved(ctx, taskId)) return { ...NO_MESSAGES, page: [] };
  const result = await ctx.db
    .query("chatMessages")
    .withIndex("by_task_sequence", (q) => q.eq("taskId", taskId))
    .order("asc")
    .paginate({ ...boundedPage(paginationOpts), maximumBytesRead: MAX_PAGE_BYTES });
  if (!areOf(userId, result.page)) return { ...NO_MESSAGES, page: [] };
  const onPath = new Map(result.page.map((message) => [message._id, message.onPath]));
  const page = await viewPage(ctx, result.page);
  return {
    ...result,
    page: page.map((message) => ({ ...message, onPath: onPath.get(message._id) ?? false })),
  };
}

/** The answers of a prompt's comparison, shown or not, in the order of their models. None for a prompt without. */
export async function listCompared(
  ctx: QueryCtx,
  userId: Id<"users">,
  promptMessageId: Id<"chatMessages">,
): Promise<MessageView[]> {
  const prompt = await findMessage(ctx, userId, promptMessageId);
  if (!prompt?.comparison) return [];
  const answers = await Promise.all(prompt.comparison.answerIds.map((id) => ctx.db.get("chatMessages", id)));
  return await viewPage(
    ctx,
    answers.filter((answer) => answer !== null),
  );
}

/** The sequence of a message that the chat shows now, or null. */
export async function locateMessage(
  ctx: QueryCtx,
  userId: Id<"users">,
  taskId: Id<"tasks">,
  messageId: string,
): Promise<{ sequence: number } | null> {
  const id = ctx.db.normalizeId("chatMessages", messageId);
  const message = id === null ? null : await findMessage(ctx, userId, id);
  if (message?.taskId !== taskId || !message.onPath) return null;
  return { sequence: message.sequence };
}

/** Messages as they are shown, finished answers with their texts as far as a page may hold them. */
async function viewPage(ctx: QueryCtx, messages: readonly Doc<"chatMessages">[]): Promise<MessageView[]> {
  const page: MessageView[] = [];
  const budget = { bytes: MAX_PAGE_LOG_BYTES };
  for (const message of messages) {
    const { inlinedChunks: from, chunkCount: to } = message;
    const isLive = message.status === "pending" || message.status === "streaming";
    const whole = isLive ? null : await wholeContent(ctx, message, budget);
    const parts = await withFileUrls(ctx, whole ?? message.parts);
    page.push(view(message, parts, whole === null ? { from, to } : null));
  }
  return page;
}

/** All of an answer that has ended, or null when that is beyond the budget, from which it takes what it has read. */
async function wholeContent(
  ctx: QueryCtx,
  { _id, parts, inlinedChunks, chunkCount }: Doc<"chatMessages">,
  budget: { bytes: number },
): Promise<Doc<"chatMessages">["parts"] | null> {
  if (chunkCount === inlinedChunks) return parts;
  const fragments = [...parts];
  for await (const piece of readLog(ctx, _id, inlinedChunks, chunkCount)) {
    if (budget.bytes <= 0) return null;
    budget.bytes -= byteSizeOf(piece.parts);
    fragments.push(...piece.parts);
  }
  return budget.bytes < 0 ? null : mergeParts(fragments);
}

function view(
  message: Doc<"chatMessages">,
  parts: MessageView["parts"],
  omittedChunks: MessageView["omittedChunks"],
): MessageView {
  const { _id, _creationTime, taskId, role, sequence, variant, variantCount, status } = message;
  return {
    ...{ _id, _creationTime, taskId, role, sequence, variant, variantCount, status, parts, omittedChunks },
    clientMessageId: message.clientMessageId ?? null,
    comparison: message.comparison ?? null,
    promptMessageId: message.promptMessageId ?? null,
    parentMessageId: message.parentMessageId ?? null,
    finishReason: message.finishReason ?? null,
    endReason: message.endReason ?? null,
    errorMessage: message.errorMessage ?? null,
    problem: message.problem ?? null,
    model: message.model ?? message.answeredBy ?? null,
    usage: message.usage ?? null,
    ...(message.contextFrom !== undefined && { contextFrom: message.contextFrom }),
    ...(message.summary && { summary: message.summary }),
    startedAt: message.startedAt ?? null,
    endedAt: message.endedAt ?? null,
  };
}

/** The variants at a message's place, oldest first. */
export async function listSiblings(ctx: QueryCtx, userId: Id<"users">, messageId: Id<"chatMessages">) {
  const message = await findMessage(ctx, userId, messageId);
  if (!message) throw failure("NOT_FOUND", "This message does not exist.");
  const siblings = await ctx.db
    .query("chatMessages")
    .withIndex("by_task_parent", (q) =>
      q.eq("taskId", message.taskId).eq("parentMessageId", message.parentMessageId),
    )
    .take(MAX_VARIANTS);
  return siblings.map(({ _id, variant }) => ({ messageId: _id, variant }));
}
