/** The simplest way to stream on Convex: one document that holds the answer and is patched at each flush. */
import { internalMutationGeneric, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";

export const send = mutationGeneric({
  args: { prompt: v.string() },
  returns: v.id("messages"),
  handler: (ctx, { prompt }) => ctx.db.insert("messages", { prompt, body: "", isDone: false }),
});

export const get = queryGeneric({
  args: { messageId: v.id("messages") },
  handler: (ctx, { messageId }) => ctx.db.get("messages", messageId),
});

export const write = internalMutationGeneric({
  args: { messageId: v.id("messages"), body: v.string(), isDone: v.boolean() },
  returns: v.null(),
  handler: async (ctx, { messageId, body, isDone }) => {
    await ctx.db.patch("messages", messageId, { body, isDone });
    return null;
  },
});
