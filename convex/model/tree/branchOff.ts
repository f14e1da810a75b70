import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { BUSY_MESSAGE, failure } from "../../shared/errors";
import { MAX_TITLE_CHARS } from "../../shared/limits";
import { plainLine } from "../../shared/plainLine";
import { cutText } from "../../shared/text";
import { takeRequest } from "../budgets/budgets";
import { readInstructions, setInstructions } from "../chats/instructions";
import { requireTask } from "../chats/tasks";
import { log } from "../log";
import { findMessage } from "../messages/messages";
import { findBranch, writeReceipt } from "../receipts";
import { copyBatch } from "./copyBranch";

/**
 * A new chat that begins with all that led to this reply. Its newest messages are there at once, so that it can be gone on with; older
 * ones follow in batches. Nothing of the other chat changes.
 */
export async function branchOff(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { messageId: Id<"chatMessages">; clientMessageId: string; title: string },
): Promise<{ taskId: Id<"tasks">; reused: boolean }> {
  const earlier = await findBranch(ctx, userId, args.clientMessageId);
  if (earlier) return { taskId: earlier, reused: true };

  const reply = await findMessage(ctx, userId, args.messageId);
  if (!reply) throw failure("NOT_FOUND", "This message does not exist.");
  if (reply.role !== "ASSISTANT") throw failure("INVALID_INPUT", "A chat is branched off after a reply.");
  if (reply.endReason === undefined) throw failure("GENERATION_IN_PROGRESS", BUSY_MESSAGE);
  const title = cutText(plainLine(args.title), MAX_TITLE_CHARS);
  if (title === "") throw failure("INVALID_INPUT", "A chat needs a title.");
  const source = await requireTask(ctx, userId, reply.taskId);
  await takeRequest(ctx, userId);

  const taskId = await ctx.db.insert("tasks", {
    ...{ userId, title, titleSource: "user", status: "IDLE" },
    ...(source.model !== undefined && { model: source.model }),
    ...{ pinned: false, archived: false, unread: false, queuePaused: false },
    ...{ lastActivityAt: Date.now(), nextSequence: reply.sequence + 1 },
  });
  const instructions = await readInstructions(ctx, userId, source._id);
  if (instructions !== "") await setInstructions(ctx, userId, { taskId, text: instructions });
  const { clientMessageId } = args;
  await writeReceipt(ctx, { userId, clientMessageId, taskId, outcome: { kind: "branched" } });
  await copyBatch(ctx, { taskId, next: reply._id, below: null, rest: null });
  log("TASKS", `Task ${taskId} was branched off from task ${source._id}`);
  return { taskId, reused: false };
}
