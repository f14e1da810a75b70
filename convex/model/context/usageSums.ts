import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { costOf } from "../../shared/costs";

/**
 * What runs took, added up from their rows when somebody looks: a counter that ends of runs kept would make those of one person conflict.
 */

export const vUsageSum = v.object({
  runs: v.number(),
  inputTokens: v.number(),
  outputTokens: v.number(),
  /** Among the tokens of the input. */
  cachedTokens: v.number(),
  /** Among those of the output. */
  reasoningTokens: v.number(),
  /** Dollars, of the runs whose cost is known. */
  cost: v.number(),
  /** Runs whose tokens are not known: their model's server did not tell. */
  untold: v.number(),
  /** Runs whose tokens are known, and whose prices are not. */
  unpriced: v.number(),
  /** Runs whose tokens, or some of them, were estimated. */
  estimated: v.number(),
});
export type UsageSum = Infer<typeof vUsageSum>;

/** A sum of some rows; `before`: to ask for the next with, null after the last. */
export const vUsagePage = v.object({ sum: vUsageSum, before: v.union(v.number(), v.null()) });
type UsagePage = Infer<typeof vUsagePage>;

/** Rows of a page: about 400 bytes each. */
const PAGE_ROWS = 2_000;

/** Times that an answer may be continued and still be added up. */
const MAX_RUNS_OF_ANSWER = 200;

function sumOf(rows: readonly Doc<"usages">[]): UsageSum {
  const sum = {
    ...{ runs: 0, estimated: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0 },
    ...{ cost: 0, untold: 0, unpriced: 0 },
  };
  for (const { usage, prices, kind } of rows) {
    sum.inputTokens += usage?.inputTokens ?? 0;
    sum.outputTokens += usage?.outputTokens ?? 0;
    sum.cachedTokens += usage?.cachedTokens ?? 0;
    sum.reasoningTokens += usage?.reasoningTokens ?? 0;
    const cost = costOf(usage, prices);
    if (cost !== null) sum.cost += cost;
    // Of titles and the like nobody asks how many there were.
    if (kind !== undefined) continue;
    sum.runs += 1;
    if (usage?.isEstimated) sum.estimated += 1;
    if (cost !== null) continue;
    if (usage?.inputTokens === undefined || usage.outputTokens === undefined) sum.untold += 1;
    else sum.unpriced += 1;
  }
  return sum;
}

/** Rows of one time stay together: they are fewer than a page has, since a run is not that short. */
function pageOf(rows: Doc<"usages">[], userId: Id<"users">): UsagePage {
  const oldest = rows.at(-1)?.endedAt;
  const isFull = rows.length === PAGE_ROWS && oldest !== undefined;
  const newer = isFull ? rows.filter(({ endedAt }) => endedAt > oldest) : rows;
  const own = newer.filter((row) => row.userId === userId);
  return { sum: sumOf(own), before: isFull ? oldest + 1 : null };
}

/** What an answer's runs took, without what was asked about it. */
export async function usageOfAnswer(
  ctx: QueryCtx,
  userId: Id<"users">,
  messageId: Id<"chatMessages">,
): Promise<UsageSum> {
  const rows = await ctx.db
    .query("usages")
    .withIndex("by_message", (q) => q.eq("messageId", messageId))
    .take(MAX_RUNS_OF_ANSWER);
  return sumOf(rows.filter((row) => row.userId === userId && row.kind === undefined));
}

/** What a chat's runs took, newest first. */
export async function usageOfChat(
  ctx: QueryCtx,
  userId: Id<"users">,
  { taskId, before }: { taskId: Id<"tasks">; before: number | null },
): Promise<UsagePage> {
  const rows = await ctx.db
    .query("usages")
    .withIndex("by_task", (q) => q.eq("taskId", taskId).lt("endedAt", before ?? Infinity))
    .order("desc")
    .take(PAGE_ROWS);
  return pageOf(rows, userId);
}

/** What a person's runs took since `from`, newest first. */
export async function usageOfPerson(
  ctx: QueryCtx,
  userId: Id<"users">,
  { from, before }: { from: number; before: number | null },
): Promise<UsagePage> {
  const rows = await ctx.db
    .query("usages")
    .withIndex("by_user", (q) =>
      q
        .eq("userId", userId)
        .gte("endedAt", from)
        .lt("endedAt", before ?? Infinity),
    )
    .order("desc")
    .take(PAGE_ROWS);
  return pageOf(rows, userId);
}
