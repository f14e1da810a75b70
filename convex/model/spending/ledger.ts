import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import type { SpendingUnit } from "../../shared/spending";
import { amountOfLimit, limitsOf } from "./limits";
import { giveBack, takeFromPool, type Pool } from "./pool";
import { spentByUsages } from "./spentByUsages";

/**
 * What a person may spend in a month: one row, which only their own requests write.
 *
 *   limit of the person  ≥  spent + reserved
 *   allotted             ≥  spent + reserved      while the server has a budget; what all have been allotted never exceeds that
 *
 * A reservation is taken before a model is asked and given back for what was really spent (`settle`). Nothing is written here while no
 * budget holds for anybody.
 */

/** Of what is left one request reserves this share at most, if that is enough for it: so that others of the person find some, too. */
const SHARE = 1 / 4;

/** An allotment is taken for so many such requests at once, where there is enough, so that most of them never come to the pool. */
const ALLOTTED_REQUESTS = 8;

/** What is asked for. `least`: below it the request is not made. */
export type Wish = { month: string; unit: SpendingUnit; least: number; most: number };

export type Grant =
  /** No budget holds. */
  | { kind: "unlimited" }
  | { kind: "granted"; amount: number }
  /** `held`: reserved by requests under way, whose rest comes back. */
  | { kind: "refused"; scope: "person" | "server"; left: number; held: number };

export const findSpending = (
  ctx: QueryCtx,
  userId: Id<"users">,
  month: string,
  unit: SpendingUnit,
): Promise<Doc<"spendings"> | null> =>
  ctx.db
    .query("spendings")
    .withIndex("by_user_month_unit", (q) => q.eq("userId", userId).eq("month", month).eq("unit", unit))
    .unique();

/** Takes a reservation, in the caller's transaction. When it is refused nothing was written. */
export async function reserve(ctx: MutationCtx, userId: Id<"users">, wish: Wish): Promise<Grant> {
  const { month, unit, least, most } = wish;
  const limits = await limitsOf(ctx, userId);
  const person = amountOfLimit(limits.person, unit);
  const server = amountOfLimit(limits.server, unit);
  if (person === null && server === null) return { kind: "unlimited" };

  const row = await findSpending(ctx, userId, month, unit);
  const spent = row?.spent ?? (await spentByUsages(ctx, userId, month, unit));
  const held = row?.reserved ?? 0;
  const left = person === null ? Infinity : Math.max(0, person - spent - held);
  if (left < least) return { kind: "refused", scope: "person", left, held };
  const wanted = Math.min(most, Math.max(least, Math.floor(left * SHARE)));

  const allotment = await allot(ctx, { month, unit, limit: server }, row, {
    least,
    most: wanted,
    spent,
    held,
  });
  if (!allotment.ok) return { kind: "refused", scope: "server", left: allotment.left, held };
  const { amount, allotted } = allotment;
  const idle = server === null ? {} : { idleSince: Date.now() };
  const change = { reserved: held + amount, allotted, poolLimit: server, ...idle };
  if (row) await ctx.db.patch("spendings", row._id, change);
  else await ctx.db.insert("spendings", { userId, month, unit, spent, ...change });
  return { kind: "granted", amount };
}

/** Makes sure that the person's allotment covers what they reserve. */
async function allot(
  ctx: MutationCtx,
  { month, unit, limit }: Omit<Pool, "limit"> & { limit: number | null },
  row: Doc<"spendings"> | null,
  { least, most, spent, held }: { least: number; most: number; spent: number; held: number },
): Promise<{ ok: true; amount: number; allotted: number } | { ok: false; left: number }> {
  const before = row?.allotted ?? 0;
  if (limit === null) return { ok: true, amount: most, allotted: before };
  const pool = { month, unit, limit };
  let allotted = before;
  // What was allotted under another budget is not given out under this one.
  if (row && row.poolLimit !== limit && allotted > spent + held) {
    await giveBack(ctx, pool, allotted - spent - held);
    allotted = spent + held;
  }
  const idle = allotted - spent - held;
  if (idle >= most) return { ok: true, amount: most, allotted };
  const from = await takeFromPool(ctx, pool, { least: least - idle, most: ALLOTTED_REQUESTS * most - idle });
  if (from.taken === null) return { ok: false, left: Math.max(0, idle + from.left) };
  return { ok: true, amount: Math.min(most, idle + from.taken), allotted: allotted + from.taken };
}

/**
 * Ends a reservation of so much: `charge` was spent. The row may be gone with its person. More may be charged than was reserved, where
 * a server counts otherwise than was estimated; the next reservation is the smaller for it.
 */
export async function settle(
  ctx: MutationCtx,
  userId: Id<"users">,
  { month, unit, amount }: { month: string; unit: SpendingUnit; amount: number },
  charge: number,
): Promise<void> {
  const row = await findSpending(ctx, userId, month, unit);
  if (!row) return;
  await ctx.db.patch("spendings", row._id, {
    spent: Math.max(0, row.spent + charge),
    reserved: Math.max(0, row.reserved - amount),
  });
}
