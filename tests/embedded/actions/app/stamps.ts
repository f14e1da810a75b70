import { internalMutationGeneric, makeFunctionReference, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import type { CommitTsPlaceholder } from "convex/values";

type At = { at: bigint | CommitTsPlaceholder };
const insertOne = makeFunctionReference<"mutation", At, At>("stamps:insert");

/** How many stamps of its own the mutation finds, and whether they are placeholders. */
export const add = mutationGeneric({
  args: {},
  handler: async (ctx): Promise<[number, boolean]> => {
    const { commitTs } = ctx.db.vars;
    const { at } = await ctx.runMutation(insertOne, { at: commitTs });
    await ctx.db.insert("stamps", { at });
    const own = await ctx.db
      .query("stamps")
      .withIndex("by_at", (q) => q.eq("at", commitTs))
      .collect();
    return [own.length, own.every((stamp) => stamp["at"] === commitTs)];
  },
});

export const insert = internalMutationGeneric({
  args: { at: v.commitTs() },
  returns: v.object({ at: v.commitTs() }),
  handler: async (ctx, { at }) => {
    await ctx.db.insert("stamps", { at });
    return { at };
  },
});
export const list = queryGeneric(async (ctx) =>
  (await ctx.db.query("stamps").collect()).map(({ at }) => at as bigint),
);

export const giveBack = mutationGeneric(async (ctx) => ctx.db.vars.commitTs);

export const schedule = mutationGeneric(async (ctx) => {
  await ctx.scheduler.runAfter(0, insertOne, { at: ctx.db.vars.commitTs });
});
