import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { log } from "../log";
import { LEASE_MS, START_CHECK_MS, runLimitMs } from "../settings";
import { endRun, type RunEnd } from "./endRun";
import { cleanupExpired, findLive, findRun, isExpired, liveRunIn } from "./generationLock";
import { adoptOldRun, tasksWithOldLocks } from "./migrate";
import { closeAnswer, setAside } from "./setAside";

/**
 * When a run is given up: a claimed one if it was silent for its lease, exceeded its time, or lost its generator with the process. A
 * waiting one is given up only after an hour without a free place. [G6, G15]
 */

const CRASHED = "The reply was interrupted before it was complete.";
const NO_PLACE = "The reply was not started: no place became free for it.";
const TIMED_OUT = "The reply took longer than is allowed.";

/** How long after the limit the generator may still end its run itself, with its last words. */
const LIMIT_GRACE_MS = 10_000;

/** Runs that one call looks at; there may be more. */
const BATCH = 100;

/** Milliseconds since the run's last sign of life. Without its live row, that was its claim. */
async function silenceOf(ctx: QueryCtx, run: Doc<"runs">): Promise<{ silentMs: number; isOver: boolean }> {
  const now = Date.now();
  const live = await findLive(ctx, run.runId);
  if (live) return { silentMs: now - live.heartbeatAt, isOver: isExpired(live, now) };
  const since = run.state.kind === "claimed" ? run.state.claimedAt : run.createdAt;
  return { silentMs: Math.max(0, now - since), isOver: true };
}

/** For a change to the chat: ends its live run if the lease has expired, and returns whether it had. */
export async function endIfExpired(
  ctx: MutationCtx,
  run: Doc<"runs">,
  queue: RunEnd["queue"],
): Promise<boolean> {
  if (run.state.kind !== "claimed") return false;
  const { silentMs, isOver } = await silenceOf(ctx, run);
  if (!isOver) return false;
  log("RECOVERY", `Run ${run.runId} was silent for ${silentMs} ms`);
  await endRun(ctx, run, {
    endReason: "crashed",
    errorMessage: CRASHED,
    givenUp: { silentMs, foundAt: "lease" },
    queue,
  });
  return true;
}

/** The watchdog of a claimed run: gives it up if its lease or its time is over, and otherwise checks again when either could be. */
export async function watchRun(ctx: MutationCtx, runId: string): Promise<null> {
  const run = await findRun(ctx, runId);
  if (!run) return await removeStray(ctx, runId);
  const { state } = run;
  if (state.kind !== "claimed") return null;
  const now = Date.now();
  const live = await findLive(ctx, runId);
  const limit = state.claimedAt + runLimitMs() + LIMIT_GRACE_MS;
  if (!live || isExpired(live, now)) return await giveUp(ctx, run, "lease");
  if (now >= limit) return await giveUp(ctx, run, "limit");
  const next = Math.min(live.heartbeatAt + LEASE_MS, limit);
  // At least a second, even if clocks disagree.
  await ctx.scheduler.runAfter(Math.max(next - now, 1_000), internal.generation.watchdog, { runId });
  return null;
}

/** A live row without a run comes from a version before `runs`, or is damage that nobody else would find. */
async function removeStray(ctx: MutationCtx, runId: string): Promise<null> {
  const live = await findLive(ctx, runId);
  if (!live) return null;
  const adopted = live.taskId && (await adoptOldRun(ctx, live.taskId));
  if (adopted?.runId === runId) return await watchRun(ctx, runId);
  log("RECOVERY", `The live row of ${runId} belongs to no run: removed`);
  await ctx.db.delete("streamingResponses", live._id);
  const { messageId } = live;
  if (messageId && !(await liveRunIn(ctx, messageId))) await closeAnswer(ctx, messageId);
  return null;
}

export const vGivenUpFor = v.union(
  v.literal("lease"),
  v.literal("limit"),
  v.literal("restart"),
  v.literal("noPlace"),
);
type GivenUpFor = Infer<typeof vGivenUpFor>;

