import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { textOf } from "../../shared/parts";
import { cutText, wellFormed } from "../../shared/text";
import { endOfTokens, estimateTokens } from "../../shared/tokens";
import { takeAsk } from "../budgets/budgets";
import { readAsker, vAsker } from "../keys/asker";
import { connectedFor } from "../keys/providerKeys";
import { contentOf } from "../messages/contentEnd";
import { summariesAreOn } from "../settings";
import { tariffOf } from "../spending/tariff";
import { ask } from "../suggestions/asks";
import { contextRoom } from "./contextRoom";
import { vPrices } from "./keptFacts";

/**
 * Summaries of what no longer fits into a model's context. The answer that was the first not to be sent all goes without; when it has
 * ended, its model is asked to summarise the older part of the chat, beside everything else. From the next prompt on the model is sent the
 * summary in place of that part, until the chat has again grown by half of the room.
 *
 *   an answer whose model was not sent all has ended ──ask──► the model has replied ──► stored: the next prompts are sent with it
 *                                                    └──it failed, or nothing of a budget is left──► as before; asked again after the next answer
 *
 * A summary holds as long as the last message that it tells of is on the path that the chat shows.
 */

/** Of the room: what stays as it is, so that a summary lasts for a while; as much is summarised at once, at most. */
const KEPT_SHARE = 1 / 2;

/** Of the room: what a summary may take. Of a longer one its beginning is sent. */
const MAX_SHARE = 1 / 4;

/** Characters that are kept of a summary. */
const MAX_SUMMARY_CHARS = 8_000;

/** Tokens of its reply; those that think need some before it. A model that has room for fewer is asked for no more: its server would refuse. */
const SUMMARY_OUTPUT = 4_000;

/** What the request has besides what is summarised: its words, and the summary before. */
const REQUEST_TOKENS = 12_000;

/** Summaries of one chat that are kept: of its newest paths. */
const KEPT_SUMMARIES = 5;

/** What is read for one: as for an answer. */
const MAX_MESSAGES = 1_000;
const MAX_BYTES = 6 * 1024 * 1024;
const MAX_MESSAGE_BYTES = 1024 * 1024;

type Summary = Doc<"contextSummaries">;

/** What the model of an answer is told in place of the messages before `upTo`. `before`: the sequence of its prompt. */
export async function findSummary(
  ctx: QueryCtx,
  taskId: Id<"tasks">,
  before: number,
): Promise<Summary | null> {
  if (!summariesAreOn()) return null;
  const newest = await ctx.db
    .query("contextSummaries")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .order("desc")
    .take(KEPT_SUMMARIES);
  for (const summary of newest) {
    if (summary.upTo > before) continue;
    if ((await ctx.db.get("chatMessages", summary.lastMessageId))?.onPath === true) return summary;
  }
  return null;
}

/** A summary, or as much of it as may take up this room. `tokens`: of all of it. */
export function fittingSummary(text: string, tokens: number, room: number): string {
  const most = room * MAX_SHARE;
  return tokens <= most ? text : cutText(text, Math.floor((text.length * most) / tokens));
}

/** Words that are asked for, and tokens that a word may have. */
const MOST_WORDS = 500;
const TOKENS_OF_WORD = 2;

/** Has the chat summarised after an answer whose model was not sent all. Nobody is told when it cannot be. */
export async function askForSummary(ctx: MutationCtx, answer: Doc<"chatMessages">): Promise<void> {
  if (!summariesAreOn() || (await connectedFor(ctx, answer.userId)).providers.length === 0) return;
  const { facts } = await tariffOf(ctx, answer.userId, answer.model ?? null);
  const room = contextRoom(facts, null);
  const inputTokens = Math.ceil(room.tokens * KEPT_SHARE) + REQUEST_TOKENS;
  if (!(await takeAsk(ctx, answer.userId))) return;
  await ask(ctx, "summary", answer, { inputTokens, outputTokens: Math.min(SUMMARY_OUTPUT, room.reply) });
}

export const vSummaryInput = v.object({
  model: v.union(v.string(), v.null()),
  asker: vAsker,
  prices: v.union(vPrices, v.null()),
  ownKey: v.boolean(),
  /** The summary before this one; "" for none. */
  before: v.string(),
  /** Oldest first. */
  messages: v.array(v.object({ role: v.union(v.literal("USER"), v.literal("ASSISTANT")), text: v.string() })),
  upTo: v.number(),
  lastMessageId: v.id("chatMessages"),
  /** The longest summary that is wanted, and the longest reply. */
  words: v.number(),
  maxOutputTokens: v.number(),
});
export type SummaryInput = Infer<typeof vSummaryInput>;

