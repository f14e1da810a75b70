import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { recordOwnAudit } from "./model/accounts/audit";
import { viewerMutation, viewerQuery } from "./model/functions";
import { listAllMessages } from "./model/messages/messageViews";
import { vMessage } from "./model/validators";

/** What a person's page reads to give them a file of all their chats, besides `tasks.list` and `instructions.get`. */

/** Lists in the audit that the caller takes a copy of their chats. */
export const begin = viewerMutation({
  args: { format: v.union(v.literal("JSON"), v.literal("Markdown")) },
  returns: v.null(),
  handler: async (ctx, { format }) => {
    await recordOwnAudit(ctx, ctx.userId, { kind: "chatsExported", detail: format });
    return null;
  },
});

/** A page of all messages of a chat, shown (`onPath`) or not, oldest first. A chat that is not the caller's has none. */
export const messages = viewerQuery({
  args: { taskId: v.id("tasks"), paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(vMessage.extend({ onPath: v.boolean() })),
  handler: (ctx, args) => listAllMessages(ctx, ctx.userId, args),
});
