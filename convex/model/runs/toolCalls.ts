import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { isToolEnded } from "../../shared/parts";
import { insertRow, newestRow } from "../messages/log";
import { findMessage } from "../messages/messages";
import { answerApproval } from "../tools/approvals";
import { endedReply, liveReply, writeFlush, type Flush } from "./runWrites";
import { findLive } from "./generationLock";
import { closedToolCalls, trackToolCalls } from "./toolFragments";
import type { RunReply } from "../validators";

/** Tool calls of a live answer: what the generator reports, and how a person cancels one. */

/** A flush with fragments of tool calls. */
export async function updateTool(ctx: MutationCtx, flush: Flush): Promise<RunReply> {
  const live = await findLive(ctx, flush.runId, flush.answer?.liveId);
  if (!live) return endedReply(ctx, flush.runId);
  const { appended, rows } = await writeFlush(ctx, live, flush);
  if (appended) {
    const toolCalls = trackToolCalls(live.toolCalls ?? [], flush.parts, Date.now());
    await ctx.db.patch("streamingResponses", live._id, {
      toolCalls: toolCalls.length > 0 ? toolCalls : undefined,
    });
  }
  return liveReply(live, rows);
}

/**
 * Cancels one call. The generator learns of it from its next flush or heartbeat, and the run goes on. Viewers see it at once, in a row
 * that the server adds to the log. Pages leave that row out: they hold what the generator, or the end of the run, says of the call.
 */
export async function cancelTool(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { messageId: Id<"chatMessages">; toolCallId: string },
): Promise<{ outcome: "cancelled" | "alreadyEnded" }> {
  const message = await findMessage(ctx, userId, args.messageId);
  if (!message) throw failure("NOT_FOUND", "This message does not exist.");
  const live = message.runId === undefined ? null : await findLive(ctx, message.runId);
  if (!live) {
    // One that waits for approval is refused.
    const { outcome } = await answerApproval(ctx, userId, { ...args, approved: false });
    return { outcome: outcome === "answered" ? "cancelled" : "alreadyEnded" };
  }
  const call = live.toolCalls?.find((candidate) => candidate.toolCallId === args.toolCallId);
  if (!call || isToolEnded(call.state)) return { outcome: "alreadyEnded" };
  const newest = await newestRow(ctx, message._id);
  await insertRow(ctx, {
    messageId: message._id,
    userId,
    index: newest === null ? message.chunkCount : newest.index + 1,
    parts: closedToolCalls([call], { openTools: "cancelled" }, Date.now()),
  });
  await ctx.db.patch("streamingResponses", live._id, {
    insertedRows: (live.insertedRows ?? 0) + 1,
    toolCalls: live.toolCalls?.map((other) => (other === call ? { ...call, state: "cancelled" } : other)),
  });
  return { outcome: "cancelled" };
}
