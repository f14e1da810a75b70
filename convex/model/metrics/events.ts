import { internal } from "../../_generated/api";
import type { MutationCtx, QueryCtx } from "../../_generated/server";

/**
 * Events that are rare, and that no row tells of afterwards. Each inserts a row of its own, because inserts never conflict; a cron adds
 * them up. What is not rare is computed from the rows that there are: see `metrics.ts`.
 */

export const EVENTS = [
  "idempotentHits",
  "existingAnswerHits",
  "concurrentGenerationAttempts",
  "fencedWrites",
] as const;
export type Event = (typeof EVENTS)[number];

/** Events added up in one transaction. */
const BATCH = 500;

/** Rows of totals: more than there can be, those of earlier versions included. */
const MAX_TOTALS = 1_000;

export async function recordEvent(ctx: MutationCtx, name: Event): Promise<void> {
  await ctx.db.insert("events", { name });
}

/** Adds the oldest events to the totals, and comes back while there are more. The only writer of totals. */
export async function foldEvents(ctx: MutationCtx): Promise<null> {
  const events = await ctx.db.query("events").take(BATCH);
  for (const [name, count] of countNames(events)) {
    const total = await ctx.db
      .query("metricsCounters")
      .withIndex("by_name_shard", (q) => q.eq("name", name))
      .first();
    if (total) await ctx.db.patch("metricsCounters", total._id, { count: total.count + count });
    else await ctx.db.insert("metricsCounters", { name, shard: 0, count });
  }
  for (const { _id } of events) await ctx.db.delete("events", _id);
  if (events.length === BATCH) await ctx.scheduler.runAfter(0, internal.metrics.foldEvents, {});
  return null;
}

/** How often each event has happened since the beginning, the newest ones included as far as one batch goes. */
export async function readEvents(ctx: QueryCtx): Promise<Record<Event, number>> {
  const totals = await ctx.db.query("metricsCounters").withIndex("by_name_shard").take(MAX_TOTALS);
  const counts = countNames(await ctx.db.query("events").take(BATCH));
  for (const { name, count } of totals) counts.set(name, (counts.get(name) ?? 0) + count);
  return Object.fromEntries(EVENTS.map((name) => [name, counts.get(name) ?? 0])) as Record<Event, number>;
}

function countNames(events: readonly { name: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of events) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
