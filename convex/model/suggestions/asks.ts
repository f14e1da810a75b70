import { internal } from "../../_generated/api";
import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { vPrices } from "../context/keptFacts";
import { reserveTokens, settleReservation, type Reservation } from "../spending/reservation";
import { isLimited } from "../spending/runSpending";
import { chargeOf, tariffOf } from "../spending/tariff";
import { vUsage, type AskKind } from "../validators";

/**
 * Questions to models beside their answers: for a title, for follow-ups. They have few places of their own, so that however many are
 * asked, they take none from answers. What each may cost is reserved, and settled when it is over. [G16]
 *
 *   (asked) ──► waiting ──a place is free──► asking ──its action has ended, or died──► (deleted)
 */

/** Questions at once. Together with the runs that the server starts, below the ten or so scheduled functions of a Convex deployment. */
const MAX_ASKING = 3;

/** A question takes half a minute at most; one that has taken this long died with its action. */
const ASK_LEASE_MS = 120_000;

/** Dead questions that one call removes: more than there can be. */
const BATCH = 50;

/** Tokens that a question may be sent and replied, at most. */
export type AskSize = { inputTokens: number; outputTokens: number };

/** Of a question about one exchange: its text is cut to 5,000 characters, which in no script are more tokens. */
export const EXCHANGE_SIZE: AskSize = { inputTokens: 6_500, outputTokens: 2_000 };

/** What a question took, as its action tells. `usage`: null when nothing was asked. */
export const vAskTold = v.object({
  usage: v.union(vUsage, v.null()),
  model: v.optional(v.string()),
  prices: v.optional(vPrices),
  ownKey: v.optional(v.literal(true)),
});
export type AskTold = Infer<typeof vAskTold>;

/**
 * Has a model asked about an answer, as soon as there is a place. It reads no row of others. False, and it is not asked, when what is left
 * of a budget is too little.
 */
export async function ask(
  ctx: MutationCtx,
  kind: AskKind,
  { _id: messageId, userId, taskId, model }: Doc<"chatMessages">,
  size: AskSize,
): Promise<boolean> {
  const reserved = await reserveForAsk(ctx, userId, model ?? null, size);
  if (reserved === "refused") return false;
  await ctx.db.insert("asks", { kind, messageId, userId, taskId, ...(reserved && { reserved }) });
  await ctx.scheduler.runAfter(0, internal.asks.startNext, {});
  return true;
}

async function reserveForAsk(
  ctx: MutationCtx,
  userId: Id<"users">,
  model: string | null,
  size: AskSize,
): Promise<Reservation | "refused" | null> {
  if (!(await isLimited(ctx, userId))) return null;
  const { tariff } = await tariffOf(ctx, userId, model);
  if (tariff.kind === "none") return null;
  const reserved = await reserveTokens(ctx, userId, tariff, { least: size, most: size });
  if (reserved === null || "kind" in reserved) return reserved && "refused";
  const sure = chargeOf({ inputTokens: size.inputTokens }, reserved.prices);
  return { ...reserved, asked: { sure, at: Date.now() } };
}

/** Starts the questions for which there are places, the oldest first. */
export async function startNext(ctx: MutationCtx): Promise<null> {
  const now = Date.now();
  const dead = await ctx.db
    .query("asks")
    .withIndex("by_startedAt", (q) => q.gt("startedAt", 0).lte("startedAt", now - ASK_LEASE_MS))
    .take(BATCH);
  for (const row of dead) await remove(ctx, row, null);
  const asking = await ctx.db
    .query("asks")
    .withIndex("by_startedAt", (q) => q.gt("startedAt", 0))
    .take(MAX_ASKING);
  const next = await ctx.db
    .query("asks")
    .withIndex("by_startedAt", (q) => q.eq("startedAt", undefined))
    .take(MAX_ASKING - asking.length);
  for (const { _id: askId, kind, messageId, reserved } of next) {
    const asked = reserved?.asked && { sure: reserved.asked.sure, at: now };
    await ctx.db.patch("asks", askId, { startedAt: now, ...(asked && { reserved: { ...reserved, asked } }) });
    await ctx.scheduler.runAfter(0, actionOf(kind), { messageId, askId });
  }
  return null;
}

function actionOf(kind: AskKind) {
  switch (kind) {
    case "title":
      return internal.generate.title;
    case "followUps":
      return internal.generate.followUps;
    case "summary":
      return internal.generate.summary;
    default:
      return kind satisfies never;
  }
}

/** A question's action has ended: the next one is asked. `told`: null when it cannot say what it took. */
export async function endAsk(ctx: MutationCtx, askId: Id<"asks">, told: AskTold | null): Promise<null> {
  const row = await ctx.db.get("asks", askId);
  if (row) await remove(ctx, row, told);
  return await startNext(ctx);
}

/** Settles what the question has reserved, and keeps what it took. */
async function remove(ctx: MutationCtx, row: Doc<"asks">, told: AskTold | null): Promise<void> {
  await ctx.db.delete("asks", row._id);
  const { userId, taskId, messageId, kind, reserved } = row;
  if (userId === undefined || taskId === undefined) return;
  const usage = told && (told.usage ?? {});
  const charged = reserved && (await settleReservation(ctx, userId, reserved, usage));
  if (told?.usage === null || (told === null && charged === undefined)) return;
  const { model, prices, ownKey } = told ?? {};
  await ctx.db.insert("usages", {
    ...{ userId, taskId, messageId, endedAt: Date.now(), kind },
    ...(model !== undefined && { model }),
    ...(told?.usage && { usage: told.usage }),
    ...(prices && { prices }),
    ...(ownKey && { ownKey }),
    ...(charged && { charged }),
  });
}
