import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { checkModel } from "../offeredModels";
import { enqueue } from "../queue/queue";
import { findReceipt } from "../receipts";
import type { Receipt } from "../validators";
import { acceptPrompt, type PromptArgs } from "./acceptPrompt";
import { startPrompt } from "./startPrompt";

export type SendArgs = PromptArgs & { model?: string };

/**
 * Everything of a send that must not half-happen, in this order: the receipt of an earlier one, so that a repetition is
 * never refused [G2]; checks; rate limit; lock; rows.
 */
export async function sendPrompt(ctx: MutationCtx, userId: Id<"users">, args: SendArgs): Promise<Receipt> {
  const earlier = await findReceipt(ctx, userId, args.clientMessageId);
  if (earlier) return earlier;

  const { clientMessageId, content } = args;
  const model = args.model === undefined ? {} : { model: args.model };
  const checkModels = () => checkModel(ctx, userId, args.model);
  const accepted = await acceptPrompt(ctx, userId, args, { ...model, checkModels, answers: 1 });
  const { task } = accepted;
  if (accepted.kind === "queue") {
    return await enqueue(ctx, task, { clientMessageId, content, files: accepted.files, ...model });
  }
  return await startPrompt(ctx, task, { ...accepted.prompt, ...model }, accepted.now);
}
