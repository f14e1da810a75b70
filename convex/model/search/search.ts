import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { plainLine } from "../../shared/plainLine";
import { cutText } from "../../shared/text";
import { snippet } from "./snippet";
import { findTask, viewTasks } from "../chats/tasks";

/** Characters of what is searched for that count: more than anybody types. */
const MAX_QUERY_CHARS = 500;

/** Hits of each kind. */
const MAX_HITS = 20;

/**
 * A lone letter or digit at the end: the beginning of thousands of words, all of which, of everybody, would be read for the first key that somebody presses.
 * Titles are looked through for it, messages from the second letter on. In scripts whose letters are words it counts.
 */
const LONE_LETTER =
  /(?:^|\s)(?!\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul})[\p{L}\p{N}]\p{M}*$/u;

export async function searchChats(ctx: QueryCtx, userId: Id<"users">, text: string) {
  const query = cutText(text.trim(), MAX_QUERY_CHARS);
  if (query === "") return { tasks: [], messages: [] };
  const tasks = await ctx.db
    .query("tasks")
    .withSearchIndex("search_title", (q) => q.search("title", query).eq("userId", userId))
    .take(MAX_HITS);
  const words = query.replace(LONE_LETTER, "");
  const hits =
    words === ""
      ? []
      : await ctx.db
          .query("searchTexts")
          .withSearchIndex("search_text", (q) => q.search("text", words).eq("userId", userId))
          .take(MAX_HITS);
  const messages = [];
  for (const hit of hits) {
    const task = await findTask(ctx, userId, hit.taskId);
    // Null while a deleted chat is being cleared away.
    if (task) {
      const { taskId, messageId } = hit;
      messages.push({
        taskId,
        taskTitle: plainLine(task.title),
        messageId,
        snippet: snippet(hit.text, query),
      });
    }
  }
  return { tasks: viewTasks(tasks), messages };
}
