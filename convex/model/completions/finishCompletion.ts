import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { findByStorageId } from "../files/attachments";
import { findMessage } from "../messages/messages";
import { liveRunIn } from "../runs/generationLock";
import { stopLiveRun } from "../runs/stop";
import type { Outcome } from "./completionObjects";

/** How an answer ended. Its chat is noted to have come to this conversation, so that the request which brings it goes on there. Errors: NOT_FOUND. */
export async function finishCompletion(
  ctx: MutationCtx,
  userId: Id<"users">,
  { messageId, digest }: { messageId: Id<"chatMessages">; digest: string },
): Promise<Outcome> {
  const message = await findMessage(ctx, userId, messageId);
  if (message?.endReason === undefined) throw failure("NOT_FOUND", "This reply does not exist.");
  const task = await ctx.db.get("tasks", message.taskId);
  if (task?.apiDigest !== undefined && task.apiMessageId !== messageId)
    await ctx.db.patch("tasks", task._id, { apiDigest: digest, apiMessageId: messageId });
  const { endReason, usage, model, answeredBy } = message;
  return { endReason, usage: usage ?? null, model: model ?? answeredBy ?? null };
}

/** Stops an answer, if it still goes on. */
export async function stopCompletion(
  ctx: MutationCtx,
  userId: Id<"users">,
  messageId: Id<"chatMessages">,
): Promise<null> {
  const run = (await findMessage(ctx, userId, messageId)) && (await liveRunIn(ctx, messageId));
  if (run) await stopLiveRun(ctx, run, "leave");
  return null;
}

export async function forgetLooseFiles(
  ctx: MutationCtx,
  storageIds: readonly Id<"_storage">[],
): Promise<null> {
  for (const id of storageIds) {
    const isThere = await ctx.db.system.get("_storage", id);
    if (isThere && !(await findByStorageId(ctx, id))) await ctx.storage.delete(id);
  }
  return null;
}
