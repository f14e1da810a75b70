import { v } from "convex/values";
import { internal } from "./_generated/api";
import { internalAction, internalMutation, internalQuery } from "./_generated/server";
import { adminQuery } from "./model/functions";
import { listHealth, readHealth, storeHealth } from "./model/metrics/health";
import { vHealth, type Health } from "./model/metrics/healthSample";

/** How the machinery is doing, as of this call: to be asked now and then, not to be subscribed to. */
export const now = adminQuery({
  args: {},
  returns: vHealth,
  handler: (ctx) => readHealth(ctx),
});

/** The same for each hour of the last 30 days, oldest first. */
export const history = adminQuery({
  args: {},
  returns: v.array(vHealth.extend({ at: v.number() })),
  handler: (ctx) => listHealth(ctx),
});

export const read = internalQuery({
  args: {},
  returns: vHealth,
  handler: (ctx) => readHealth(ctx),
});

export const store = internalMutation({
  args: { sample: vHealth },
  returns: v.null(),
  handler: (ctx, args) => storeHealth(ctx, args.sample),
});

/** Keeps a sample; called by a cron. An action, because a mutation that reads so much would conflict with every send. */
export const sample = internalAction({
  args: {},
  returns: v.null(),
  handler: async (ctx): Promise<null> => {
    const now: Health = await ctx.runQuery(internal.health.read, {});
    return await ctx.runMutation(internal.health.store, { sample: now });
  },
});
