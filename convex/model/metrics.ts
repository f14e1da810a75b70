import type { MutationCtx, QueryCtx } from "../_generated/server";
import { vEndReason, type EndReason } from "./validators";

/** Rows per counter: concurrent transactions that count the same event meet in one row only now and then. */
const SHARDS = 8;

/** Upper bounds of the histogram's buckets, milliseconds; the last one holds the rest. */
const BUCKETS_MS = [50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, Infinity] as const;

export const COUNTERS = [
  "promptsCreated",
  "answersCreated",
  "idempotentHits",
  "existingAnswerHits",
  "concurrentGenerationAttempts",
  "expiredLeases",
  "orphansEnded",
  "fencedWrites",
] as const;
export type Counter = (typeof COUNTERS)[number];

/** Milliseconds from a Stop to the provider's request being aborted; from a run's last sign of life to its end as crashed. */
export const DURATIONS = ["stopLatency", "recovery"] as const;
export type Duration = (typeof DURATIONS)[number];

async function add(ctx: MutationCtx, name: string): Promise<void> {
  const shard = Math.floor(Math.random() * SHARDS);
  const row = await ctx.db
    .query("metricsCounters")
    .withIndex("by_name_shard", (q) => q.eq("name", name).eq("shard", shard))
    .unique();
  if (row) await ctx.db.patch(row._id, { count: row.count + 1 });
  else await ctx.db.insert("metricsCounters", { name, shard, count: 1 });
}

export const count = (ctx: MutationCtx, counter: Counter): Promise<void> => add(ctx, counter);
export const countEnd = (ctx: MutationCtx, reason: EndReason): Promise<void> => add(ctx, `ended.${reason}`);

/** Adds a duration to its histogram. */
export async function recordDuration(ctx: MutationCtx, name: Duration, ms: number): Promise<null> {
  const bucket = BUCKETS_MS.find((bound) => ms <= bound) ?? Infinity;
  await add(ctx, `${name}.${bucket}`);
  return null;
}

async function read(ctx: QueryCtx, name: string): Promise<number> {
  const rows = await ctx.db
    .query("metricsCounters")
    .withIndex("by_name_shard", (q) => q.eq("name", name))
    .take(SHARDS);
  return rows.reduce((sum, row) => sum + row.count, 0);
}

/** All counters, with one per end reason. */
export async function readCounters(ctx: QueryCtx): Promise<Record<string, number>> {
  const reasons = vEndReason.members.map((member) => `ended.${member.value}`);
  const names = [...COUNTERS, ...reasons];
  const counts = await Promise.all(names.map((name) => read(ctx, name)));
  return Object.fromEntries(names.map((name, i) => [name, counts[i] ?? 0]));
}

/** How many durations were measured, and bounds below which half and 95 % of them lie (null: none, or above a minute). */
export async function readDuration(ctx: QueryCtx, name: Duration) {
  const counts = await Promise.all(BUCKETS_MS.map((bound) => read(ctx, `${name}.${bound}`)));
  const total = counts.reduce((sum, n) => sum + n, 0);
  const quantile = (part: number): number | null => {
    let seen = 0;
    for (const [i, n] of counts.entries()) {
      seen += n;
      const bound = BUCKETS_MS[i];
      if (seen >= part * total && bound !== undefined && Number.isFinite(bound))
        return total === 0 ? null : bound;
    }
    return null;
  };
  return { count: total, p50Ms: quantile(0.5), p95Ms: quantile(0.95) };
}
