import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { limitOf } from "../limits/limits";
import { CALL_PATIENCE_MS, FAIRNESS_MS, liveRunLimit } from "../settings";
import { hasNoTurn, NO_TURN, runsAtWork } from "./places";

/**
 * Whose turn it is among runs that wait. A person has as many runs with a turn as may generate at once; their others wait for one of these
 * to end, behind everybody, so that they are in nobody's way. Nothing is refused for that. [G15]
 */

/** Live runs of one person that are looked at: more than they may have. */
const MAX_LOOKED_AT = 200;

const liveRunsOf = (ctx: QueryCtx, userId: Id<"users">) => runsAtWork(ctx, userId, MAX_LOOKED_AT);

/**
 * The turn of a person's next run. When places are short, those go first who have fewest runs: each further live run of a person is put
 * off. It is decided once, so that in time every run's turn is before those of all newcomers.
 */
export async function nextTurnOf(ctx: QueryCtx, userId: Id<"users">, now: number): Promise<number> {
  const live = await liveRunsOf(ctx, userId);
  return live.length < (await limitOf(ctx, "liveRunsPerPerson")) ? turnAfter(live.length, now) : NO_TURN;
}

const turnAfter = (otherRuns: number, now: number): number => now + otherRuns * FAIRNESS_MS;

/**
 * When a run of the person's has ended: sees to the next of those that have no turn. In a transaction of its own, and only while anybody
 * has such a run, so that ends don't conflict with sends; what this misses is seen by the start check of the run.
 */
export async function scheduleNextTurn(ctx: MutationCtx, userId: Id<"users">): Promise<void> {
  const parked = await ctx.db
    .query("runs")
    .withIndex("by_state", (q) =>
      q.eq("state.kind", "waiting").eq("state.by", undefined).eq("state.turnAt", NO_TURN),
    )
    .first();
  if (parked) await ctx.scheduler.runAfter(0, internal.generation.giveTurn, { userId });
}

/** Gives the oldest of a person's runs without a turn one, if they may have one more. */
export async function giveTurn(ctx: MutationCtx, userId: Id<"users">): Promise<null> {
  const live = await liveRunsOf(ctx, userId);
  const next = live.find(hasNoTurn);
  const withTurn = live.filter((run) => !hasNoTurn(run));
  if (!next || withTurn.length >= (await limitOf(ctx, "liveRunsPerPerson"))) return null;
  if (liveRunLimit() === null) {
    await call(ctx, next);
  } else {
    // Never before the person's earlier ones, whose turns were put off when there were more.
    const earlier = withTurn.map(({ state }) => (state.kind === "waiting" ? state.turnAt + 1 : 0));
    const turnAt = Math.max(turnAfter(withTurn.length, Date.now()), ...earlier);
    await ctx.db.patch("runs", next._id, { state: { kind: "waiting", turnAt } });
    await ctx.scheduler.runAfter(0, internal.generation.callNext, {});
  }
  return null;
}

/** Keeps a place for the run. */
export async function call(ctx: MutationCtx, { _id, runId }: Doc<"runs">): Promise<void> {
  const calledAt = Date.now();
  await ctx.db.patch("runs", _id, { state: { kind: "called", calledAt } });
  await ctx.scheduler.runAfter(CALL_PATIENCE_MS, internal.generation.startCheck, { runId, calledAt });
}
