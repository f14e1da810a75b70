import { v } from "convex/values";
import { viewerMutation, viewerQuery } from "./model/functions";
import { readInstructions, setInstructions } from "./model/chats/instructions";

const vTaskOrAll = v.union(v.id("tasks"), v.null());

/** What the caller wants models to heed in a chat (null: in all their chats); empty when there is nothing. */
export const get = viewerQuery({
  args: { taskId: vTaskOrAll },
  returns: v.string(),
  handler: (ctx, args) => readInstructions(ctx, ctx.userId, args.taskId),
});

/** Keeps instructions for the answers that begin from now on; an empty text deletes them. Errors: NOT_FOUND, INVALID_INPUT. */
export const set = viewerMutation({
  args: { taskId: vTaskOrAll, text: v.string() },
  returns: v.null(),
  handler: (ctx, args) => setInstructions(ctx, ctx.userId, args),
});
