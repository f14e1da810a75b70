/** `@convex-dev/action-retrier`. */
import { ActionRetrier, runIdValidator, runResultValidator, type RunId } from "@convex-dev/action-retrier";
import { v } from "convex/values";
import { api } from "./api.ts";
import { components, internalAction, internalMutation, mutation, note, query } from "./server.ts";

const retrier = new ActionRetrier(
  components["actionRetrier"] as ConstructorParameters<typeof ActionRetrier>[0],
  { initialBackoffMs: 10, base: 2, maxFailures: 3, logLevel: "ERROR" },
);

export const begin = mutation({
  args: { name: v.string(), failures: v.number() },
  handler: (ctx, args): Promise<RunId> =>
    retrier.run(ctx, api.retries.flaky, args, { onComplete: api.retries.ended }),
});

export const flaky = internalAction({
  args: { name: v.string(), failures: v.number() },
  handler: async (ctx, { name, failures }): Promise<string> => {
    const attempt: number = await ctx.runMutation(api.notes.add, { name: `attempt ${name}` });
    if (attempt <= failures) throw new Error(`attempt ${attempt} failed`);
    return `done at attempt ${attempt}`;
  },
});

export const ended = internalMutation({
  args: { runId: runIdValidator, result: runResultValidator },
  handler: async (ctx, { result }) => {
    await note(ctx, "retried", result);
  },
});

export const status = query({
  args: { runId: v.string() },
  handler: async (ctx, { runId }): Promise<string> => {
    const state = await retrier.status(ctx, runId as RunId);
    return state.type === "completed" ? state.result.type : state.type;
  },
});

export const cleanUp = mutation({
  args: { runId: v.string() },
  handler: async (ctx, { runId }) => {
    await retrier.cleanup(ctx, runId as RunId);
  },
});
