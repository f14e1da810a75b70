import { v } from "convex/values";
import { viewerMutation } from "./model/functions";
import { cancelTool } from "./model/runs/toolCalls";
import { stopRun, vStopOutcome } from "./model/runs/stop";

/**
 * Stops the live run of a chat and holds its queue. Succeeds also when there is nothing to stop. [G7]
 * `messageId` is the answer that was stopped, or else the chat's last answer. Errors: NOT_FOUND.
 */
export const stopTask = viewerMutation({
  args: { taskId: v.id("tasks") },
  returns: v.object({
    outcome: vStopOutcome,
    messageId: v.union(v.id("chatMessages"), v.null()),
  }),
  handler: (ctx, args) => stopRun(ctx, ctx.userId, args.taskId),
});

/** Cancels one tool call of a live answer; the run goes on without its result. Succeeds also when the call has ended. */
export const cancelToolCall = viewerMutation({
  args: { messageId: v.id("chatMessages"), toolCallId: v.string() },
  returns: v.object({ outcome: v.union(v.literal("cancelled"), v.literal("alreadyEnded")) }),
  handler: (ctx, args) => cancelTool(ctx, ctx.userId, args),
});