/** What is to be summarised; null when there is nothing, or the chat is gone. */
export async function readSummaryInput(
  ctx: QueryCtx,
  messageId: Id<"chatMessages">,
): Promise<SummaryInput | null> {
  const answer = await ctx.db.get("chatMessages", messageId);
  if (!answer?.onPath || (await ctx.db.get("tasks", answer.taskId)) === null) return null;
  const model = answer.model ?? null;
  const { tariff, facts } = await tariffOf(ctx, answer.userId, model);
  const { tokens: room, reply } = contextRoom(facts, null);
  const earlier = await findSummary(ctx, answer.taskId, answer.sequence);
  const older = await olderMessages(ctx, answer, room * KEPT_SHARE, earlier?.upTo ?? 0);
  const [newest] = older;
  if (newest === undefined) return null;
  const before = earlier === null ? "" : fittingSummary(earlier.text, estimateTokens(earlier.text), room);
  return {
    ...{ model, asker: await readAsker(ctx, answer.userId, model), before },
    ...{ prices: facts.prices ?? null, ownKey: tariff.kind === "none" && tariff.ownKey },
    messages: older.toReversed().map(({ role, text }) => ({ role, text })),
    ...{ upTo: newest.sequence + 1, lastMessageId: newest.messageId },
    words: Math.min(MOST_WORDS, Math.floor((room * MAX_SHARE) / TOKENS_OF_WORD)),
    maxOutputTokens: Math.min(SUMMARY_OUTPUT, reply),
  };
}

type Older = { role: "USER" | "ASSISTANT"; text: string; sequence: number; messageId: Id<"chatMessages"> };

/**
 * Of the messages from `from` on, newest first, those before the whole exchanges that `share` tokens hold. They have as many tokens at most:
 * the newest of them.
 */
async function olderMessages(
  ctx: QueryCtx,
  answer: Doc<"chatMessages">,
  share: number,
  from: number,
): Promise<Older[]> {
  const path = ctx.db
    .query("chatMessages")
    .withIndex("by_task_path", (q) =>
      q.eq("taskId", answer.taskId).eq("onPath", true).gte("sequence", from).lte("sequence", answer.sequence),
    )
    .order("desc");
  const older: Older[] = [];
  let [kept, summarised, bytes, count, isOlder] = [0, 0, 0, 0, false];
  for await (const message of path) {
    const { parts, bytesRead } = await contentOf(ctx, message, MAX_MESSAGE_BYTES);
    bytes += bytesRead;
    count += 1;
    if (bytes > MAX_BYTES || count > MAX_MESSAGES) break;
    const text = textOf(parts);
    const tokens = estimateTokens(text);
    // A cut is made after an answer.
    isOlder ||= message.role === "ASSISTANT" && kept > 0 && kept + tokens > share;
    if (!isOlder) {
      kept += tokens;
      continue;
    }
    const rest = share - summarised;
    if (rest <= 0) break;
    summarised += tokens;
    const said = tokens > rest ? endOfTokens(text, rest) : text;
    const { role, sequence, _id: messageId } = message;
    older.push({ role, text: wellFormed(said), sequence, messageId });
  }
  return older;
}

/** Keeps a summary, unless the chat was deleted meanwhile. Those of long gone paths go. */
export async function storeSummary(
  ctx: MutationCtx,
  args: { upTo: number; lastMessageId: Id<"chatMessages">; text: string },
): Promise<null> {
  const last = await ctx.db.get("chatMessages", args.lastMessageId);
  const task = last && (await ctx.db.get("tasks", last.taskId));
  if (!task) return null;
  const { _id: taskId, userId } = task;
  const text = cutText(args.text, MAX_SUMMARY_CHARS);
  await ctx.db.insert("contextSummaries", { taskId, userId, ...args, text });
  const all = await ctx.db
    .query("contextSummaries")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .order("desc")
    .take(2 * KEPT_SUMMARIES);
  for (const { _id } of all.slice(KEPT_SUMMARIES)) await ctx.db.delete("contextSummaries", _id);
  return null;
}
