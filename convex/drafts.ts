import { v } from "convex/values";
import { getDraft, saveDraft } from "./model/chats/drafts";
import { viewerMutation, viewerQuery } from "./model/functions";

const vTaskOrNew = v.union(v.id("tasks"), v.null());

/** What was typed and not sent in a chat (null: in the chat that does not exist yet); null when there is nothing. */
export const get = viewerQuery({
  args: { taskId: vTaskOrNew },
  returns: v.union(v.object({ text: v.string(), updatedAt: v.number() }), v.null()),
  handler: (ctx, args) => getDraft(ctx, ctx.userId, args.taskId),
});

/**
 * Keeps a draft; an empty text deletes it. `instead`: the only text that an empty one deletes, so that a device that empties its
 * own late does not empty what was typed elsewhere since. Errors: NOT_FOUND, MESSAGE_TOO_LONG.
 */
export const save = viewerMutation({
  args: { taskId: vTaskOrNew, text: v.string(), instead: v.optional(v.string()) },
  returns: v.null(),
  handler: (ctx, args) => saveDraft(ctx, ctx.userId, args),
});
