import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import type { AskKind } from "../validators";

/**
 * Questions to models beside their answers: for a title, for follow-ups. They have few places of their own, so that however many are
 * asked, they take none from answers.
 *
 *   (asked) ──► waiting ──a place is free──► asking ──its action has ended, or died──► (deleted)
 */

/** Questions at once. Together with the runs that the server starts, below the ten or so scheduled functions of a Convex deployment. */
const MAX_ASKING = 3;

/** A question takes half a minute at most; one that has taken this long died with its action. */
const ASK_LEASE_MS = 120_000;

/** Dead questions that one call removes: more than there can be. */
const BATCH = 50;

/** Has a model asked about an answer, as soon as there is a place. It reads no row of others. */
export async function ask(
  ctx: MutationCtx,
  question: { kind: AskKind; messageId: Id<"chatMessages"> },
): Promise<void> {
  await ctx.db.insert("asks", question);
  await ctx.scheduler.runAfter(0, internal.asks.startNext, {});
}

/** Starts the questions for which there are places, the oldest first. */
export async function startNext(ctx: MutationCtx): Promise<null> {
  const now = Date.now();
  const dead = await ctx.db
    .query("asks")
    .withIndex("by_startedAt", (q) => q.gt("startedAt", 0).lte("startedAt", now - ASK_LEASE_MS))
    .take(BATCH);
  for (const { _id } of dead) await ctx.db.delete("asks", _id);
  const asking = await ctx.db
    .query("asks")
    .withIndex("by_startedAt", (q) => q.gt("startedAt", 0))
    .take(MAX_ASKING);
  const next = await ctx.db
    .query("asks")
    .withIndex("by_startedAt", (q) => q.eq("startedAt", undefined))
    .take(MAX_ASKING - asking.length);
  for (const { _id: askId, kind, messageId } of next) {
    await ctx.db.patch("asks", askId, { startedAt: now });
    const action = kind === "title" ? internal.generate.title : internal.generate.followUps;
    await ctx.scheduler.runAfter(0, action, { messageId, askId });
  }
  return null;
}

/** A question's action has ended: the next one is asked. */
export async function endAsk(ctx: MutationCtx, askId: Id<"asks">): Promise<null> {
  const row = await ctx.db.get("asks", askId);
  if (row) await ctx.db.delete("asks", askId);
  return await startNext(ctx);
}
