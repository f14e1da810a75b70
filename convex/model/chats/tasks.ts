import type { PaginationOptions } from "convex/server";
import type { Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import type { ChatSettings } from "../../shared/chatSettings";
import { MAX_TITLE_CHARS } from "../../shared/limits";
import { plainLine } from "../../shared/plainLine";
import { boundedPage } from "../pages";
import { titleFromWords } from "../suggestions/titleText";
import type { vTask } from "../validators";

/** Pinned chats shown at once: more than a sidebar is used for. */
const MAX_PINNED = 100;

/** The chat, or null when it does not exist, belongs to somebody else or was deleted: a caller cannot tell which. [G11] */
export async function findTask(
  ctx: QueryCtx,
  userId: Id<"users">,
  taskId: Id<"tasks">,
): Promise<Doc<"tasks"> | null> {
  const task = await ctx.db.get("tasks", taskId);
  return task?.userId === userId && !isDeleted(task) ? task : null;
}

/** Deleted chats stay among the others for the short while in which that can be undone. */
export const isDeleted = (task: Doc<"tasks">): boolean => task.purgeJobId !== undefined;

export async function requireTask(
  ctx: QueryCtx,
  userId: Id<"users">,
  taskId: Id<"tasks">,
): Promise<Doc<"tasks">> {
  const task = await findTask(ctx, userId, taskId);
  if (!task) throw failure("NOT_FOUND", "This chat does not exist.");
  return task;
}

export function viewTask(task: Doc<"tasks">): Infer<typeof vTask> {
  const { _id, _creationTime, status, pinned, archived, unread, queuePaused, lastActivityAt } = task;
  return {
    // Titles of earlier versions may have controls.
    title: plainLine(task.title),
    ...{ _id, _creationTime, status, pinned, archived, unread, queuePaused, lastActivityAt },
    model: task.model ?? null,
    settings: task.settings ?? {},
    tools: task.tools ?? [],
  };
}

export const viewTasks = (tasks: Doc<"tasks">[]) => tasks.filter((task) => !isDeleted(task)).map(viewTask);

/** A page may hold fewer chats than asked for: those that were just deleted are left out. */
export async function listTasks(
  ctx: QueryCtx,
  userId: Id<"users">,
  archived: boolean,
  paginationOpts: PaginationOptions,
) {
  const page = await ctx.db
    .query("tasks")
    .withIndex("by_user_archived_activity", (q) => q.eq("userId", userId).eq("archived", archived))
    .order("desc")
    .paginate(boundedPage(paginationOpts));
  return { ...page, page: viewTasks(page.page) };
}

export async function listPinnedTasks(ctx: QueryCtx, userId: Id<"users">) {
  const tasks = await ctx.db
    .query("tasks")
    .withIndex("by_user_archived_pinned_activity", (q) =>
      q.eq("userId", userId).eq("archived", false).eq("pinned", true),
    )
    .order("desc")
    .take(MAX_PINNED);
  return viewTasks(tasks);
}

/** A chat for a first prompt, named after its first words, or its first file when it has none. */
export async function createTask(
  ctx: MutationCtx,
  userId: Id<"users">,
  first: {
    content: string;
    firstFile: string | undefined;
    model?: string;
    settings?: ChatSettings;
    tools?: string[];
    now: number;
  },
): Promise<Doc<"tasks">> {
  const taskId = await ctx.db.insert("tasks", {
    userId,
    title: titleFromWords(first.content.trim() === "" ? (first.firstFile ?? "") : first.content),
    titleSource: "firstWords",
    status: "IDLE",
    ...(first.model !== undefined && { model: first.model }),
    ...(first.settings !== undefined && { settings: first.settings }),
    ...(first.tools !== undefined && first.tools.length > 0 && { tools: first.tools }),
    pinned: false,
    archived: false,
    unread: false,
    queuePaused: false,
    lastActivityAt: first.now,
    nextSequence: 0,
  });
  return requireTask(ctx, userId, taskId);
}

export async function renameTask(
  ctx: MutationCtx,
  userId: Id<"users">,
  taskId: Id<"tasks">,
  title: string,
): Promise<null> {
  const task = await requireTask(ctx, userId, taskId);
  const text = plainLine(title);
  if (text === "" || text.length > MAX_TITLE_CHARS) {
    throw failure("INVALID_INPUT", `A title has 1 to ${MAX_TITLE_CHARS} characters.`);
  }
  await ctx.db.patch("tasks", task._id, { title: text, titleSource: "user" });
  return null;
}
