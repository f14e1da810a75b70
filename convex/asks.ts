import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import { endAsk, startNext as startNextModel, vAskTold } from "./model/suggestions/asks";

/** Has models asked what waits for it, as far as there are places; after each question, and by a cron. */
export const startNext = internalMutation({
  args: {},
  returns: v.null(),
  handler: (ctx) => startNextModel(ctx),
});

/** A question is over, whatever came of it. `told`: what it took; null when that is not known. */
export const end = internalMutation({
  args: { askId: v.id("asks"), told: v.optional(v.union(vAskTold, v.null())) },
  returns: v.null(),
  handler: (ctx, args) => endAsk(ctx, args.askId, args.told ?? null),
});
