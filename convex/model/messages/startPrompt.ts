import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { MAX_PROMPT_CHARS } from "../../shared/limits";
import { insertAnswer, insertMessage } from "./answers";
import { promptParts } from "../files/promptFiles";
import { usableModel } from "../offeredModels";
import { writeReceipt } from "../receipts";
import { beginRun } from "../runs/beginRun";
import { indexMessage } from "../search/searchTexts";
import type { Receipt } from "../validators";

/** Checks a prompt's text, which may be empty when there are files. Errors: INVALID_INPUT, MESSAGE_TOO_LONG. */
export function checkContent(content: string, fileCount: number): void {
  if (content.trim() === "" && fileCount === 0) {
    throw failure("INVALID_INPUT", "A message needs some text or a file.");
  }
  if (content.length > MAX_PROMPT_CHARS) {
    throw failure(
      "MESSAGE_TOO_LONG",
      `A message may have ${MAX_PROMPT_CHARS.toLocaleString("en")} characters; this one has ${content.length.toLocaleString("en")}.`,
    );
  }
}

export type NewPrompt = {
  clientMessageId: string;
  content: string;
  files: readonly Doc<"attachments">[];
  model?: string;
  /** What it follows; absent for the first prompt of a chat. */
  parentMessageId?: Id<"chatMessages">;
  variant: number;
  startedBy: "page" | "server";
};

/** The message of a prompt, on the path and in the search. */
export async function insertPrompt(
  ctx: MutationCtx,
  task: Doc<"tasks">,
  { clientMessageId, content, files, parentMessageId, variant }: Omit<NewPrompt, "model" | "startedBy">,
): Promise<Id<"chatMessages">> {
  const promptMessageId = await insertMessage(ctx, task, {
    role: "USER",
    clientMessageId,
    ...(parentMessageId !== undefined && { parentMessageId }),
    variant,
    status: "complete",
    parts: promptParts(content, files),
  });
  const stored = await ctx.db.get("chatMessages", promptMessageId);
  if (stored) await indexMessage(ctx, stored);
  return promptMessageId;
}

/** A prompt, its answer, the run that generates it, and the receipt: the pair that exists once. [G1] The chat is free. */
export async function startPrompt(
  ctx: MutationCtx,
  task: Doc<"tasks">,
  prompt: NewPrompt,
  now: number,
): Promise<Receipt> {
  const { clientMessageId } = prompt;
  const model = prompt.model ?? (await usableModel(ctx, task.userId, task.model));
  const promptMessageId = await insertPrompt(ctx, task, prompt);
  const messageId = await insertAnswer(ctx, task, {
    ...{ promptMessageId, variant: 0 },
    ...(model !== undefined && { model }),
  });
  const runId = await beginRun(ctx, messageId, { startedBy: prompt.startedBy, now });
  return await writeReceipt(ctx, {
    userId: task.userId,
    clientMessageId,
    taskId: task._id,
    outcome: { kind: "started", promptMessageId, assistantMessageId: messageId, runId },
  });
}
