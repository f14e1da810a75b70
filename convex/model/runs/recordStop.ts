import type { MutationCtx } from "../../_generated/server";
import type { Doc } from "../../_generated/dataModel";
import type { RunRequest } from "../context/runRequest";
import { correctCharge } from "../spending/runSpending";
import { chargeOf } from "../spending/tariff";
import type { Usage } from "../validators";
import { findRun } from "./generationLock";

/**
 * Stores what the generator of a stopped run reports: milliseconds from the Stop to the end of its request, the model that it
 * asked, where that was the default, what that was not sent of the chat, and what it took.
 */
export async function recordStop(
  ctx: MutationCtx,
  {
    runId,
    stopLatencyMs,
    answeredBy,
    request,
    usage,
  }: {
    runId: string;
    stopLatencyMs: number;
    answeredBy?: string;
    request?: RunRequest;
    usage?: Usage;
  },
): Promise<null> {
  const run = await findRun(ctx, runId);
  if (run?.state.kind !== "ended") return null;
  await ctx.db.patch("runs", run._id, { state: { ...run.state, stopLatencyMs } });
  if (request) await correctUsage(ctx, run, run.state.endedAt, request, usage);
  // Only a cut is worth sending the page of messages once more.
  const { contextFrom, summary } = request?.isCut === true || request?.summary ? request : {};
  if (answeredBy === undefined && contextFrom === undefined) return null;
  const message = await ctx.db.get("chatMessages", run.messageId);
  // A run that continues the answer tells of its own model.
  if (message?.runId !== runId) return null;
  await ctx.db.patch("chatMessages", message._id, {
    ...(answeredBy !== undefined && { answeredBy }),
    ...(contextFrom !== undefined && { contextFrom, summary }),
  });
  return null;
}

/** Ended runs of one answer among which the row is looked for: the newest are continuations of it. */
const NEWEST = 5;

/** The run's end knew nothing of what it took, and charged as much as it can have been. */
async function correctUsage(
  ctx: MutationCtx,
  { userId, messageId, reserved }: Doc<"runs">,
  endedAt: number,
  { model, prices, ownKey }: RunRequest,
  usage: Usage = {},
): Promise<void> {
  const rows = await ctx.db
    .query("usages")
    .withIndex("by_message", (q) => q.eq("messageId", messageId))
    .order("desc")
    .take(NEWEST);
  const row = rows.find((one) => one.endedAt === endedAt && one.usage === undefined);
  if (!row) return;
  const isKnown = usage.inputTokens !== undefined || usage.outputTokens !== undefined;
  // Nothing was asked: there is nothing to keep.
  if (!isKnown && row.charged === undefined) return;
  const charged =
    row.charged && (await correctCharge(ctx, userId, row.charged, chargeOf(usage, reserved?.prices)));
  await ctx.db.patch("usages", row._id, {
    ...(model !== undefined && { model }),
    ...(isKnown && { usage }),
    ...(prices && { prices }),
    ...(ownKey && { ownKey }),
    ...(charged && { charged }),
  });
}
