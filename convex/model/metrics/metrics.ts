import { v, type Infer } from "convex/values";
import type { Doc } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { readEvents } from "./events";

/**
 * Figures about runs, computed from those that ended last. Nothing is counted while runs begin and end: a row that all of them wrote
 * would make concurrent ones conflict.
 */

/** Ended runs that the figures are computed from. */
const MAX_ENDED = 1_000;

const vDuration = v.object({
  count: v.number(),
  /** Half and 95 % of them were at most this long, milliseconds; null when there were none. */
  p50Ms: v.union(v.number(), v.null()),
  p95Ms: v.union(v.number(), v.null()),
});

export const vMetrics = v.object({
  /** Rare events since the beginning. */
  counters: v.record(v.string(), v.number()),
  /** Ended runs that all figures below are of: the newest. */
  runsChecked: v.number(),
  /** How many of them ended for each reason. */
  ended: v.record(v.string(), v.number()),
  expiredLeases: v.number(),
  orphansEnded: v.number(),
  /** Runs that could not be ended as others are; the log says why. */
  setAside: v.number(),
  /** From a Stop to the provider's request being aborted. */
  stopLatency: vDuration,
  /** From a run's last sign of life to its end as crashed. */
  recovery: vDuration,
  /** From a run's beginning to its claim. */
  waiting: vDuration,
});

type Ended = Extract<Doc<"runs">["state"], { kind: "ended" }>;

export async function readMetrics(ctx: QueryCtx): Promise<Infer<typeof vMetrics>> {
  const runs = await ctx.db
    .query("runs")
    .withIndex("by_state", (q) => q.eq("state.kind", "ended"))
    .order("desc")
    .take(MAX_ENDED);
  const ends: Ended[] = [];
  const waits: number[] = [];
  const ended: Record<string, number> = {};
  for (const { state, createdAt } of runs) {
    if (state.kind !== "ended") continue;
    ends.push(state);
    ended[state.reason] = (ended[state.reason] ?? 0) + 1;
    if (state.claimedAt !== undefined) waits.push(state.claimedAt - createdAt);
  }
  const givenUp = ends.flatMap((end) => end.givenUp ?? []);
  return {
    counters: await readEvents(ctx),
    runsChecked: ends.length,
    ended,
    expiredLeases: givenUp.filter(({ foundAt }) => foundAt === "lease").length,
    orphansEnded: givenUp.filter(({ foundAt }) => foundAt === "restart").length,
    setAside: ends.filter(({ setAsideFor }) => setAsideFor !== undefined).length,
    stopLatency: summarize(ends.flatMap(({ stopLatencyMs }) => stopLatencyMs ?? [])),
    recovery: summarize(givenUp.map(({ silentMs }) => silentMs)),
    waiting: summarize(waits),
  };
}

function summarize(durations: readonly number[]): Infer<typeof vDuration> {
  const sorted = durations.toSorted((a, b) => a - b);
  const quantile = (part: number): number | null => sorted[Math.ceil(part * sorted.length) - 1] ?? null;
  return { count: sorted.length, p50Ms: quantile(0.5), p95Ms: quantile(0.95) };
}
