import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { recordAudit } from "../accounts/audit";
import { MICRODOLLARS, type SpendingUnit } from "../../shared/spending";
import * as settings from "../settings";

/** How much may be spent in a month: by the whole server, by each person, and by single persons where the owner has set it. */

export const vUnit = v.union(v.literal("money"), v.literal("tokens"));

/** Null: no limit. Dollars hold for what has a price, tokens for what has none. */
export const vLimit = v.object({
  dollars: v.union(v.number(), v.null()),
  tokens: v.union(v.number(), v.null()),
});
export type Limit = Infer<typeof vLimit>;

/** Single persons with a budget of their own; the owner's page shows them all. */
export const MAX_OVERRIDES = 500;

const MAX_DOLLARS = 1_000_000_000;
const MAX_TOKENS = 1_000_000_000_000;

/** In the unit's own amounts; null for no limit. */
export const amountOfLimit = ({ dollars, tokens }: Limit, unit: SpendingUnit): number | null =>
  unit === "tokens" ? tokens : dollars === null ? null : Math.floor(dollars * MICRODOLLARS);

export type Limits = { server: Limit; person: Limit };

/** What the environment says, where the owner's page has not. */
export const limitsOfEnvironment = (): Limits => ({
  server: { dollars: settings.serverBudgetDollars(), tokens: settings.serverBudgetTokens() },
  person: { dollars: settings.personBudgetDollars(), tokens: settings.personBudgetTokens() },
});

const findSettings = (ctx: QueryCtx): Promise<Doc<"budgetSettings"> | null> =>
  ctx.db.query("budgetSettings").first();

const findOverride = (ctx: QueryCtx, userId: Id<"users">): Promise<Doc<"personBudgets"> | null> =>
  ctx.db
    .query("personBudgets")
    .withIndex("by_user", (q) => q.eq("userId", userId))
    .unique();

/** What holds for everybody; `isStored`: the owner's page has set it. */
export async function generalLimits(ctx: QueryCtx): Promise<Limits & { isStored: boolean }> {
  const stored = await findSettings(ctx);
  if (stored === null) return { ...limitsOfEnvironment(), isStored: false };
  return { server: stored.server, person: stored.person, isStored: true };
}

/** The same for one person. Rows that change only when the owner sets a budget, so that sends never conflict over them. */
export async function limitsOf(ctx: QueryCtx, userId: Id<"users">): Promise<Limits> {
  const { server, person } = await generalLimits(ctx);
  const override = await findOverride(ctx, userId);
  return { server, person: override?.limit ?? person };
}

/** Errors: INVALID_INPUT. */
function checkLimit({ dollars, tokens }: Limit): void {
  const isValid = (value: number | null, most: number): boolean =>
    value === null || (Number.isFinite(value) && value >= 0 && value <= most);
  if (isValid(dollars, MAX_DOLLARS) && isValid(tokens, MAX_TOKENS)) return;
  throw failure("INVALID_INPUT", "A budget is a number from 0 on, or none.");
}

/** Sets what holds for everybody, in place of the environment; null has the environment hold again. Errors: INVALID_INPUT. */
export async function setGeneralLimits(
  ctx: MutationCtx,
  ownerId: Id<"users">,
  limits: Limits | null,
): Promise<null> {
  await recordAudit(ctx, { kind: "budgetChanged", actorId: ownerId });
  const stored = await findSettings(ctx);
  if (limits === null) {
    if (stored) await ctx.db.delete("budgetSettings", stored._id);
    return null;
  }
  checkLimit(limits.server);
  checkLimit(limits.person);
  if (stored) await ctx.db.patch("budgetSettings", stored._id, limits);
  else await ctx.db.insert("budgetSettings", limits);
  return null;
}

/** Sets one person's budget; null: theirs is everybody's again. Errors: NOT_FOUND, INVALID_INPUT. */
export async function setPersonLimit(
  ctx: MutationCtx,
  ownerId: Id<"users">,
  { userId, limit }: { userId: Id<"users">; limit: Limit | null },
): Promise<null> {
  await recordAudit(ctx, { kind: "budgetChanged", actorId: ownerId, subjectId: userId });
  const override = await findOverride(ctx, userId);
  if (limit === null) {
    if (override) await ctx.db.delete("personBudgets", override._id);
    return null;
  }
  checkLimit(limit);
  if (override) {
    await ctx.db.patch("personBudgets", override._id, { limit });
    return null;
  }
  if ((await ctx.db.get("users", userId)) === null) {
    throw failure("NOT_FOUND", "This person does not exist.");
  }
  const others = await ctx.db.query("personBudgets").take(MAX_OVERRIDES);
  if (others.length === MAX_OVERRIDES) {
    throw failure("INVALID_INPUT", `${MAX_OVERRIDES} people have a budget of their own already.`);
  }
  await ctx.db.insert("personBudgets", { userId, limit });
  return null;
}
