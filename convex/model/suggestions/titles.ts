import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { takeAsk } from "../budgets/budgets";
import { ask, EXCHANGE_SIZE } from "./asks";
import { readExchange, vExchange } from "./exchange";
import { connectedFor } from "../keys/providerKeys";
import { log } from "../log";
import { readSearchText } from "../search/searchTexts";
import { titlesAreOn } from "../settings";

/**
 * Automatic titles. A chat is named after its first words; when its first answer has come to an end, its model is asked for a better
 * title, and when that has brought none by the end of the next answer, once more. That happens after the run's end, in an action of
 * its own: it holds no lock and nothing waits for it.
 */

/** Messages at the beginning of a chat among which its first exchange is looked for: answers may have failed before. */
const OPENING_MESSAGES = 10;

type TitleSource = Doc<"tasks">["titleSource"];

/** What each further request makes of where the title comes from. */
const ASKED: Partial<Record<TitleSource, TitleSource>> = { firstWords: "asked", asked: "askedAgain" };

/** Is a title of the model's still wanted? */
const isAsked = (source: TitleSource): boolean => source === "asked" || source === "askedAgain";

export const vTitleInput = v.object({ taskId: v.id("tasks"), exchange: vExchange });
export type TitleInput = Infer<typeof vTitleInput>;

/**
 * Has the chat named, unless it was before. The mark and the start are one transaction, and a scheduled action runs at most once:
 * so is the model asked at most twice for each chat, and failures leave the first words. The demo model names nothing.
 */
export async function askForTitle(ctx: MutationCtx, answer: Doc<"chatMessages">): Promise<void> {
  if (!titlesAreOn()) return;
  const task = await ctx.db.get("tasks", answer.taskId);
  const titleSource = task && ASKED[task.titleSource];
  if (!titleSource || (await connectedFor(ctx, task.userId)).providers.length === 0) return;
  if (!(await takeAsk(ctx, task.userId))) return;
  if (!(await ask(ctx, "title", answer, EXCHANGE_SIZE))) return;
  await ctx.db.patch("tasks", task._id, { titleSource });
}

/** The exchange that the title is for; null when the chat was deleted or has got a title meanwhile. */
export async function readTitleInput(
  ctx: QueryCtx,
  messageId: Id<"chatMessages">,
): Promise<TitleInput | null> {
  const asking = await ctx.db.get("chatMessages", messageId);
  const task = asking && (await ctx.db.get("tasks", asking.taskId));
  if (!task || !isAsked(task.titleSource)) return null;
  const exchange = await readExchange(ctx, (await firstAnswer(ctx, task._id)) ?? asking);
  return exchange && { taskId: task._id, exchange };
}

/** The first answer with some text: a chat is named after what it began with, also when the model is asked later. */
async function firstAnswer(ctx: QueryCtx, taskId: Id<"tasks">): Promise<Doc<"chatMessages"> | null> {
  const opening = await ctx.db
    .query("chatMessages")
    .withIndex("by_task_path", (q) => q.eq("taskId", taskId).eq("onPath", true))
    .take(OPENING_MESSAGES);
  for (const message of opening) {
    if (message.role !== "ASSISTANT" || message.status !== "complete") continue;
    if ((await readSearchText(ctx, message._id)) !== "") return message;
  }
  return null;
}

/** Stores the model's title, unless the owner has given one meanwhile or deleted the chat. */
export async function storeTitle(
  ctx: MutationCtx,
  args: { taskId: Id<"tasks">; title: string },
): Promise<null> {
  const task = await ctx.db.get("tasks", args.taskId);
  if (!task || !isAsked(task.titleSource)) return null;
  await ctx.db.patch("tasks", task._id, { title: args.title, titleSource: "model" });
  log("TITLES", `Task ${task._id} has a title of its model`);
  return null;
}
