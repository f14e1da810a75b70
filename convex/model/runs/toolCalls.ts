import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { isToolEnded } from "../../shared/parts";
import { appendChunk } from "../messages/content";
import { findMessage } from "../messages/messages";
import { endedReply, liveReply, writeFlush, type Flush } from "./runWrites";
import { findLive } from "./generationLock";
import { closedToolCalls, trackToolCalls, withoutCancelled } from "./toolFragments";
import type { RunReply } from "../validators";

/** Tool calls of a live answer: what the generator tells of them, and a person's cancelling one. */

/** A flush with fragments of tool calls. What it says of a cancelled call is dropped. */
export async function updateTool(ctx: MutationCtx, flush: Flush): Promise<RunReply> {
  const live = await findLive(ctx, flush.runId);
  if (!live) return endedReply(ctx, flush.runId);
  const parts = withoutCancelled(live.toolCalls, flush.parts);
  const appended = await writeFlush(ctx, live, { ...flush, parts });
  if (appended) {
    await ctx.db.patch("streamingResponses", live._id, {
      toolCalls: trackToolCalls(live.toolCalls, parts, Date.now()),
    });
  }
  return liveReply(live);
}

/** Cancels one call; the generator learns of it with its next flush or heartbeat and the run goes on. */
export async function cancelTool(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { messageId: Id<"chatMessages">; toolCallId: string },
): Promise<{ outcome: "cancelled" | "alreadyEnded" }> {
  const message = await findMessage(ctx, userId, args.messageId);
  if (!message) throw failure("NOT_FOUND", "This message does not exist.");
  const live = message.runId === undefined ? null : await findLive(ctx, message.runId);
  const call = live?.toolCalls.find((candidate) => candidate.toolCallId === args.toolCallId);
  if (!live || !call || isToolEnded(call.state)) return { outcome: "alreadyEnded" };
  await appendChunk(ctx, live, { flushSeq: null, parts: closedToolCalls([call], "cancelled", Date.now()) });
  await ctx.db.patch("streamingResponses", live._id, {
    toolCalls: live.toolCalls.map((other) => (other === call ? { ...call, state: "cancelled" } : other)),
  });
  return { outcome: "cancelled" };
}