/** Ends a run in a transaction of its own. If that fails, the run is set aside, so that it blocks nobody. */
export async function giveUp(ctx: MutationCtx, run: Doc<"runs">, reason: GivenUpFor): Promise<null> {
  try {
    await ctx.runMutation(internal.generation.endGivenUp, { runId: run.runId, reason });
  } catch (error) {
    await setAside(ctx, run, error instanceof Error ? error.message : String(error));
  }
  return null;
}

/** Ends a run as given up, unless its state has changed meanwhile. */
export async function endGivenUp(
  ctx: MutationCtx,
  args: { runId: string; reason: GivenUpFor },
): Promise<null> {
  const run = await findRun(ctx, args.runId);
  if (!run || run.state.kind === "ended") return null;
  if ((run.state.kind === "claimed") === (args.reason === "noPlace")) return null;
  const { silentMs } = await silenceOf(ctx, run);
  switch (args.reason) {
    case "noPlace":
      await endRun(ctx, run, { endReason: "timedOut", errorMessage: NO_PLACE, queue: "advance" });
      return null;
    case "limit":
      await endRun(ctx, run, { endReason: "timedOut", errorMessage: TIMED_OUT, queue: "advance" });
      return null;
    case "lease":
    case "restart":
      log("RECOVERY", `Run ${run.runId} is given up (${args.reason}) after ${silentMs} ms of silence`);
      await endRun(ctx, run, {
        endReason: "crashed",
        errorMessage: CRASHED,
        givenUp: { silentMs, foundAt: args.reason },
        queue: "advance",
      });
      return null;
    default:
      return args.reason satisfies never;
  }
}

/**
 * What the crons do: find what nobody else did, and schedule a mutation for each such run, so that one which cannot be ended does not
 * hold up the others. Returns how many were silent for their lease.
 */
export async function findExpired(ctx: MutationCtx): Promise<number> {
  const watch = (runId: string) => ctx.scheduler.runAfter(0, internal.generation.watchdog, { runId });
  const now = Date.now();
  const silent = await cleanupExpired(ctx, now, watch);
  const claimed = await ctx.db
    .query("runs")
    .withIndex("by_state", (q) => q.eq("state.kind", "claimed"))
    .take(BATCH);
  const longest = runLimitMs() + LIMIT_GRACE_MS + LEASE_MS;
  for (const { runId, state } of claimed) {
    // Its watchdog must have been lost.
    if (state.kind === "claimed" && now - state.claimedAt > longest) await watch(runId);
  }
  for (const taskId of await tasksWithOldLocks(ctx)) {
    await ctx.scheduler.runAfter(0, internal.recovery.adopt, { taskId });
  }
  await ctx.scheduler.runAfter(0, internal.generation.callNext, {});
  return silent;
}

/** The ids of claimed runs, at most one batch. */
export async function claimedRuns(ctx: QueryCtx): Promise<string[]> {
  const runs = await ctx.db
    .query("runs")
    .withIndex("by_state", (q) => q.eq("state.kind", "claimed"))
    .take(BATCH);
  return runs.map(({ runId }) => runId);
}

/** Ends a run whose generator died with the process before this one. */
export async function endOrphan(ctx: MutationCtx, runId: string): Promise<null> {
  const run = await findRun(ctx, runId);
  return run?.state.kind === "claimed" ? await giveUp(ctx, run, "restart") : null;
}

/** Makes the chat's old lock a run; see `migrate.ts`. */
export async function adoptOld(ctx: MutationCtx, taskId: Id<"tasks">): Promise<null> {
  const run = await adoptOldRun(ctx, taskId);
  if (!run) return null;
  const { runId } = run;
  if (run.state.kind === "claimed") await ctx.scheduler.runAfter(0, internal.generation.watchdog, { runId });
  else await ctx.scheduler.runAfter(START_CHECK_MS, internal.generation.startCheck, { runId });
  return null;
}
