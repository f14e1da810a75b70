import { actionGeneric, anyApi, mutationGeneric, queryGeneric } from "convex/server";

/** What a function is told of the request that it serves. */
export const ofMutation = mutationGeneric({
  args: {},
  handler: (ctx) => ctx.meta.getRequestMetadata(),
});

export const ofAction = actionGeneric({
  args: {},
  handler: async (ctx) => ({
    own: await ctx.meta.getRequestMetadata(),
    called: (await ctx.runMutation(anyApi["requests"]!["ofMutation"]!, {})) as unknown,
  }),
});

/** Queries are shared by whoever asks, so they are not told. */
export const ofQuery = queryGeneric({
  args: {},
  handler: (ctx) =>
    (ctx.meta as unknown as { getRequestMetadata?: () => unknown }).getRequestMetadata?.() ?? null,
});

export const fail = mutationGeneric({
  args: {},
  handler: () => {
    throw new Error("in a file of the server");
  },
});
