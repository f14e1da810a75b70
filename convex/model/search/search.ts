import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { cutText } from "../../shared/text";
import { snippet } from "./snippet";
import { findTask, viewTasks } from "../chats/tasks";

/** Characters of what is searched for that count: more than anybody types. */
const MAX_QUERY_CHARS = 500;

/** Hits of each kind. */
const MAX_HITS = 20;

export async function searchChats(ctx: QueryCtx, userId: Id<"users">, text: string) {
  const query = cutText(text.trim(), MAX_QUERY_CHARS);
  if (query === "") return { tasks: [], messages: [] };
  const tasks = await ctx.db
    .query("tasks")
    .withSearchIndex("search_title", (q) => q.search("title", query).eq("userId", userId))
    .take(MAX_HITS);
  const hits = await ctx.db
    .query("searchTexts")
    .withSearchIndex("search_text", (q) => q.search("text", query).eq("userId", userId))
    .take(MAX_HITS);
  const messages = [];
  for (const hit of hits) {
    const task = await findTask(ctx, userId, hit.taskId);
    // Null while a deleted chat is being cleared away.
    if (task) {
      const { taskId, messageId } = hit;
      messages.push({ taskId, taskTitle: task.title, messageId, snippet: snippet(hit.text, query) });
    }
  }
  return { tasks: viewTasks(tasks), messages };
}
