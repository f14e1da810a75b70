import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { requireProof, vProof } from "./model/apiTokens/scriptCaller";
import { hasLargeFiles as hasLargeFilesModel } from "./model/chatStream/fileBytes";
import { readAnswer, vAnswerPage } from "./model/chatStream/readAnswer";
import { sendFromScript } from "./model/chatStream/sendFromScript";
import { needNode, toolsOf } from "./model/tools/toolChoice";
import { vReceipt, vWhenBusy } from "./model/validators";

/** What the HTTP action `POST /chat-stream` (`http.ts`) asks of the database. */

/** `messages.send` for a caller whose ids come from outside. Errors: as `messages.send`. */
export const send = internalMutation({
  args: {
    userId: v.id("users"),
    taskId: v.union(v.string(), v.null()),
    clientMessageId: v.string(),
    content: v.string(),
    model: v.optional(v.string()),
    whenBusy: v.optional(vWhenBusy),
  },
  returns: vReceipt,
  handler: (ctx, { userId, ...args }) => sendFromScript(ctx, userId, args),
});

/**
 * The answer's text from row `from` of its log on. Null when it is not this person's, or is gone. Errors: UNAUTHENTICATED, as soon as what let the request
 * in does not hold any more.
 */
export const read = internalQuery({
  args: { userId: v.id("users"), proof: vProof, messageId: v.id("chatMessages"), from: v.number() },
  returns: v.union(vAnswerPage, v.null()),
  handler: async (ctx, { proof, ...args }) => {
    await requireProof(ctx, proof);
    return await readAnswer(ctx, args);
  },
});

/** Must a Node action generate this answer: for its files, or for the tools that its chat has? */
export const needsNode = internalQuery({
  args: { messageId: v.id("chatMessages") },
  returns: v.boolean(),
  handler: async (ctx, { messageId }) => {
    const message = await ctx.db.get("chatMessages", messageId);
    const task = message && (await ctx.db.get("tasks", message.taskId));
    return (
      (task !== null && needNode(await toolsOf(ctx, task))) || (await hasLargeFilesModel(ctx, messageId))
    );
  },
});
