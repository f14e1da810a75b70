import { v, type Infer } from "convex/values";
import type { Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { amountInEnglish, monthOf, renewalOf, type SpendingUnit } from "../../shared/spending";
import { vPrices } from "../context/keptFacts";
import type { Usage } from "../validators";
import { reserve, settle, type Grant } from "./ledger";
import { vUnit } from "./limits";
import { chargeOf, pricesOf, type Rate } from "./tariff";

/**
 * What one execution that asks a model, a run or a question beside it, has reserved. It is kept in its row, so that whatever ends the row
 * settles it.
 */
export const vReservation = v.object({
  month: v.string(),
  unit: vUnit,
  amount: v.number(),
  /** Absent: tokens themselves are charged. */
  prices: v.optional(vPrices),
  /** The newest request to the model: what was surely spent up to it, with what it was sent, and when. Absent: none was made. */
  asked: v.optional(v.object({ sure: v.number(), at: v.number() })),
});
export type Reservation = Infer<typeof vReservation>;

/** What was charged for a row of `usages`. */
export const vCharged = v.object({ month: v.string(), unit: vUnit, amount: v.number() });
export type Charged = Infer<typeof vCharged>;

/** Tokens that no model writes faster in a second, thoughts included. */
export const MOST_TOKENS_PER_SECOND = 200;

/** Tokens that a first reservation is for at least: what a short chat sends, and a reply of some pages. */
export const TICKET_INPUT = 2_000;
export const TICKET_OUTPUT = 4_096;

/** Tokens of a reply below which it is not begun. */
export const LEAST_OUTPUT = 256;

/** A reservation of these tokens at least; null where no budget holds. `most`: as much as that, where there is enough. */
export async function reserveTokens(
  ctx: MutationCtx,
  userId: Id<"users">,
  rate: Rate,
  tokens: { least: Usage; most: Usage },
): Promise<Reservation | null | Extract<Grant, { kind: "refused" }>> {
  const prices = pricesOf(rate);
  const wish = { month: monthOf(Date.now()), unit: rate.unit };
  const least = chargeOf(tokens.least, prices);
  const most = Math.max(least, chargeOf(tokens.most, prices));
  const grant = await reserve(ctx, userId, { ...wish, least, most });
  switch (grant.kind) {
    case "unlimited":
      return null;
    case "granted":
      return { ...wish, amount: grant.amount, ...(prices && { prices }) };
    case "refused":
      return grant;
    default:
      return grant satisfies never;
  }
}

/**
 * The most that an execution can have spent whose generator has not told: what it surely spent, and as much as a model can have written
 * since; never more than it reserved. [G16]
 */
export function boundOf({ amount, prices, asked }: Reservation, now: number): number {
  if (asked === undefined) return 0;
  const seconds = Math.max(0, now - asked.at) / 1_000;
  const written = chargeOf({ outputTokens: Math.ceil(seconds * MOST_TOKENS_PER_SECOND) }, prices);
  return Math.min(Math.max(amount, asked.sure), asked.sure + written);
}

/** Ends a reservation: `usage` was spent, or (null) as much as can have been. Returns what was charged. */
export async function settleReservation(
  ctx: MutationCtx,
  userId: Id<"users">,
  reservation: Reservation,
  usage: Usage | null,
): Promise<Charged> {
  const { month, unit, prices } = reservation;
  const charge = usage === null ? boundOf(reservation, Date.now()) : chargeOf(usage, prices);
  await settle(ctx, userId, reservation, charge);
  return { month, unit, amount: charge };
}

/** What whoever is refused is told. Errors: BUDGET_USED_UP. */
export function refuseSpending(
  { scope, left, held }: { scope: "person" | "server"; left: number; held: number },
  unit: SpendingUnit,
  now: number,
): never {
  const renewsAt = renewalOf(monthOf(now));
  const on = new Date(renewsAt).toLocaleDateString("en", { day: "numeric", month: "long", timeZone: "UTC" });
  const whose = scope === "person" ? "Your budget" : "This server's budget";
  const rest = `What is left of it, ${amountInEnglish(unit, left)}, is too little for this reply.`;
  const wait = held > 0 ? " Some is held for replies that are being written." : "";
  throw failure("BUDGET_USED_UP", `${whose} for this month is used up. ${rest}${wait} It renews on ${on}.`, {
    scope,
    budget: { unit, left, held, renewsAt },
  });
}
