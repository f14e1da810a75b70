import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { readTitleInput, storeTitle, vTitleInput } from "./model/suggestions/titles";

/** What `generate.title` shows the model of a chat's first exchange; null when no title is wanted any more. */
export const input = internalQuery({
  args: { messageId: v.id("chatMessages") },
  returns: v.union(vTitleInput, v.null()),
  handler: (ctx, args) => readTitleInput(ctx, args.messageId),
});

/** Names a chat with the model's words, unless it has got another title meanwhile. */
export const store = internalMutation({
  args: { taskId: v.id("tasks"), title: v.string() },
  returns: v.null(),
  handler: (ctx, args) => storeTitle(ctx, args),
});
