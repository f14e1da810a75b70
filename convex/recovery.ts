import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import { endOrphans } from "./model/runs/expiry";

/**
 * For whoever starts a backend whose actions died with its last process: ends the runs that a generator had claimed, at
 * once instead of after their lease. Call it before serving, until `more` is false. Unclaimed runs are left to
 * their start check.
 */
export const endOrphanedRuns = internalMutation({
  args: {},
  returns: v.object({ ended: v.number(), more: v.boolean() }),
  handler: (ctx) => endOrphans(ctx),
});
