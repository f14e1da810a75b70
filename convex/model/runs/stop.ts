import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { requireTask } from "../chats/tasks";
import { log } from "../log";
import { lastOnPath } from "../messages/messages";
import { endRun } from "./endRun";
import { findLock } from "./generationLock";
import { endIfExpired } from "./giveUp";
import { closeStrayAnswer } from "./setAside";

/** Ends the chat's live run as stopped, whether it waits or generates, and holds its queue. [G7] */
export async function stopRun(
  ctx: MutationCtx,
  userId: Id<"users">,
  taskId: Id<"tasks">,
): Promise<{ outcome: "stopped" | "alreadyEnded"; messageId: Id<"chatMessages"> | null }> {
  const task = await requireTask(ctx, userId, taskId);
  const run = await findLock(ctx, task._id);
  if (!run) {
    await closeStrayAnswer(ctx, task);
    const last = await lastOnPath(ctx, task._id);
    return { outcome: "alreadyEnded", messageId: last?.role === "ASSISTANT" ? last._id : null };
  }
  const { messageId, runId } = run;
  // A run that was already dead did not end because of this Stop.
  if (await endIfExpired(ctx, run, "hold")) return { outcome: "alreadyEnded", messageId };
  log("STREAMING", `Stop of run ${runId}`);
  await endRun(ctx, run, { endReason: "stopped", queue: "hold" });
  return { outcome: "stopped", messageId };
}
