import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { readOverview, vOverview } from "./model/metrics/overview";
import { recordDuration } from "./model/metrics/metrics";

/** Counters, durations, and the invariants as they are now, computed from the newest rows. */
export const overview = internalQuery({
  args: {},
  returns: vOverview,
  handler: (ctx) => readOverview(ctx),
});

/** A duration that only a generator can see. */
export const record = internalMutation({
  args: { name: v.literal("stopLatency"), ms: v.number() },
  returns: v.null(),
  handler: (ctx, args) => recordDuration(ctx, args.name, args.ms),
});
