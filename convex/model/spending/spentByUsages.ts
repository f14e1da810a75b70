import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { monthBegins, type SpendingUnit } from "../../shared/spending";
import { chargeOf } from "./tariff";

/** Rows that are added up when a budget begins to hold in mid-month: about 400 bytes each. What is older is not counted. */
const MAX_ROWS = 4_000;

/** What a person spent in a month before anything was reserved for them, by what each of their requests took. */
export async function spentByUsages(
  ctx: QueryCtx,
  userId: Id<"users">,
  month: string,
  unit: SpendingUnit,
): Promise<number> {
  const rows = await ctx.db
    .query("usages")
    .withIndex("by_user", (q) => q.eq("userId", userId).gte("endedAt", monthBegins(month)))
    .order("desc")
    .take(MAX_ROWS);
  let sum = 0;
  for (const { usage, prices, ownKey, charged } of rows) {
    if (charged !== undefined) sum += charged.unit === unit ? charged.amount : 0;
    else if (!ownKey && usage !== undefined && (prices === undefined) === (unit === "tokens")) {
      sum += chargeOf(usage, prices);
    }
  }
  return sum;
}
