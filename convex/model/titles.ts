import { v, type Infer } from "convex/values";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { providerSettings } from "../providers/settings";
import { cutText } from "../shared/text";
import { log } from "./log";
import { readSearchText } from "./searchTexts";
import { titlesAreOn } from "./settings";

/**
 * Automatic titles. A chat is named after its first words; when its first answer has come to an end, its model is asked once for
 * a better title. That happens after the run's end, in an action of its own: it holds no lock and nothing waits for it.
 */

/** Characters of the prompt, and of the answer, that the model is shown: enough to know what it is about. */
const MAX_EXCERPT_CHARS = 2_000;

export const vTitleInput = v.object({
  taskId: v.id("tasks"),
  model: v.union(v.string(), v.null()),
  prompt: v.string(),
  answer: v.string(),
});
export type TitleInput = Infer<typeof vTitleInput>;

/**
 * Has the chat named, unless it was before. The mark and the start are one transaction, and a scheduled action runs at most once:
 * so is the model asked at most once for each chat, and a failure leaves the first words. The demo model names nothing.
 */
export async function askForTitle(ctx: MutationCtx, answer: Doc<"chatMessages">): Promise<void> {
  if (!titlesAreOn() || providerSettings().kind === "demo") return;
  const task = await ctx.db.get("tasks", answer.taskId);
  if (task?.titleSource !== "firstWords") return;
  await ctx.db.patch("tasks", task._id, { titleSource: "asked" });
  await ctx.scheduler.runAfter(0, internal.generate.title, { messageId: answer._id });
}

/** The exchange that the title is for; null when the chat was deleted or has got a title meanwhile. */
export async function readTitleInput(
  ctx: QueryCtx,
  messageId: Id<"chatMessages">,
): Promise<TitleInput | null> {
  const answer = await ctx.db.get("chatMessages", messageId);
  const task = answer && (await ctx.db.get("tasks", answer.taskId));
  if (task?.titleSource !== "asked" || answer?.promptMessageId === undefined) return null;
  return {
    taskId: task._id,
    model: answer.model ?? null,
    prompt: cutText(await readSearchText(ctx, answer.promptMessageId), MAX_EXCERPT_CHARS),
    answer: cutText(await readSearchText(ctx, answer._id), MAX_EXCERPT_CHARS),
  };
}

/** Stores the model's title, unless the owner has given one meanwhile or deleted the chat. */
export async function storeTitle(
  ctx: MutationCtx,
  args: { taskId: Id<"tasks">; title: string },
): Promise<null> {
  const task = await ctx.db.get("tasks", args.taskId);
  if (task?.titleSource !== "asked") return null;
  await ctx.db.patch("tasks", task._id, { title: args.title, titleSource: "model" });
  log("TITLES", `Task ${task._id} has a title of its model`);
  return null;
}
