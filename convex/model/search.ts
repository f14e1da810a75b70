import type { Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import { cutText, wellFormed } from "../shared/text";
import { findTask, viewTask } from "./tasks";

/** Characters of what is searched for that count: more than anybody types. */
const MAX_QUERY_CHARS = 500;

/** Hits of each kind. */
const MAX_HITS = 20;

/** Characters of a hit's text, and how many of them come before the word that was found. */
const SNIPPET_CHARS = 160;
const SNIPPET_LEAD = 40;

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
  return { tasks: tasks.map(viewTask), messages };
}

/** The text around the first word of the query. */
function snippet(text: string, query: string): string {
  const word = query.split(/\s+/)[0] ?? "";
  const at = Math.max(0, text.toLowerCase().indexOf(word.toLowerCase()) - SNIPPET_LEAD);
  const cut = wellFormed(text.slice(at, at + SNIPPET_CHARS)).replace(/\s+/g, " ");
  return `${at > 0 ? "…" : ""}${cut}${at + SNIPPET_CHARS < text.length ? "…" : ""}`;
}
