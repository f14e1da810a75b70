import type { Doc } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import type { Charged } from "../spending/reservation";
import type { EndReason, Usage } from "../validators";
import type { RunRequest } from "./runRequest";

/** What is kept of a run's end. */
type Ended = {
  endReason: EndReason | "awaitingApproval";
  usage?: Usage;
  answeredBy?: string;
  request?: RunRequest;
};

/**
 * Keeps what a run took, in the transaction of its end: one row, which is only inserted, so that ends never conflict over it. `wrote`: the model
 * has said something. A run that nobody had claimed, or that its model's server refused, took nothing. `charged`: to budgets.
 */
export async function recordUsage(
  ctx: MutationCtx,
  { userId, taskId, messageId, state }: Doc<"runs">,
  { model }: Doc<"chatMessages">,
  { endReason, usage, answeredBy, request }: Ended,
  wrote: boolean,
  charged: Charged | null,
): Promise<void> {
  const isTold = usage?.inputTokens !== undefined || usage?.outputTokens !== undefined;
  const mayHaveCost = wrote || endReason === "stopped" || endReason === "crashed";
  if (state.kind !== "claimed" || !(isTold || mayHaveCost)) return;
  const asked = request?.model ?? model ?? answeredBy;
  await ctx.db.insert("usages", {
    ...{ userId, taskId, messageId, endedAt: Date.now() },
    ...(asked !== undefined && { model: asked }),
    ...(isTold && { usage }),
    ...(request?.prices && { prices: request.prices }),
    ...(request?.measured && { measured: request.measured }),
    ...(request?.ownKey && { ownKey: true as const }),
    ...(charged && { charged }),
  });
}
