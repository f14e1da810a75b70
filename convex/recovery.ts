import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { adoptOld, claimedRuns, endOrphan as endOrphanModel } from "./model/runs/giveUp";
import { tasksWithOldLocks } from "./model/runs/migrate";

/**
 * For whoever starts a backend whose actions died with its last process: the runs that a generator had claimed are ended at once
 * instead of after their lease, each in a transaction of its own, before anything is served. Runs that wait are left to be called.
 * `scripts/recovery.ts` is the caller.
 */

/** What there is to do: `runIds` for `endOrphan`, `taskIds` for `adopt`, which comes first; some of each, so ask again. */
export const listOrphans = internalQuery({
  args: {},
  returns: v.object({ runIds: v.array(v.string()), taskIds: v.array(v.id("tasks")) }),
  handler: async (ctx) => ({ runIds: await claimedRuns(ctx), taskIds: await tasksWithOldLocks(ctx) }),
});

/** Ends one run whose generator died; if it cannot be ended as others are, it is set aside. */
export const endOrphan = internalMutation({
  args: { runId: v.string() },
  returns: v.null(),
  handler: (ctx, args) => endOrphanModel(ctx, args.runId),
});

/** Makes the lock of a version before `runs` a run. */
export const adopt = internalMutation({
  args: { taskId: v.id("tasks") },
  returns: v.null(),
  handler: (ctx, args) => adoptOld(ctx, args.taskId),
});
