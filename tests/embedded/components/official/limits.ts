/** `@convex-dev/rate-limiter`. */
import { HOUR, RateLimiter } from "@convex-dev/rate-limiter";
import { v } from "convex/values";
import { components, mutation, query } from "./server.ts";

const rateLimiter = new RateLimiter(
  components["rateLimiter"] as ConstructorParameters<typeof RateLimiter>[0],
  {
    freeTrialSignUp: { kind: "fixed window", rate: 2, period: HOUR },
    sendMessage: { kind: "token bucket", rate: 1, period: HOUR, capacity: 3 },
    llmTokenBudget: { kind: "token bucket", rate: 10, period: HOUR, applyUpdates: "asynchronously" },
    llmTokens: { kind: "token bucket", rate: 40, period: HOUR, shards: 2 },
  },
);

const vName = v.union(
  v.literal("freeTrialSignUp"),
  v.literal("sendMessage"),
  v.literal("llmTokenBudget"),
  v.literal("llmTokens"),
);
const args = { name: vName, key: v.optional(v.string()), count: v.optional(v.number()) };

export const limit = mutation({
  args: { ...args, throws: v.optional(v.boolean()), thenFail: v.optional(v.boolean()) },
  handler: async (ctx, { name, thenFail, ...options }): Promise<boolean> => {
    const { ok } = await rateLimiter.limit(ctx, name, options);
    if (thenFail === true) throw new Error("taken back");
    return ok;
  },
});

export const check = query({
  args,
  handler: async (ctx, { name, ...options }): Promise<boolean> =>
    (await rateLimiter.check(ctx, name, options)).ok,
});

export const reset = mutation({
  args: { name: vName, key: v.string() },
  handler: async (ctx, { name, key }) => {
    await rateLimiter.reset(ctx, name, { key });
  },
});

export const value = query({
  args: { name: vName },
  handler: async (ctx, { name }): Promise<number> => (await rateLimiter.getValue(ctx, name)).value,
});

export const { getRateLimit, getServerTime } = rateLimiter.hookAPI("sendMessage", {
  key: (_ctx, key) => key ?? "nobody",
});
