/** `@convex-dev/workflow`: steps one after the other and at once, a retry, a sleep, an event, and the end. */
import { start, vWorkflowId, WorkflowManager, type WorkflowId } from "@convex-dev/workflow";
import { v } from "convex/values";
import { api } from "./api.ts";
import {
  components,
  internalAction,
  internalMutation,
  internalQuery,
  mutation,
  note,
  query,
} from "./server.ts";

const workflow = new WorkflowManager(
  components["workflow"] as ConstructorParameters<typeof WorkflowManager>[0],
  { workpoolOptions: { defaultRetryBehavior: { maxAttempts: 3, initialBackoffMs: 10, base: 2 } } },
);

export const userOnboarding = workflow
  .define({ args: { name: v.string() }, returns: v.string() })
  .handler(async (step, { name }): Promise<string> => {
    const [greeting, plan] = await Promise.all([
      step.runAction(api.onboarding.write, { name }, { retry: true }),
      step.runQuery(api.onboarding.planOf, { name }),
    ]);
    const sent = await step.runMutation(api.onboarding.send, { text: greeting }, { inline: true });
    await step.sleep(10);
    await step.awaitEvent({ name: "verified" });
    return `${plan}, ${sent}`;
  });

/** Fails at its first attempt. */
export const write = internalAction({
  args: { name: v.string() },
  handler: async (ctx, { name }): Promise<string> => {
    const attempt: number = await ctx.runMutation(api.notes.add, { name: `write ${name}` });
    if (attempt === 1) throw new Error("the model is busy");
    return `hello ${name}`;
  },
});

export const planOf = internalQuery({
  args: { name: v.string() },
  handler: async (_ctx, { name }): Promise<string> => `free for ${name}`,
});

export const send = internalMutation({
  args: { text: v.string() },
  handler: (ctx, { text }): Promise<number> => note(ctx, "sent", text),
});

export const ended = internalMutation({
  args: { workflowId: vWorkflowId, result: v.any(), context: v.any() },
  handler: async (ctx, { result, context }) => {
    await note(ctx, "ended", { result: result as unknown, context: context as unknown });
  },
});

export const kickOff = mutation({
  args: { name: v.string() },
  handler: (ctx, { name }): Promise<WorkflowId> =>
    start(
      ctx,
      api.onboarding.userOnboarding,
      { name },
      { onComplete: api.onboarding.ended, context: { of: name } },
    ),
});

export const verify = mutation({
  args: { workflowId: vWorkflowId },
  handler: async (ctx, { workflowId }) => {
    await workflow.sendEvent(ctx, { name: "verified", workflowId });
  },
});

export const cancel = mutation({
  args: { workflowId: vWorkflowId },
  handler: async (ctx, { workflowId }) => {
    await workflow.cancel(ctx, workflowId);
  },
});

export const status = query({
  args: { workflowId: vWorkflowId },
  handler: async (ctx, { workflowId }): Promise<{ type: string; running: string[] }> => {
    const state = await workflow.status(ctx, workflowId);
    const running = state.type === "inProgress" ? state.running.map(({ name }) => name) : [];
    return { type: state.type, running };
  },
});
