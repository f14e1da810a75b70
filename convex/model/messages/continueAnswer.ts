import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { canContinue } from "../../shared/endReasons";
import { applyWhenBusy } from "../runs/busy";
import { lastOnPath, requireOnPath } from "./messages";
import { takeRequest } from "../budgets/budgets";
import { findReceipt, writeReceipt } from "../receipts";
import { beginRun } from "../runs/beginRun";
import { requireTask } from "../chats/tasks";
import type { Receipt } from "../validators";

/** Begins another run inside an answer that did not come to its end. What is there stays; the run appends. */
export async function continueAnswer(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { messageId: Id<"chatMessages">; clientMessageId: string },
): Promise<Receipt> {
  const earlier = await findReceipt(ctx, userId, args.clientMessageId);
  if (earlier) return earlier;

  const answer = await requireOnPath(ctx, userId, args.messageId, "ASSISTANT");
  const now = Date.now();
  await takeRequest(ctx, userId);
  const task = await requireTask(ctx, userId, answer.taskId);
  await applyWhenBusy(ctx, task, "reject");
  // Read again: a run whose lease was over has just been ended.
  const current = await ctx.db.get("chatMessages", answer._id);
  const last = await lastOnPath(ctx, task._id);
  const { promptMessageId } = answer;
  const endReason = current?.endReason;
  if (promptMessageId === undefined || endReason === undefined || !canContinue(endReason)) {
    throw failure("NOT_CONTINUABLE", "This reply is complete.");
  }
  if (last?._id !== answer._id) {
    throw failure("NOT_CONTINUABLE", "Only the last reply of a chat can be continued.");
  }
  const runId = await beginRun(ctx, answer._id, { startedBy: "page", now });
  const outcome = { kind: "started" as const, promptMessageId, assistantMessageId: answer._id, runId };
  const { clientMessageId } = args;
  return await writeReceipt(ctx, { userId, clientMessageId, taskId: task._id, outcome });
}
