/** `@convex-dev/sharded-counter`. */
import { ShardedCounter } from "@convex-dev/sharded-counter";
import { v } from "convex/values";
import { components, mutation, query } from "./server.ts";

const counter = new ShardedCounter<string>(
  components["shardedCounter"] as ConstructorParameters<typeof ShardedCounter>[0],
  { shards: { visits: 4 } },
);
const visits = counter.for("visits");

export const visit = mutation({
  args: { times: v.number() },
  handler: async (ctx, { times }) => {
    await visits.add(ctx, times);
    await counter.inc(ctx, "all");
  },
});

export const rebalance = mutation({ args: {}, handler: (ctx) => visits.rebalance(ctx) });
export const reset = mutation({ args: {}, handler: (ctx) => visits.reset(ctx) });

export const counts = query({
  args: {},
  handler: async (ctx): Promise<number[]> => [
    await visits.count(ctx),
    await counter.estimateCount(ctx, "visits", 4),
    await counter.count(ctx, "all"),
  ],
});
