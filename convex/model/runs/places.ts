import type { Doc, Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { liveRunLimit, serverRunLimit } from "../settings";

/**
 * How many runs generate at once, and whose turn is next. `send` reads none of this, so concurrent sends cannot conflict here; no row
 * holds a count, so concurrent ends cannot either. Claims do read it where places are limited, and those of the server always: each
 * must see the others.
 */

const runsIn = (ctx: QueryCtx, kind: Doc<"runs">["state"]["kind"]) =>
  ctx.db.query("runs").withIndex("by_state", (q) => q.eq("state.kind", kind));

/** The turn of a run that waits for another run of the same person to end (`turns.ts`). */
export const NO_TURN = Number.MAX_SAFE_INTEGER;

export const hasNoTurn = ({ state }: Doc<"runs">): boolean =>
  state.kind === "waiting" && state.turnAt === NO_TURN;

/** The runs that wait for a place, in the order of their turns. */
export const waitingRuns = (ctx: QueryCtx) =>
  ctx.db
    .query("runs")
    .withIndex("by_state", (q) =>
      q.eq("state.kind", "waiting").eq("state.by", undefined).lt("state.turnAt", NO_TURN),
    );

export const calledRuns = (ctx: QueryCtx) => runsIn(ctx, "called");

/** Places that are neither taken nor kept for a called run; `Infinity` without a limit. */
export async function freePlaces(ctx: QueryCtx): Promise<number> {
  const limit = liveRunLimit();
  if (limit === null) return Infinity;
  const claimed = await runsIn(ctx, "claimed").take(limit);
  const called = await calledRuns(ctx).take(limit);
  return Math.max(0, limit - claimed.length - called.length);
}

/** May this run be claimed now? Yes if it was called, or if a place is left after all runs whose turn comes first. */
export async function hasPlace(ctx: QueryCtx, { _id, state }: Doc<"runs">): Promise<boolean> {
  switch (state.kind) {
    case "called":
      return true;
    case "waiting": {
      if (state.turnAt === NO_TURN) return false;
      const places = await freePlaces(ctx);
      if (places === Infinity) return true;
      if (places === 0) return false;
      const next = await ctx.db
        .query("runs")
        .withIndex("by_state", (q) =>
          q.eq("state.kind", "waiting").eq("state.by", undefined).lte("state.turnAt", state.turnAt),
        )
        .take(places);
      return next.some((other) => other._id === _id);
    }
    case "claimed":
    case "awaitingApproval":
    case "ended":
      return false;
    default:
      return state satisfies never;
  }
}

/** May the server itself start one more run? Scheduled functions share few places on Convex, and watchdogs need some of them. */
export async function hasServerPlace(ctx: QueryCtx): Promise<boolean> {
  const limit = serverRunLimit();
  const started = await ctx.db
    .query("runs")
    .withIndex("by_state", (q) => q.eq("state.kind", "claimed").eq("state.by", "server"))
    .take(limit);
  return started.length < limit;
}

/** The person's runs that generate, or wait to; not those that wait for the person. At most `limit` that wait, and as many that do not. */
export async function runsAtWork(ctx: QueryCtx, userId: Id<"users">, limit: number): Promise<Doc<"runs">[]> {
  const ofPerson = ctx.db.query("runs");
  const waiting = await ofPerson
    .withIndex("by_user_state", (q) => q.eq("userId", userId).eq("state.kind", "waiting"))
    .take(limit);
  // No other state is between these two.
  const started = await ofPerson
    .withIndex("by_user_state", (q) =>
      q.eq("userId", userId).gte("state.kind", "called").lte("state.kind", "claimed"),
    )
    .take(limit);
  return [...waiting, ...started];
}

/** Runs of one person that are looked at: more than anybody keeps an eye on. */
const MAX_LOOKED_THROUGH = 100;

/** The person's chats whose run waits for a place, or for its person's approval. */
export async function chatsWithRun(
  ctx: QueryCtx,
  userId: Id<"users">,
  kind: "waiting" | "awaitingApproval",
): Promise<Id<"tasks">[]> {
  const runs = await ctx.db
    .query("runs")
    .withIndex("by_user_state", (q) => q.eq("userId", userId).eq("state.kind", kind))
    .take(MAX_LOOKED_THROUGH);
  return [...new Set(runs.map(({ taskId }) => taskId))];
}
