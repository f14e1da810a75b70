import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { readSummaryInput, storeSummary, vSummaryInput } from "./model/context/summaries";
import { viewerQuery } from "./model/functions";

/** What a model was told of the older part of a chat; null for one that is gone, or is not the caller's. [G11] */
export const read = viewerQuery({
  args: { summaryId: v.id("contextSummaries") },
  returns: v.union(v.string(), v.null()),
  handler: async (ctx, args) => {
    const summary = await ctx.db.get("contextSummaries", args.summaryId);
    return summary?.userId === ctx.userId ? summary.text : null;
  },
});

/** What `generate.summary` shows the model; null when there is nothing to summarise. */
export const input = internalQuery({
  args: { messageId: v.id("chatMessages") },
  returns: v.union(vSummaryInput, v.null()),
  handler: (ctx, args) => readSummaryInput(ctx, args.messageId),
});

/** Keeps what the model wrote. */
export const store = internalMutation({
  args: { upTo: v.number(), lastMessageId: v.id("chatMessages"), text: v.string() },
  returns: v.null(),
  handler: (ctx, args) => storeSummary(ctx, args),
});
