import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { endExpiredRuns, watchRun } from "./model/runs/expiry";
import { viewerQuery } from "./model/functions";
import { isLocked as isLockedModel } from "./model/runs/generationLock";
import { readRunInput, vRunInput } from "./model/runs/runInput";
import { claimRun, startIfUnclaimed } from "./model/runs/runs";
import { findTask } from "./model/chats/tasks";

/** Is an answer being generated in this chat? False for a chat that is not the caller's. */
export const isLocked = viewerQuery({
  args: { taskId: v.id("tasks") },
  returns: v.boolean(),
  handler: async (ctx, args) => {
    const task = await findTask(ctx, ctx.userId, args.taskId);
    return task !== null && (await isLockedModel(ctx, task._id));
  },
});

/** Takes a run for one generator. True for the first caller, false for everyone after, or when the run has ended. */
export const claim = internalMutation({
  args: { runId: v.string(), userId: v.union(v.id("users"), v.null()) },
  returns: v.boolean(),
  handler: (ctx, args) => claimRun(ctx, args),
});

/** What a claimed run needs to know; null when it has ended. */
export const runInput = internalQuery({
  args: { runId: v.string() },
  returns: v.union(vRunInput, v.null()),
  handler: (ctx, args) => readRunInput(ctx, args.runId),
});

/** The start check: a run that nobody claimed (the tab was closed) is started from here. */
export const startCheck = internalMutation({
  args: { runId: v.string() },
  returns: v.null(),
  handler: (ctx, args) => startIfUnclaimed(ctx, args.runId),
});

/** The watchdog: ends the run if its lease or its time is over, else comes back when it could be. [G6] */
export const watchdog = internalMutation({
  args: { runId: v.string() },
  returns: v.null(),
  handler: (ctx, args) => watchRun(ctx, args.runId),
});

/** Ends what a watchdog missed; called by the crons. Returns how many runs were ended. [G6] */
export const cleanupExpiredLocks = internalMutation({
  args: {},
  returns: v.number(),
  handler: (ctx) => endExpiredRuns(ctx),
});
