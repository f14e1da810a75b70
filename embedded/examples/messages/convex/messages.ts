import { v } from "convex/values";
import { internal } from "./_generated/api";
import { internalMutation, mutation, query } from "./_generated/server";

export const newest = query({
  args: {},
  handler: (ctx) => ctx.db.query("messages").order("desc").take(10),
});

export const send = mutation({
  args: { author: v.string(), text: v.string() },
  handler: async (ctx, message) => {
    const id = await ctx.db.insert("messages", message);
    await ctx.scheduler.runAfter(60_000, internal.messages.expire, { id });
  },
});

export const expire = internalMutation({
  args: { id: v.id("messages") },
  handler: (ctx, { id }) => ctx.db.delete("messages", id),
});
