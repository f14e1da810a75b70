import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { takeRequest } from "../budgets/budgets";
import { checkChatSettings } from "../chats/chatSettings";
import { createTask, isDeleted } from "../chats/tasks";
import { requireStorage } from "../files/quota";
import { promptParts } from "../files/promptFiles";
import { insertMessage } from "../messages/answers";
import { lastOnPath } from "../messages/messages";
import { checkContent, startPrompt } from "../messages/startPrompt";
import { checkModel } from "../offeredModels";
import { findReceipt } from "../receipts";
import { isLocked } from "../runs/generationLock";
import { indexMessage } from "../search/searchTexts";
import { vChatSettings, type Receipt } from "../validators";

/**
 * A request to `/v1/chat/completions` is a prompt in a chat. It brings its whole conversation: when that is what a chat of this kind has
 * come to, the prompt goes on there; else a new chat begins with it. These chats are in the archive, so that a person's own stay in sight.
 */

const vStoredImage = v.object({ storageId: v.id("_storage"), mediaType: v.string(), size: v.number() });
const vStoredTurn = v.object({
  role: v.union(v.literal("user"), v.literal("assistant")),
  text: v.string(),
  images: v.array(vStoredImage),
});
export type StoredTurn = Infer<typeof vStoredTurn>;

export const vNewCompletion = {
  clientMessageId: v.string(),
  model: v.optional(v.string()),
  settings: vChatSettings,
  system: v.string(),
  history: v.array(vStoredTurn),
  prompt: vStoredTurn,
  /** Of all before the prompt: see `conversationDigest`. */
  digest: v.string(),
};
type NewCompletion = {
  clientMessageId: string;
  model?: string;
  settings: Infer<typeof vChatSettings>;
  system: string;
  history: StoredTurn[];
  prompt: StoredTurn;
  digest: string;
};

export type Started = {
  taskId: Id<"tasks">;
  messageId: Id<"chatMessages">;
  runId: string;
  /** Seconds since the epoch. */
  createdAt: number;
};

/** Errors: as `messages.send`. */
export async function startCompletion(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: NewCompletion,
): Promise<Started> {
  const receipt = (await findReceipt(ctx, userId, args.clientMessageId)) ?? (await begin(ctx, userId, args));
  const { taskId, assistantMessageId: messageId, runId } = receipt;
  const message = messageId && (await ctx.db.get("chatMessages", messageId));
  if (!message || runId === null) throw failure("NOT_FOUND", "The chat of this request was deleted.");
  return { taskId, messageId: message._id, runId, createdAt: Math.floor(message._creationTime / 1_000) };
}

async function begin(ctx: MutationCtx, userId: Id<"users">, args: NewCompletion): Promise<Receipt> {
  const { clientMessageId, model, settings, prompt } = args;
  checkContent(prompt.text, prompt.images.length);
  await checkModel(ctx, userId, model);
  checkChatSettings(settings);
  await takeRequest(ctx, userId);
  const now = Date.now();
  const found = await findChat(ctx, userId, args.digest);
  const { task, parentMessageId } = found ?? (await newChat(ctx, userId, args, now));
  await ctx.db.patch("tasks", task._id, {
    ...{ settings: Object.keys(settings).length === 0 ? undefined : settings, model },
    lastActivityAt: now,
  });
  const files = await keepImages(ctx, task, prompt.images);
  const message = {
    ...{ clientMessageId, content: prompt.text, files, variant: 0, startedBy: "page" as const },
    ...(model !== undefined && { model }),
    ...(parentMessageId !== undefined && { parentMessageId }),
  };
  return await startPrompt(ctx, task, message, now);
}

type Place = { task: Doc<"tasks">; parentMessageId?: Id<"chatMessages"> };

/** The chat that has come to this conversation and was not gone on with otherwise. */
async function findChat(ctx: MutationCtx, userId: Id<"users">, digest: string): Promise<Place | null> {
  const task = await ctx.db
    .query("tasks")
    .withIndex("by_user_apiDigest", (q) => q.eq("userId", userId).eq("apiDigest", digest))
    .first();
  if (!task || isDeleted(task) || (await isLocked(ctx, task._id))) return null;
  const last = await lastOnPath(ctx, task._id);
  return last && last._id === task.apiMessageId ? { task, parentMessageId: last._id } : null;
}

async function newChat(
  ctx: MutationCtx,
  userId: Id<"users">,
  { prompt, history, system }: NewCompletion,
  now: number,
): Promise<Place> {
  const first = history.find(({ role }) => role === "user") ?? prompt;
  const task = await createTask(ctx, userId, { content: first.text, firstFile: "image", now });
  // A person's title, so that no model is asked for a better one.
  await ctx.db.patch("tasks", task._id, { archived: true, titleSource: "user", apiDigest: "" });
  if (system !== "") await ctx.db.insert("instructions", { userId, taskId: task._id, text: system });
  let parentMessageId: Id<"chatMessages"> | undefined;
  for (const turn of history) parentMessageId = await insertTurn(ctx, task, turn, parentMessageId);
  return { task, ...(parentMessageId !== undefined && { parentMessageId }) };
}

async function insertTurn(
  ctx: MutationCtx,
  task: Doc<"tasks">,
  { role, text, images }: StoredTurn,
  parentMessageId: Id<"chatMessages"> | undefined,
): Promise<Id<"chatMessages">> {
  const parent = parentMessageId === undefined ? {} : { parentMessageId };
  if (role === "user") {
    const files = await keepImages(ctx, task, images);
    // Names of requests are for those that are answered: this one was before, or elsewhere.
    const parts = promptParts(text, files);
    const id = await insertMessage(ctx, task, {
      role: "USER",
      ...parent,
      variant: 0,
      status: "complete",
      parts,
    });
    await index(ctx, id);
    return id;
  }
  const id = await insertMessage(ctx, task, {
    ...{ role: "ASSISTANT", variant: 0, status: "complete" },
    ...(parentMessageId !== undefined && { parentMessageId, promptMessageId: parentMessageId }),
    parts: text === "" ? [] : [{ type: "text", position: 0, text }],
  });
  await ctx.db.patch("chatMessages", id, { endReason: "finished", finishReason: "stop" });
  await index(ctx, id);
  return id;
}

async function index(ctx: MutationCtx, messageId: Id<"chatMessages">): Promise<void> {
  const message = await ctx.db.get("chatMessages", messageId);
  if (message) await indexMessage(ctx, message);
}

/** Stored images become the chat's. Errors: STORAGE_FULL. */
async function keepImages(
  ctx: MutationCtx,
  { _id: taskId, userId }: Doc<"tasks">,
  images: StoredTurn["images"],
): Promise<Doc<"attachments">[]> {
  const files: Doc<"attachments">[] = [];
  for (const [number, { storageId, mediaType, size }] of images.entries()) {
    await requireStorage(ctx, userId, size);
    const filename = `image-${number + 1}.${mediaType.slice("image/".length)}`;
    const id = await ctx.db.insert("attachments", {
      ...{ userId, taskId, state: "sent", storageId, filename, mediaType, size },
    });
    const file = await ctx.db.get("attachments", id);
    if (file) files.push(file);
  }
  return files;
}
