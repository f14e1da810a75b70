import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { foldEvents as foldEventsModel } from "./model/metrics/events";
import { readOverview, vOverview } from "./model/metrics/overview";

/** Figures of the newest runs, rare events since the beginning, and the invariants as they are now, computed from the newest rows. */
export const overview = internalQuery({
  args: {},
  returns: vOverview,
  handler: (ctx) => readOverview(ctx),
});

/** Adds the events since the last time to the totals; called by the cron. */
export const foldEvents = internalMutation({
  args: {},
  returns: v.null(),
  handler: (ctx) => foldEventsModel(ctx),
});
