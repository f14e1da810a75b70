import { v } from "convex/values";
import { viewerQuery } from "./model/functions";
import { searchChats } from "./model/search/search";
import { vTask } from "./model/validators";

/** The caller's chats whose title, and messages whose text, match; the best 20 of each. */
export const chats = viewerQuery({
  args: { text: v.string() },
  returns: v.object({
    tasks: v.array(vTask),
    messages: v.array(
      v.object({
        taskId: v.id("tasks"),
        taskTitle: v.string(),
        messageId: v.id("chatMessages"),
        snippet: v.string(),
      }),
    ),
  }),
  handler: (ctx, args) => searchChats(ctx, ctx.userId, args.text),
});
