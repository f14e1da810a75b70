import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { monthOf, type SpendingUnit } from "../../shared/spending";
import { log } from "../log";
import { amountOfLimit, generalLimits } from "./limits";
import { giveBack, takenOf, type Pool } from "./pool";

/**
 * What people were allotted of the server's budget and have not used for some minutes goes back to the pool, so that nothing of it lies idle
 * with those who have gone. A cron does this, apart from sends and ends.
 */

const IDLE_MS = 5 * 60_000;

/** The same when little is left in the pool. */
const IDLE_WHEN_LOW_MS = 5_000;

/** Shares of the server's budget that are left when the page says so. */
const LOW = 1 / 10;
const USED_UP = 1 / 200;

/** People that one call looks at; the next one takes the rest. */
const BATCH = 100;

type Level = Doc<"serverSpending">["level"] | null;

export async function rebalance(ctx: MutationCtx): Promise<null> {
  const now = Date.now();
  const month = monthOf(now);
  const { server } = await generalLimits(ctx);
  const units: SpendingUnit[] = ["money", "tokens"];
  const pools = units.flatMap((unit): Pool[] => {
    const limit = amountOfLimit(server, unit);
    return limit === null ? [] : [{ month, unit, limit }];
  });
  const before = await Promise.all(pools.map((pool) => levelOf(ctx, pool)));
  const idleMs = before.some((level) => level !== null) ? IDLE_WHEN_LOW_MS : IDLE_MS;
  const idle = await ctx.db
    .query("spendings")
    .withIndex("by_month_idle", (q) =>
      q
        .eq("month", month)
        .gt("idleSince", 0)
        .lte("idleSince", now - idleMs),
    )
    .take(BATCH);
  for (const row of idle) await returnIdle(ctx, row, pools, now);
  const levels = idle.length === 0 ? before : await Promise.all(pools.map((pool) => levelOf(ctx, pool)));
  await keepLevel(ctx, month, levels.includes("usedUp") ? "usedUp" : levels.includes("low") ? "low" : null);
  return null;
}

async function returnIdle(
  ctx: MutationCtx,
  { _id, unit, allotted, spent, reserved, poolLimit }: Doc<"spendings">,
  pools: readonly Pool[],
  now: number,
): Promise<void> {
  if (reserved > 0) {
    await ctx.db.patch("spendings", _id, { idleSince: now });
    return;
  }
  const pool = pools.find((one) => one.unit === unit);
  const rest = Math.max(0, allotted - spent);
  if (pool === undefined || poolLimit === null) {
    await ctx.db.patch("spendings", _id, { idleSince: undefined });
    return;
  }
  await giveBack(ctx, pool, rest);
  await ctx.db.patch("spendings", _id, { allotted: allotted - rest, idleSince: undefined });
}

async function levelOf(ctx: MutationCtx, pool: Pool): Promise<Level> {
  const left = pool.limit - (await takenOf(ctx, pool.month, pool.unit));
  if (left <= pool.limit * USED_UP) return "usedUp";
  return left <= pool.limit * LOW ? "low" : null;
}

/** Written only when it changes: every page reads it. */
async function keepLevel(ctx: MutationCtx, month: string, level: Level): Promise<void> {
  const row = await ctx.db.query("serverSpending").first();
  if (level === null) {
    if (row) await ctx.db.delete("serverSpending", row._id);
    return;
  }
  if (row?.month === month && row.level === level) return;
  log("BUDGETS", `The server's budget of ${month} is ${level === "low" ? "nearly used up" : "used up"}`);
  if (row) await ctx.db.patch("serverSpending", row._id, { month, level });
  else await ctx.db.insert("serverSpending", { month, level });
}
