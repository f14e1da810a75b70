"use node";

import { v } from "convex/values";
import { internal } from "./_generated/api";
import type { Id } from "./_generated/dataModel";
import { internalAction, type ActionCtx } from "./_generated/server";
import { viewerAction } from "./model/functions";
import { generateAnswer } from "./model/generator/generateAnswer";
import { generateFollowUps } from "./model/generator/generateFollowUps";
import { generateSummary } from "./model/generator/generateSummary";
import { generateTitle } from "./model/generator/generateTitle";
import type { AskTold } from "./model/suggestions/asks";
import { openMcpServers } from "./model/tools/mcp/openMcpServers";
import type { NodeServices } from "./model/tools/openTools";
import { readWebPage } from "./model/tools/web/readWebPage";

const NODE: NodeServices = {
  readPage: readWebPage,
  openServers: (chosen, signIns) => openMcpServers(chosen, signIns),
};

/**
 * Generates the answer of a run; returns when the run has ended. The page calls it right after `messages.send`, and again when it sees
 * that the run is called. It returns at once when there is no place for the run yet, so that it goes on waiting, and when it is already
 * taken, has ended, or is not the caller's.
 */
export const start = viewerAction({
  args: { runId: v.string() },
  returns: v.null(),
  handler: async (ctx, args) => {
    await generateAnswer(ctx, { runId: args.runId, userId: ctx.userId }, { node: NODE });
    return null;
  },
});

/** The same for a run that no page started: scheduled by its start check. */
export const startScheduled = internalAction({
  args: { runId: v.string() },
  returns: v.null(),
  handler: async (ctx, args) => {
    await generateAnswer(ctx, { runId: args.runId, userId: null }, { node: NODE });
    return null;
  },
});

/** A question beside an answer. Jobs that a version before `asks` scheduled have no `askId`. */
const question = { messageId: v.id("chatMessages"), askId: v.optional(v.id("asks")) };

type AskArgs = { messageId: Id<"chatMessages">; askId?: Id<"asks"> };

/** Asks, and ends the question with what it took; when even that is not known, with as much as it can have been. */
async function asking(
  ctx: ActionCtx,
  { messageId, askId }: AskArgs,
  generate: (ctx: ActionCtx, messageId: Id<"chatMessages">) => Promise<AskTold>,
): Promise<null> {
  let told: AskTold | null = null;
  try {
    told = await generate(ctx, messageId);
    return null;
  } finally {
    if (askId !== undefined) await ctx.runMutation(internal.asks.end, { askId, told });
  }
}

/** Asks the chat's model for a title: after the end of its first answer, and once more after that of the next. */
export const title = internalAction({
  args: question,
  returns: v.null(),
  handler: (ctx, args) => asking(ctx, args, generateTitle),
});

/** Asks the chat's model what may be sent after an answer: for `followUps.request`, once for each answer. */
export const followUps = internalAction({
  args: question,
  returns: v.null(),
  handler: (ctx, args) => asking(ctx, args, generateFollowUps),
});

/** Asks the chat's model to summarise what no longer fits into its context: after the end of an answer that was not sent all. */
export const summary = internalAction({
  args: question,
  returns: v.null(),
  handler: (ctx, args) => asking(ctx, args, generateSummary),
});
