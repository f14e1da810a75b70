import { v, type Infer } from "convex/values";
import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { MICRODOLLARS, monthOf, monthBegins, renewalOf, type SpendingUnit } from "../../shared/spending";
import { findSpending } from "./ledger";
import {
  amountOfLimit,
  generalLimits,
  limitsOf,
  limitsOfEnvironment,
  MAX_OVERRIDES,
  vLimit,
  vUnit,
} from "./limits";
import { chargeOf } from "./tariff";

/** What pages are shown of budgets. */

/** A month, as `monthOf` writes it: queries have no clock. Errors: INVALID_INPUT. */
function checkMonth(month: string): void {
  const begins = monthBegins(month);
  if (!Number.isNaN(begins) && monthOf(begins) === month) return;
  throw failure("INVALID_INPUT", "A month is written like 2026-11.");
}

export const vOwnBudget = v.object({
  unit: vUnit,
  /** In millionths of a dollar, or tokens. */
  limit: v.number(),
  spent: v.number(),
  /** Held for replies that are being written. */
  reserved: v.number(),
});

export const vMyBudgets = v.object({
  budgets: v.array(vOwnBudget),
  server: v.union(v.literal("low"), v.literal("usedUp"), v.null()),
  /** Milliseconds since the epoch. */
  renewsAt: v.number(),
});

/** A person's budgets of a month and how far they are used up; what was spent before a budget held counts from their next request on. */
export async function viewMyBudgets(
  ctx: QueryCtx,
  userId: Id<"users">,
  month: string,
): Promise<Infer<typeof vMyBudgets>> {
  checkMonth(month);
  const { person, server } = await limitsOf(ctx, userId);
  const budgets: Infer<typeof vOwnBudget>[] = [];
  for (const unit of ["money", "tokens"] as SpendingUnit[]) {
    const limit = amountOfLimit(person, unit);
    if (limit === null) continue;
    const row = await findSpending(ctx, userId, month, unit);
    budgets.push({ unit, limit, spent: row?.spent ?? 0, reserved: row?.reserved ?? 0 });
  }
  const hasServerBudget = server.dollars !== null || server.tokens !== null;
  const state = hasServerBudget ? await ctx.db.query("serverSpending").first() : null;
  return {
    budgets,
    server: state?.month === month ? state.level : null,
    renewsAt: renewalOf(month),
  };
}

export const vBudgets = v.object({
  server: vLimit,
  person: vLimit,
  /** Set here, and not by the environment. */
  isStored: v.boolean(),
  environment: v.object({ server: vLimit, person: vLimit }),
  people: v.array(v.object({ userId: v.id("users"), limit: vLimit })),
});

/** All that is set. */
export async function viewBudgets(ctx: QueryCtx): Promise<Infer<typeof vBudgets>> {
  const people = await ctx.db.query("personBudgets").take(MAX_OVERRIDES);
  return {
    ...(await generalLimits(ctx)),
    environment: limitsOfEnvironment(),
    people: people.map(({ userId, limit }) => ({ userId, limit })),
  };
}

/** Of one person: dollars of what has a price, tokens of what has none. What their own keys paid is not in it. */
export const vSpent = v.object({ userId: v.id("users"), dollars: v.number(), tokens: v.number() });
export const vSpentPage = v.object({ people: v.array(vSpent), before: v.union(v.number(), v.null()) });

/** Rows of a page: about 400 bytes each. */
const PAGE_ROWS = 4_000;

/** What everybody has spent since `from`, from the newest request on, in pages that are added up. */
export async function spentByPeople(
  ctx: QueryCtx,
  { from, before }: { from: number; before: number | null },
): Promise<Infer<typeof vSpentPage>> {
  const rows = await ctx.db
    .query("usages")
    .withIndex("by_end", (q) => q.gte("endedAt", from).lt("endedAt", before ?? Infinity))
    .order("desc")
    .take(PAGE_ROWS);
  // Rows of one time stay together.
  const oldest = rows.at(-1)?.endedAt;
  const isFull = rows.length === PAGE_ROWS && oldest !== undefined;
  const sums = new Map<Id<"users">, { dollars: number; tokens: number }>();
  for (const { userId, usage = {}, prices, ownKey, charged, endedAt } of rows) {
    if (ownKey || (isFull && endedAt === oldest)) continue;
    const sum = sums.get(userId) ?? { dollars: 0, tokens: 0 };
    const unit = charged?.unit ?? (prices ? "money" : "tokens");
    const amount = charged?.amount ?? chargeOf(usage, prices);
    if (unit === "money") sum.dollars += amount / MICRODOLLARS;
    else sum.tokens += amount;
    sums.set(userId, sum);
  }
  return {
    people: [...sums].map(([userId, sum]) => ({ userId, ...sum })),
    before: isFull ? oldest + 1 : null,
  };
}
