"use node";

import { v } from "convex/values";
import { internalAction } from "./_generated/server";
import { viewerAction } from "./model/functions";
import { generateAnswer } from "./model/generator/generateAnswer";
import { generateFollowUps } from "./model/generator/generateFollowUps";
import { generateTitle } from "./model/generator/generateTitle";

/**
 * Generates the answer of a run; returns when the run has ended. The page calls it right after `messages.send`, and again when it sees
 * that the run is called. It returns at once when there is no place for the run yet, so that it goes on waiting, and when it is already
 * taken, has ended, or is not the caller's.
 */
export const start = viewerAction({
  args: { runId: v.string() },
  returns: v.null(),
  handler: async (ctx, args) => {
    await generateAnswer(ctx, { runId: args.runId, userId: ctx.userId });
    return null;
  },
});

/** The same for a run that no page started: scheduled by its start check. */
export const startScheduled = internalAction({
  args: { runId: v.string() },
  returns: v.null(),
  handler: async (ctx, args) => {
    await generateAnswer(ctx, { runId: args.runId, userId: null });
    return null;
  },
});

/** Asks the chat's model for a title: scheduled by the end of its first answer, and once more by that of the next. */
export const title = internalAction({
  args: { messageId: v.id("chatMessages") },
  returns: v.null(),
  handler: (ctx, args) => generateTitle(ctx, args.messageId),
});

/** Asks the chat's model what may be sent after an answer: scheduled by `followUps.request`, once for each answer. */
export const followUps = internalAction({
  args: { messageId: v.id("chatMessages") },
  returns: v.null(),
  handler: (ctx, args) => generateFollowUps(ctx, args.messageId),
});
