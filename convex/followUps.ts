import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { vExchange } from "./model/suggestions/exchange";
import {
  areFollowUpsAwaited,
  getFollowUps,
  readFollowUpsInput,
  requestFollowUps,
  settleFollowUps,
} from "./model/suggestions/followUps";
import { viewerMutation, viewerQuery } from "./model/functions";
import { vFollowUps } from "./model/validators";

const messageId = v.id("chatMessages");

/**
 * What the caller may want to send after the last answer that a chat shows; null when nobody has asked for it yet. By the chat, so that
 * a page that opens it can ask together with its messages.
 */
export const get = viewerQuery({
  args: { taskId: v.id("tasks") },
  returns: v.union(v.object({ messageId, followUps: vFollowUps }), v.null()),
  handler: (ctx, args) => getFollowUps(ctx, ctx.userId, args.taskId),
});

/**
 * Has the chat's model asked what may be sent next: once for an answer, however often this is called. Does nothing unless the answer
 * is the caller's, finished, the last that its chat shows, and the chat idle; nor beyond 20 times a minute.
 */
export const request = viewerMutation({
  args: { messageId },
  returns: v.null(),
  handler: (ctx, args) => requestFollowUps(ctx, ctx.userId, args.messageId),
});

/** What `generate.followUps` shows the model; null when it shall not be asked any more. */
export const input = internalQuery({
  args: { messageId },
  returns: v.union(vExchange, v.null()),
  handler: (ctx, args) => readFollowUpsInput(ctx, args.messageId),
});

/** Does anybody still wait for the model's reply? */
export const isAwaited = internalQuery({
  args: { messageId },
  returns: v.boolean(),
  handler: (ctx, args) => areFollowUpsAwaited(ctx, args.messageId),
});

/** Stores what the model suggested, if anything. */
export const settle = internalMutation({
  args: { messageId, suggestions: v.array(v.string()) },
  returns: v.null(),
  handler: (ctx, args) => settleFollowUps(ctx, args),
});
