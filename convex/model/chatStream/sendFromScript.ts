import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { isWithdrawn } from "../receipts";
import { sendPrompt, type SendArgs } from "../messages/send";
import type { Receipt } from "../validators";

/**
 * A send whose `taskId` may be anything that somebody typed. What is no id is answered as a chat that is missing. [G11] A prompt
 * that was taken out of the queue is missing too: nobody shall wait for its answer.
 */
export async function sendFromScript(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: Omit<SendArgs, "taskId"> & { taskId: string | null },
): Promise<Receipt> {
  const taskId = args.taskId === null ? null : ctx.db.normalizeId("tasks", args.taskId);
  if (args.taskId !== null && taskId === null) throw failure("NOT_FOUND", "This chat does not exist.");
  const receipt = await sendPrompt(ctx, userId, { ...args, taskId });
  if (receipt.status === "queued" && (await isWithdrawn(ctx, userId, args.clientMessageId))) {
    throw failure("NOT_FOUND", "This message was taken out of the queue.");
  }
  return receipt;
}
