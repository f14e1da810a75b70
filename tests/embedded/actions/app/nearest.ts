import { actionGeneric, makeFunctionReference } from "convex/server";
import type { GenericActionCtx } from "convex/server";
import { v } from "convex/values";
import type { DataModelFromSchemaDefinition } from "convex/server";
import type schema from "./schema.ts";

const addPoint = makeFunctionReference<"mutation", { at: number[]; kind: string }, string>("notes:addPoint");

/** Adds a point, and finds those of a kind, or of any, that are nearest to another one. */
export const nearest = actionGeneric({
  args: {
    add: v.array(v.float64()),
    kind: v.string(),
    to: v.array(v.float64()),
    only: v.optional(v.string()),
  },
  handler: async (ctx, { add, kind, to, only }) => {
    const id = await ctx.runMutation(addPoint, { at: add, kind });
    const { vectorSearch } = ctx as unknown as GenericActionCtx<DataModelFromSchemaDefinition<typeof schema>>;
    const hits = await vectorSearch("points", "by_at", {
      vector: to,
      limit: 2,
      ...(only !== undefined && { filter: (q) => q.or(q.eq("kind", only), q.eq("kind", "none")) }),
    });
    return hits.map(({ _id, _score }) => ({ isOwn: _id === id, score: _score }));
  },
});
