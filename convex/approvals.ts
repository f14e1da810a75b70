import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import { viewerMutation } from "./model/functions";
import { answerApproval, awaitApproval, startApproved, vApprovalOutcome } from "./model/tools/approvals";
import { vCallToApprove } from "./model/tools/approvalRows";
import { vRunRequest } from "./model/context/runRequest";
import { vLastFlush, vUsage } from "./model/validators";

/**
 * Approves or refuses a tool call that waits for it, from any of the person's devices; the first answer counts. When it was the last call
 * that waited, the run goes on: then call `generate.start` with the `runId`. Errors: NOT_FOUND, BUDGET_USED_UP.
 */
export const answer = viewerMutation({
  args: { messageId: v.id("chatMessages"), toolCallId: v.string(), approved: v.boolean() },
  returns: vApprovalOutcome,
  handler: (ctx, args) => answerApproval(ctx, ctx.userId, args),
});

/** The generator's turn has ended with calls that a person must approve: its run waits for that. */
export const ask = internalMutation({
  args: {
    runId: v.string(),
    last: vLastFlush,
    calls: v.array(vCallToApprove),
    answeredBy: v.optional(v.string()),
    usage: v.optional(vUsage),
    request: v.optional(vRunRequest),
  },
  returns: v.null(),
  handler: (ctx, args) => awaitApproval(ctx, args),
});

/** Takes an approved call for the generator of this run; false when it must not run it. */
export const start = internalMutation({
  args: { runId: v.string(), toolCallId: v.string() },
  returns: v.boolean(),
  handler: (ctx, args) => startApproved(ctx, args),
});
