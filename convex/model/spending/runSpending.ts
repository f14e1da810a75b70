import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { estimateTokens } from "../../shared/tokens";
import { contextRoom } from "../context/contextRoom";
import { findRun } from "../runs/generationLock";
import type { Usage } from "../validators";
import { reserve, settle } from "./ledger";
import { limitsOf } from "./limits";
import {
  refuseSpending,
  reserveTokens,
  settleReservation,
  TICKET_INPUT,
  TICKET_OUTPUT,
  type Charged,
  type Reservation,
} from "./reservation";
import { chargeOf, tariffOf } from "./tariff";

/**
 * What runs reserve: [G16]
 *
 *   beginRun: some, by what the chat's last reply took ──► each request to the model: what it is sent and may write ──► the end: settled
 *
 * So a send is refused when there is too little, and no request is made that is not paid for: its longest reply is what its reservation
 * pays.
 */

/** Does any budget hold for this person? Nothing else is read where none does. */
export async function isLimited(ctx: QueryCtx, userId: Id<"users">): Promise<boolean> {
  const { person, server } = await limitsOf(ctx, userId);
  return [person.dollars, person.tokens, server.dollars, server.tokens].some((limit) => limit !== null);
}

/** For a run that begins. Null where no budget holds. Errors: BUDGET_USED_UP. */
export async function reserveForRun(
  ctx: MutationCtx,
  answer: Doc<"chatMessages">,
  now: number,
): Promise<Reservation | null> {
  const { userId } = answer;
  if (!(await isLimited(ctx, userId))) return null;
  const { tariff, facts } = await tariffOf(ctx, userId, answer.model ?? null);
  if (tariff.kind === "none") return null;
  const inputTokens = Math.min(await expectedInput(ctx, answer), contextRoom(facts, null).tokens);
  const ticket = { inputTokens, outputTokens: TICKET_OUTPUT };
  const reserved = await reserveTokens(ctx, userId, tariff, { least: ticket, most: ticket });
  if (reserved !== null && "kind" in reserved) refuseSpending(reserved, tariff.unit, now);
  return reserved;
}

/** About what the model will be sent: what its last request and reply in this chat had, and the prompt. */
async function expectedInput(ctx: QueryCtx, answer: Doc<"chatMessages">): Promise<number> {
  const prompt = answer.promptMessageId && (await ctx.db.get("chatMessages", answer.promptMessageId));
  const words = prompt?.parts.map((part) => (part.type === "text" ? part.text : "")).join("") ?? "";
  const last = await ctx.db
    .query("usages")
    .withIndex("by_task", (q) => q.eq("taskId", answer.taskId))
    .order("desc")
    .first();
  const { inputTokens = 0, outputTokens = 0 } = last?.usage ?? {};
  return TICKET_INPUT + estimateTokens(words) + inputTokens + outputTokens;
}

/** Tokens: spent by requests before; of the next one, what it is sent, and what its reply may have at least and at most. */
export const vNextRequest = v.object({
  spent: v.object({
    inputTokens: v.number(),
    cachedTokens: v.number(),
    outputTokens: v.number(),
  }),
  input: v.number(),
  leastOutput: v.number(),
  mostOutput: v.number(),
});
export type NextRequest = Infer<typeof vNextRequest>;

/** How many tokens the reply may have; null for as many as the model writes. Or why the request must not be made. */
export const vAllowance = v.union(
  /** So has the run: somebody stopped it. */
  v.object({ kind: v.literal("ended") }),
  v.object({ kind: v.literal("allowed"), output: v.union(v.number(), v.null()) }),
  v.object({ kind: v.literal("refused"), scope: v.union(v.literal("person"), v.literal("server")) }),
);
export type Allowance = Infer<typeof vAllowance>;

const UNLIMITED: Allowance = { kind: "allowed", output: null };

/** Has a claimed run reserve what its next request may cost. Also for one that began before any budget held, or with an own key. */
export async function reserveForRequest(
  ctx: MutationCtx,
  runId: string,
  next: NextRequest,
): Promise<Allowance> {
  const run = await findRun(ctx, runId);
  if (run?.state.kind !== "claimed") return { kind: "ended" };
  const message = await ctx.db.get("chatMessages", run.messageId);
  const { tariff } = await tariffOf(ctx, run.userId, message?.model ?? null);
  if (tariff.kind === "none") return UNLIMITED;
  const nothing = { least: {}, most: {} };
  const before = run.reserved ?? (await reserveTokens(ctx, run.userId, tariff, nothing));
  if (before === null) return UNLIMITED;
  if ("kind" in before) return { kind: "refused", scope: before.scope };

  const { month, unit, prices } = before;
  const costs = (output: number): number => {
    const { inputTokens, cachedTokens, outputTokens } = next.spent;
    const all = { inputTokens: inputTokens + next.input, outputTokens: outputTokens + output };
    return chargeOf({ ...all, cachedTokens }, prices);
  };
  const [sure, least, most] = [costs(0), costs(next.leastOutput), costs(next.mostOutput)];
  let { amount } = before;
  if (amount < most) {
    const wish = { month, unit, least: Math.max(0, least - amount), most: most - amount };
    const grant = await reserve(ctx, run.userId, wish);
    if (grant.kind === "refused") return { kind: "refused", scope: grant.scope };
    // The budgets are gone. What was reserved under them is settled with the end.
    if (grant.kind === "unlimited") return UNLIMITED;
    amount += grant.amount;
  }
  await ctx.db.patch("runs", run._id, { reserved: { ...before, amount, asked: { sure, at: Date.now() } } });
  // In whole tokens of the output; prices are millionths of a dollar for one.
  const price = prices === undefined ? 1 : prices.output;
  if (amount >= most || price === 0) return { kind: "allowed", output: next.mostOutput };
  return { kind: "allowed", output: Math.floor((amount - sure) / price) };
}

/**
 * Settles what a run has reserved, at whatever end: `usage` as its generator told, `unknown` when it did not. A run that nobody had claimed
 * has asked nothing. Returns what was charged; null where no budget held.
 */
export async function settleRun(
  ctx: MutationCtx,
  run: Doc<"runs">,
  usage: Usage | "unknown",
): Promise<Charged | null> {
  if (run.reserved === undefined) return null;
  const told = run.state.kind === "claimed" ? usage : {};
  return await settleReservation(ctx, run.userId, run.reserved, told === "unknown" ? null : told);
}

/** Puts right what was charged for a run whose generator tells only now: it was as much as it can have been. Returns the charge. */
export async function correctCharge(
  ctx: MutationCtx,
  userId: Id<"users">,
  charged: Charged,
  amount: number,
): Promise<Charged> {
  const { month, unit } = charged;
  await settle(ctx, userId, { month, unit, amount: 0 }, amount - charged.amount);
  return { ...charged, amount };
}
