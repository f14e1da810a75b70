import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import type { SpendingUnit } from "../../shared/spending";

/**
 * The server's budget of a month, in equal shards, so that takers seldom meet. What is taken is a person's allotment (`ledger.ts`): most
 * sends find enough there and never come here.
 *
 * Exact: no shard gives more than its share, so that all of them never give more than the budget.
 */

/** Enough that first sends of many people at once seldom meet; few enough that each holds some requests of a small budget. */
const SHARDS = 32;

/** Takers leave half of a shard to others, if that is enough for them. */
const SHARE = 1 / 2;

export type Pool = { month: string; unit: SpendingUnit; limit: number };

const find = (ctx: QueryCtx, { month, unit }: Pool, shard: number): Promise<Doc<"spendingShards"> | null> =>
  ctx.db
    .query("spendingShards")
    .withIndex("by_month_unit_shard", (q) => q.eq("month", month).eq("unit", unit).eq("shard", shard))
    .unique();

/** All shards, from a random one on. */
function* shardsFromAnywhere(): Generator<number> {
  const first = Math.floor(Math.random() * SHARDS);
  for (let count = 0; count < SHARDS; count++) yield (first + count) % SHARDS;
}

/** Whole parts that add up to the limit. */
const capOf = ({ limit }: Pool, shard: number): number =>
  Math.floor((limit * (shard + 1)) / SHARDS) - Math.floor((limit * shard) / SHARDS);

/**
 * Takes `least` or more, `most` at most. One shard is read as a rule; more when it has too little. Null, and nothing is taken, when all
 * of them together have too little. `left` is then what they have.
 */
export async function takeFromPool(
  ctx: MutationCtx,
  pool: Pool,
  { least, most }: { least: number; most: number },
): Promise<{ taken: number } | { taken: null; left: number }> {
  const changes: { shard: number; row: Doc<"spendingShards"> | null; taken: number }[] = [];
  let sum = 0;
  for (const shard of shardsFromAnywhere()) {
    const row = await find(ctx, pool, shard);
    const free = capOf(pool, shard) - (row?.taken ?? 0);
    if (free <= 0) continue;
    const modest = Math.min(most - sum, Math.floor(free * SHARE));
    const amount = sum + modest >= least ? modest : Math.min(free, Math.max(modest, least - sum));
    changes.push({ shard, row, taken: amount });
    sum += amount;
    if (sum >= least) break;
  }
  if (sum < least) return { taken: null, left: Math.max(0, sum) };
  for (const { shard, row, taken } of changes) await add(ctx, pool, shard, row, taken);
  return { taken: sum };
}

/** Gives back what was taken and not spent. */
export async function giveBack(ctx: MutationCtx, pool: Pool, amount: number): Promise<void> {
  let rest = amount;
  for (const shard of shardsFromAnywhere()) {
    if (rest <= 0) return;
    const row = await find(ctx, pool, shard);
    const given = Math.min(rest, row?.taken ?? 0);
    if (row && given > 0) await add(ctx, pool, shard, row, -given);
    rest -= given;
  }
}

async function add(
  ctx: MutationCtx,
  { month, unit }: Pool,
  shard: number,
  row: Doc<"spendingShards"> | null,
  amount: number,
): Promise<void> {
  if (amount === 0) return;
  if (row) await ctx.db.patch("spendingShards", row._id, { taken: row.taken + amount });
  else await ctx.db.insert("spendingShards", { month, unit, shard, taken: amount });
}

/** What people hold of the server's budget: spent, reserved, and allotted for their next requests. */
export async function takenOf(ctx: QueryCtx, month: string, unit: SpendingUnit): Promise<number> {
  const rows = await ctx.db
    .query("spendingShards")
    .withIndex("by_month_unit_shard", (q) => q.eq("month", month).eq("unit", unit))
    .take(SHARDS);
  return rows.reduce((sum, { taken }) => sum + taken, 0);
}
