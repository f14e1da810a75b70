import type { Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import type { ChatSettings } from "../../shared/chatSettings";
import { takeRequest } from "../budgets/budgets";
import { checkChatSettings } from "../chats/chatSettings";
import { createTask, requireTask } from "../chats/tasks";
import { endOfPath } from "../compare/endOfPath";
import { markSent, requireDraftFiles } from "../files/promptFiles";
import { applyWhenBusy } from "../runs/busy";
import { checkedChoice } from "../tools/toolChoice";
import type { vWhenBusy } from "../validators";
import { checkContent, type NewPrompt } from "./startPrompt";

/** What `send` and `compare` are told alike. */
export type PromptArgs = {
  taskId: Id<"tasks"> | null;
  clientMessageId: string;
  content: string;
  attachmentIds?: Id<"attachments">[];
  /** Of the chat that this makes; of no effect in one that is there. */
  settings?: ChatSettings;
  tools?: string[];
  whenBusy?: Infer<typeof vWhenBusy>;
};

/** Where an accepted prompt goes: into the queue of a busy chat, or to the end of one that is free, which may be new. */
export type AcceptedPrompt =
  | { kind: "queue"; task: Doc<"tasks">; files: Doc<"attachments">[] }
  | { kind: "start"; task: Doc<"tasks">; prompt: Omit<NewPrompt, "model">; now: number };

/**
 * Everything before the rows of a prompt, in this order: checks; rate limit, of one request for each answer; lock; the chat. `model`: of a new
 * chat. `checkModels` throws for models that may not be asked.
 */
export async function acceptPrompt(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: PromptArgs,
  { model, checkModels, answers }: { model?: string; checkModels: () => Promise<void>; answers: number },
): Promise<AcceptedPrompt> {
  const { clientMessageId, content } = args;
  const files = await requireDraftFiles(ctx, userId, args.attachmentIds ?? []);
  checkContent(content, files.length);
  await checkModels();
  checkChatSettings(args.settings ?? {});
  const tools = await checkedChoice(ctx, userId, args.tools ?? []);
  const existing = args.taskId === null ? null : await requireTask(ctx, userId, args.taskId);
  const now = Date.now();
  await takeRequest(ctx, userId, answers);

  if (existing && (await applyWhenBusy(ctx, existing, args.whenBusy ?? "reject")) === "queue") {
    await markSent(ctx, files, existing._id);
    return { kind: "queue", task: existing, files };
  }
  const task =
    existing ??
    (await createTask(ctx, userId, {
      ...(model !== undefined && { model }),
      ...(args.settings !== undefined && { settings: args.settings }),
      ...{ content, firstFile: files[0]?.filename, tools, now },
    }));
  await markSent(ctx, files, task._id);
  const parent = existing && (await endOfPath(ctx, task._id));
  const prompt = {
    ...{ clientMessageId, content, files },
    ...(parent && { parentMessageId: parent._id }),
    ...{ variant: 0, startedBy: "page" as const },
  };
  return { kind: "start", task, prompt, now };
}
