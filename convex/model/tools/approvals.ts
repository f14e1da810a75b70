import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { log } from "../log";
import { endLog } from "../messages/log";
import { findMessage } from "../messages/messages";
import { findLive, findRun, liveRunIn } from "../runs/generationLock";
import { keepStep } from "../runs/keptSteps";
import { nextTurnOf } from "../runs/turns";
import { recordUsage } from "../context/recordUsage";
import type { RunRequest } from "../context/runRequest";
import type { Reservation } from "../spending/reservation";
import { reserveForRun, settleRun } from "../spending/runSpending";
import { START_CHECK_MS } from "../settings";
import { cancelledIds, withCancelled, type ToolFragment } from "../runs/toolFragments";
import type { Usage, vLastFlush } from "../validators";
import { approvalsOf, findApproval, forgetApprovals, MAX_CALLS, type CallToApprove } from "./approvalRows";

/**
 * Calls that a person must approve. Waiting for it is rows and nothing else: no action, no place, no timer, for as long as it takes.
 *
 *   the model's turn has ended with such calls ──awaitApproval──► run: claimed → awaitingApproval · calls: open
 *   answerApproval, on any device: open → approved | refused;  after the last one ──► run: awaitingApproval → waiting, with a new `runId`
 *   the next generator: approved ──startApproved, once──► started ──► the call runs, and the model goes on in the same answer
 *
 * The new `runId` is the fence: what the generator before may still write changes nothing. [G4] However the run ends, its rows go, and the
 * parts of the answer say what became of the calls; nothing that was started is ever started again.
 */

/** Ends the generator's turn: the run waits for a person's answers. Nothing happens when the run is no longer live. */
export async function awaitApproval(
  ctx: MutationCtx,
  args: {
    runId: string;
    last: Infer<typeof vLastFlush>;
    calls: CallToApprove[];
    answeredBy?: string;
    usage?: Usage;
    request?: RunRequest;
  },
): Promise<null> {
  const live = await findLive(ctx, args.runId);
  const run = await findRun(ctx, args.runId);
  const message = run && (await ctx.db.get("chatMessages", run.messageId));
  if (!live || !message || run.state.kind !== "claimed") return null;
  const now = Date.now();
  // Those of the turn before are over. Some servers count their calls anew in each turn, so that ids come again.
  await forgetApprovals(ctx, message._id);
  const cancelled = new Set(cancelledIds(live.toolCalls ?? []));
  for (const call of args.calls.slice(0, MAX_CALLS)) {
    if (cancelled.has(call.toolCallId)) continue;
    await ctx.db.insert("toolApprovals", { messageId: message._id, ...call, state: { kind: "open" } });
  }
  const { parts, page, step } = args.last;
  await keepStep(ctx, message._id, step);
  await ctx.db.patch("chatMessages", message._id, {
    chunkCount: await endLog(ctx, message, withCancelled(cancelled, parts), page),
    ...(args.answeredBy !== undefined && { answeredBy: args.answeredBy }),
  });
  await ctx.db.delete("streamingResponses", live._id);
  // It may wait for days: what is to come is reserved when it goes on. [G16]
  const charged = await settleRun(ctx, run, args.usage ?? (args.request ? {} : "unknown"));
  await recordUsage(ctx, run, message, { ...args, endReason: "awaitingApproval" }, true, charged);
  await ctx.db.patch("runs", run._id, {
    state: { kind: "awaitingApproval", since: now },
    reserved: undefined,
  });
  // Seen in the list of chats, on every device.
  await ctx.db.patch("tasks", run.taskId, { unread: true, lastActivityAt: now });
  await ctx.scheduler.runAfter(0, internal.generation.callNext, {});
  await ctx.scheduler.runAfter(0, internal.generation.giveTurn, { userId: run.userId });
  log("TOOLS", `Run ${run.runId} waits for a person's approval`);
  const approvals = await approvalsOf(ctx, message._id);
  if (approvals.length === 0) await resume(ctx, run);
  return null;
}

