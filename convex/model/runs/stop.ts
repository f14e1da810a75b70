import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { endRun } from "./endRun";
import { endIfExpired } from "./expiry";
import { findLock } from "./generationLock";
import { log } from "../log";
import { lastOnPath } from "../messages/messages";
import { findLive } from "./runs";
import { requireTask } from "../chats/tasks";

/** Ends the chat's live run as stopped, and holds its queue. [G7] */
export async function stopRun(
  ctx: MutationCtx,
  userId: Id<"users">,
  taskId: Id<"tasks">,
): Promise<{ outcome: "stopped" | "alreadyEnded"; messageId: Id<"chatMessages"> | null }> {
  const task = await requireTask(ctx, userId, taskId);
  const lock = await findLock(ctx, task._id);
  const live = lock && (await findLive(ctx, lock.runId));
  if (!live) {
    const last = await lastOnPath(ctx, task._id);
    return { outcome: "alreadyEnded", messageId: last?.role === "ASSISTANT" ? last._id : null };
  }
  const { messageId, runId } = live;
  // A run that was already dead did not end because of this Stop.
  if (await endIfExpired(ctx, live, "hold")) return { outcome: "alreadyEnded", messageId };
  log("STREAMING", `Stop of run ${runId}`);
  await endRun(ctx, live, { endReason: "stopped", queue: "hold" });
  return { outcome: "stopped", messageId };
}
