import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import { vOutcome } from "./model/completions/completionObjects";
import { finishCompletion, forgetLooseFiles, stopCompletion } from "./model/completions/finishCompletion";
import { startCompletion, vNewCompletion } from "./model/completions/startCompletion";

/** What the HTTP action `POST /v1/chat/completions` (`http.ts`) asks of the database. */

/** A request becomes a prompt with its answer, once. Errors: as `messages.send`. */
export const start = internalMutation({
  args: { userId: v.id("users"), ...vNewCompletion },
  returns: v.object({
    ...{ taskId: v.id("tasks"), messageId: v.id("chatMessages"), runId: v.string() },
    /** Seconds since the epoch. */
    createdAt: v.number(),
  }),
  handler: (ctx, { userId, ...args }) => startCompletion(ctx, userId, args),
});

/** How an answer ended; the chat is known by `digest` from then on. Errors: NOT_FOUND. */
export const finish = internalMutation({
  args: { userId: v.id("users"), messageId: v.id("chatMessages"), digest: v.string() },
  returns: vOutcome,
  handler: (ctx, { userId, ...args }) => finishCompletion(ctx, userId, args),
});

/** Stops an answer that nobody can come back for. */
export const stop = internalMutation({
  args: { userId: v.id("users"), messageId: v.id("chatMessages") },
  returns: v.null(),
  handler: (ctx, { userId, messageId }) => stopCompletion(ctx, userId, messageId),
});

/** Deletes those of these files that no message has. */
export const forgetLoose = internalMutation({
  args: { storageIds: v.array(v.id("_storage")) },
  returns: v.null(),
  handler: (ctx, args) => forgetLooseFiles(ctx, args.storageIds),
});