export const vApprovalOutcome = v.object({
  outcome: v.union(v.literal("answered"), v.literal("alreadyAnswered")),
  /** For `generate.start`: the run goes on. Null while other calls wait. */
  runId: v.union(v.string(), v.null()),
});

/** A person's answer. The first one counts, from whichever device. Errors: NOT_FOUND, BUDGET_USED_UP: the call goes on waiting. */
export async function answerApproval(
  ctx: MutationCtx,
  userId: Id<"users">,
  args: { messageId: Id<"chatMessages">; toolCallId: string; approved: boolean },
): Promise<Infer<typeof vApprovalOutcome>> {
  const message = await findMessage(ctx, userId, args.messageId);
  if (!message) throw failure("NOT_FOUND", "This message does not exist.");
  const run = await liveRunIn(ctx, message._id);
  const approval = await findApproval(ctx, message._id, args.toolCallId);
  if (run?.state.kind !== "awaitingApproval" || approval?.state.kind !== "open") {
    return { outcome: "alreadyAnswered", runId: null };
  }
  const now = Date.now();
  await ctx.db.patch("toolApprovals", approval._id, {
    state: { kind: args.approved ? "approved" : "refused", answeredAt: now },
  });
  const { toolCallId, toolName, position } = approval;
  const fragment: ToolFragment = {
    ...{ type: "dynamic-tool", position, toolCallId, toolName },
    ...(args.approved ? { state: "pending" } : { state: "refused", endedAt: now }),
  };
  await ctx.db.patch("chatMessages", message._id, { chunkCount: await endLog(ctx, message, [fragment]) });
  log("TOOLS", `A call of ${toolName} was ${args.approved ? "approved" : "refused"}`);
  return { outcome: "answered", runId: await resumeIfAnswered(ctx, run) };
}

/** When no call is open any more, the run goes on. Returns its new `runId`, or null. */
async function resumeIfAnswered(ctx: MutationCtx, run: Doc<"runs">): Promise<string | null> {
  const approvals = await approvalsOf(ctx, run.messageId);
  if (approvals.some(({ state }) => state.kind === "open")) return null;
  const message = await ctx.db.get("chatMessages", run.messageId);
  const reserved = message && (await reserveForRun(ctx, message, Date.now()));
  return await resume(ctx, run, reserved ?? undefined);
}

/** The run waits for a place again. Without a reservation its generator takes what it needs. */
async function resume(ctx: MutationCtx, run: Doc<"runs">, reserved?: Reservation): Promise<string> {
  const runId = crypto.randomUUID();
  const now = Date.now();
  const turnAt = await nextTurnOf(ctx, run.userId, now);
  await ctx.db.patch("runs", run._id, {
    runId,
    createdAt: now,
    state: { kind: "waiting", turnAt },
    reserved,
  });
  await ctx.db.patch("chatMessages", run.messageId, { runId });
  await ctx.scheduler.runAfter(START_CHECK_MS, internal.generation.startCheck, { runId });
  return runId;
}

/** Takes an approved call, once: only who gets true may run it. From here on a crash leaves its outcome unknown. */
export async function startApproved(
  ctx: MutationCtx,
  { runId, toolCallId }: { runId: string; toolCallId: string },
): Promise<boolean> {
  const live = await findLive(ctx, runId);
  const run = await findRun(ctx, runId);
  if (!live || run?.state.kind !== "claimed") return false;
  if (cancelledIds(live.toolCalls ?? []).includes(toolCallId)) return false;
  const approval = await findApproval(ctx, run.messageId, toolCallId);
  if (approval?.state.kind !== "approved") return false;
  await ctx.db.patch("toolApprovals", approval._id, { state: { kind: "started", startedAt: Date.now() } });
  await ctx.db.patch("streamingResponses", live._id, {
    toolCalls: live.toolCalls?.map((call) =>
      call.toolCallId === toolCallId ? { ...call, state: "running" } : call,
    ),
  });
  return true;
}
