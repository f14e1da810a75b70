import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { vEndReason, type EndReason } from "../validators";

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
export type Duration = "stopLatency" | "recovery";

async function add(ctx: MutationCtx, name: string): Promise<void> {
  const shard = Math.floor(Math.random() * SHARDS);
  const row = await ctx.db
    .query("metricsCounters")
    .withIndex("by_name_shard", (q) => q.eq("name", name).eq("shard", shard))
    .unique();
  if (row) await ctx.db.patch("metricsCounters", row._id, { count: row.count + 1 });
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

/** More rows than there can be: every name times its shards. */
const MAX_ROWS = 1_000;

/** All counters by name, those of durations' buckets included. */
async function readAll(ctx: QueryCtx): Promise<Map<string, number>> {
  const rows = await ctx.db.query("metricsCounters").withIndex("by_name_shard").take(MAX_ROWS);
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.name, (counts.get(row.name) ?? 0) + row.count);
  return counts;
}

/** Counters of events, with one per end reason; and the durations. */
export async function readMetrics(ctx: QueryCtx) {
  const counts = await readAll(ctx);
  const names = [...COUNTERS, ...vEndReason.members.map((member) => `ended.${member.value}`)];
  return {
    counters: Object.fromEntries(names.map((name) => [name, counts.get(name) ?? 0])),
    stopLatency: summarize(counts, "stopLatency"),
    recovery: summarize(counts, "recovery"),
  };
}

/** How many durations were measured, and bounds below which half and 95 % of them lie (null: none, or above a minute). */
function summarize(counts: ReadonlyMap<string, number>, name: Duration) {
  const buckets = BUCKETS_MS.map((bound) => ({ bound, count: counts.get(`${name}.${bound}`) ?? 0 }));
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const quantile = (part: number): number | null => {
    let seen = 0;
    for (const { bound, count } of buckets) {
      seen += count;
      if (total > 0 && seen >= part * total) return Number.isFinite(bound) ? bound : null;
    }
    return null;
  };
  return { count: total, p50Ms: quantile(0.5), p95Ms: quantile(0.95) };
}
