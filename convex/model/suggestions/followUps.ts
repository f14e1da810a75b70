import type { Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { takeAsk } from "../budgets/budgets";
import { ask, EXCHANGE_SIZE } from "./asks";
import { readExchange, type Exchange } from "./exchange";
import { isLocked } from "../runs/generationLock";
import { log } from "../log";
import { findMessage, lastOnPath } from "../messages/messages";
import { queueOf } from "../queue/queueStart";
import { followUpsAreOn } from "../settings";
import { findTask } from "../chats/tasks";
import type { vFollowUps } from "../validators";

/**
 * What a person may want to send next. The page that shows a chat's last answer asks for it; the chat's model is asked once for each
 * answer, beside everything else: it holds no lock, and is given up as soon as another run of the chat is live. An answer that
 * finished changes no more, so that what was suggested after it stays right.
 *
 *   (no row) ──request──► asked ──the model has replied──► ready
 *       ▲                   ├──it failed, or said nothing of use──► none
 *       └──given up for a run of the chat──┘
 */

/** How often one person's pages may have a model asked: more answers than one looks at in a minute. */
const MAX_REQUESTS_PER_MINUTE = 20;
const MINUTE_MS = 60_000;

async function find(ctx: QueryCtx, messageId: Id<"chatMessages">): Promise<Doc<"followUps"> | null> {
  return await ctx.db
    .query("followUps")
    .withIndex("by_message", (q) => q.eq("messageId", messageId))
    .unique();
}

/** Those of the chat's last answer. Null when nobody has asked for them yet, when they are off, and for another's chat. */
export async function getFollowUps(
  ctx: QueryCtx,
  userId: Id<"users">,
  taskId: Id<"tasks">,
): Promise<{ messageId: Id<"chatMessages">; followUps: Infer<typeof vFollowUps> } | null> {
  const task = followUpsAreOn() ? await findTask(ctx, userId, taskId) : null;
  const last = task && (await lastOnPath(ctx, task._id));
  const row = last && (await find(ctx, last._id));
  return row && { messageId: row.messageId, followUps: row.outcome };
}

/** Has the model asked, unless it was before or this is not the time. Nobody is told: what was not asked for is not missed. */
export async function requestFollowUps(
  ctx: MutationCtx,
  userId: Id<"users">,
  messageId: Id<"chatMessages">,
): Promise<null> {
  if (!followUpsAreOn()) return null;
  const answer = await findMessage(ctx, userId, messageId);
  if (answer?.role !== "ASSISTANT" || answer.endReason !== "finished") return null;
  const { taskId } = answer;
  if ((await lastOnPath(ctx, taskId))?._id !== messageId || (await isLocked(ctx, taskId))) return null;
  if ((await queueOf(ctx, taskId).first()) !== null) return null;
  if ((await find(ctx, messageId)) !== null || (await hasAskedOften(ctx, userId))) return null;
  if (!(await takeAsk(ctx, userId))) return null;
  if (!(await ask(ctx, "followUps", answer, EXCHANGE_SIZE))) return null;
  await ctx.db.insert("followUps", { userId, taskId, messageId, outcome: { kind: "asked" } });
  return null;
}

async function hasAskedOften(ctx: QueryCtx, userId: Id<"users">): Promise<boolean> {
  const recent = await ctx.db
    .query("followUps")
    .withIndex("by_user", (q) => q.eq("userId", userId).gt("_creationTime", Date.now() - MINUTE_MS))
    .take(MAX_REQUESTS_PER_MINUTE);
  return recent.length === MAX_REQUESTS_PER_MINUTE;
}

/** Is the model's reply still waited for? Not when the chat was deleted, or is busy with another run. */
export async function areFollowUpsAwaited(ctx: QueryCtx, messageId: Id<"chatMessages">): Promise<boolean> {
  const row = await find(ctx, messageId);
  if (row?.outcome.kind !== "asked" || (await isLocked(ctx, row.taskId))) return false;
  return (await ctx.db.get("tasks", row.taskId)) !== null;
}

/** The exchange that the model is asked about; null when it shall not be asked any more. */
export async function readFollowUpsInput(
  ctx: QueryCtx,
  messageId: Id<"chatMessages">,
): Promise<Exchange | null> {
  if (!(await areFollowUpsAwaited(ctx, messageId))) return null;
  const answer = await ctx.db.get("chatMessages", messageId);
  return answer && (await readExchange(ctx, answer));
}

/** Stores what the model suggested. When that is nothing because the chat is busy, a later look at the answer may ask again. */
export async function settleFollowUps(
  ctx: MutationCtx,
  args: { messageId: Id<"chatMessages">; suggestions: string[] },
): Promise<null> {
  const { messageId, suggestions } = args;
  const row = await find(ctx, messageId);
  if (row?.outcome.kind !== "asked") return null;
  if (suggestions.length > 0) {
    await ctx.db.patch("followUps", row._id, { outcome: { kind: "ready", suggestions } });
  } else if (await isLocked(ctx, row.taskId)) {
    await ctx.db.delete("followUps", row._id);
  } else {
    await ctx.db.patch("followUps", row._id, { outcome: { kind: "none" } });
  }
  log("FOLLOW_UPS", `Answer ${messageId} has ${suggestions.length} follow-ups`);
  return null;
}
