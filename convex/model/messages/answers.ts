import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { log } from "../log";
import { recordEvent } from "../metrics/events";

/**
 * The answer of a (prompt, variant): there is never a second one. [G1] A new one goes on the path, after everything else; the
 * caller has taken what it replaces off it.
 */
export async function getOrCreateAssistant(
  ctx: MutationCtx,
  args: {
    promptMessageId: Id<"chatMessages">;
    variant?: number;
    model?: string;
    clientMessageId?: string;
    compared?: true;
  },
): Promise<{ messageId: Id<"chatMessages">; created: boolean }> {
  const prompt = await ctx.db.get("chatMessages", args.promptMessageId);
  const task = prompt && (await ctx.db.get("tasks", prompt.taskId));
  if (!task || prompt.role !== "USER") throw failure("NOT_FOUND", "This prompt does not exist.");
  const variant = args.variant ?? 0;
  const existing = await ctx.db
    .query("chatMessages")
    .withIndex("by_task_promptMessageId", (q) =>
      q.eq("taskId", task._id).eq("promptMessageId", prompt._id).eq("variant", variant),
    )
    .unique();
  if (existing) {
    log("MESSAGES", `Found existing assistant message for prompt ${prompt._id}: ${existing._id}`);
    await recordEvent(ctx, "existingAnswerHits");
    return { messageId: existing._id, created: false };
  }
  return { messageId: await insertAnswer(ctx, task, { ...args, variant }), created: true };
}

/** The answer of a prompt that surely has none of this variant, because it is new. All others: `getOrCreateAssistant`. */
export async function insertAnswer(
  ctx: MutationCtx,
  task: Pick<Doc<"tasks">, "_id">,
  args: {
    promptMessageId: Id<"chatMessages">;
    variant: number;
    model?: string;
    clientMessageId?: string;
    compared?: true;
  },
): Promise<Id<"chatMessages">> {
  const { promptMessageId } = args;
  const messageId = await insertMessage(ctx, task, {
    role: "ASSISTANT",
    promptMessageId,
    parentMessageId: promptMessageId,
    variant: args.variant,
    status: "pending",
    parts: [],
    ...(args.model !== undefined && { model: args.model }),
    ...(args.clientMessageId !== undefined && { clientMessageId: args.clientMessageId }),
    ...(args.compared && { compared: args.compared }),
  });
  log("MESSAGES", `Created assistant message ${messageId} for prompt ${promptMessageId}`);
  return messageId;
}

type NewMessage = Pick<Doc<"chatMessages">, "role" | "variant" | "status" | "parts"> &
  Partial<
    Pick<
      Doc<"chatMessages">,
      "clientMessageId" | "promptMessageId" | "parentMessageId" | "model" | "compared"
    >
  >;

/** Appends a message to the chat, on its path. It is the newest of its variants, so that their number is known. */
export async function insertMessage(
  ctx: MutationCtx,
  task: Pick<Doc<"tasks">, "_id">,
  message: NewMessage,
): Promise<Id<"chatMessages">> {
  // Read again: the caller may have appended a message since it read the task.
  const current = await ctx.db.get("tasks", task._id);
  if (!current) throw failure("NOT_FOUND", "This chat does not exist.");
  await ctx.db.patch("tasks", current._id, { nextSequence: current.nextSequence + 1 });
  return await ctx.db.insert("chatMessages", {
    ...message,
    taskId: current._id,
    userId: current.userId,
    sequence: current.nextSequence,
    variantCount: message.variant + 1,
    onPath: true,
    inlinedChunks: 0,
    chunkCount: 0,
  });
}
