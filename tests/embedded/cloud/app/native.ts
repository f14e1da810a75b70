"use node";
import { actionGeneric, anyApi } from "convex/server";
import { v } from "convex/values";

const functions = anyApi["functions"]!;

export const audit = actionGeneric({
  args: { room: v.string() },
  handler: async (ctx, args) => {
    try {
      await ctx.runMutation(functions["audit"] as never, args as never);
      return "done";
    } catch (error) {
      return `caught: ${(error as Error).message}`;
    }
  },
});
