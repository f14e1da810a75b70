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

export const rebalance = mutation({
  args: {},
  handler: async (ctx) => {
    await visits.rebalance(ctx);
  },
});
export const reset = mutation({
  args: {},
  handler: async (ctx) => {
    await visits.reset(ctx);
  },
});

export const counts = query({
  args: {},
  handler: async (ctx): Promise<number[]> => {
    const count: number = await visits.count(ctx);
    const estimate: number = await counter.estimateCount(ctx, "visits", 4);
    const all: number = await counter.count(ctx, "all");
    return [count, estimate, all];
  },
});
