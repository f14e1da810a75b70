import { v } from "convex/values";
import { internalMutation, note, query } from "./server.ts";

export const list = query({
  args: { name: v.string() },
  handler: async (ctx, { name }): Promise<unknown[]> => {
    const notes = await ctx.db
      .query("notes")
      .withIndex("by_name", (q) => q.eq("name", name))
      .collect();
    return notes.map(({ detail }) => detail as unknown);
  },
});

export const add = internalMutation({
  args: { name: v.string(), detail: v.optional(v.any()) },
  handler: (ctx, { name, detail }): Promise<number> => note(ctx, name, detail ?? null),
});
