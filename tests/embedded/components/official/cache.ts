/** `@convex-dev/action-cache`. */
import { ActionCache } from "@convex-dev/action-cache";
import { v } from "convex/values";
import { api } from "./api.ts";
import { action, components, internalAction, mutation } from "./server.ts";

type Component = ConstructorParameters<typeof ActionCache>[0];

const embeddings = new ActionCache(components["actionCache"] as Component, {
  action: api.cache.embed,
  name: "embed-v1",
  ttl: 60_000,
});

export const embed = internalAction({
  args: { text: v.string() },
  handler: async (ctx, { text }): Promise<number[]> => {
    const times: number = await ctx.runMutation(api.notes.add, { name: `embed ${text}` });
    return [text.length, times];
  },
});

export const get = action({
  args: { text: v.string(), force: v.optional(v.boolean()) },
  handler: (ctx, { text, force }): Promise<number[]> =>
    embeddings.fetch(ctx, { text }, { force: force ?? false }),
});

export const remove = mutation({
  args: { text: v.string() },
  handler: async (ctx, { text }) => {
    await embeddings.remove(ctx, { text });
  },
});

export const removeAll = mutation({
  args: {},
  handler: async (ctx) => {
    await embeddings.removeAllForName(ctx);
  },
});
