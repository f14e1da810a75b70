import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import { adminQuery, ownerMutation, viewerQuery } from "./model/functions";
import { setGeneralLimits, setPersonLimit, vLimit } from "./model/spending/limits";
import { rebalance as rebalanceModel } from "./model/spending/rebalance";
import {
  spentByPeople,
  viewBudgets,
  viewMyBudgets,
  vBudgets,
  vMyBudgets,
  vSpentPage,
} from "./model/spending/views";

/**
 * The caller's budgets of a month ("2026-11", in UTC), which is named because queries have no clock; none where none holds. Errors:
 * INVALID_INPUT.
 */
export const mine = viewerQuery({
  args: { month: v.string() },
  returns: vMyBudgets,
  handler: (ctx, args) => viewMyBudgets(ctx, ctx.userId, args.month),
});

/** The budgets that hold, for the owner's page. Errors: NOT_ALLOWED. */
export const list = adminQuery({
  args: {},
  returns: vBudgets,
  handler: (ctx) => viewBudgets(ctx),
});

/**
 * A page of what people have spent since `from`, milliseconds, from the newest on; the pages are added up by the caller. `before`: of the
 * page before, null for the first. Errors: NOT_ALLOWED.
 */
export const spent = adminQuery({
  args: { from: v.number(), before: v.union(v.number(), v.null()) },
  returns: vSpentPage,
  handler: (ctx, args) => spentByPeople(ctx, args),
});

/**
 * Sets the budgets of the server and of each person, in place of the environment's; null has those hold again. They hold from the next
 * request on. Errors: NOT_ALLOWED, INVALID_INPUT.
 */
export const set = ownerMutation({
  args: { limits: v.union(v.object({ server: vLimit, person: vLimit }), v.null()) },
  returns: v.null(),
  handler: (ctx, args) => setGeneralLimits(ctx, ctx.userId, args.limits),
});

/** Sets one person's budget; null: theirs is everybody's again. Errors: NOT_ALLOWED, NOT_FOUND, INVALID_INPUT. */
export const setForPerson = ownerMutation({
  args: { userId: v.id("users"), limit: v.union(vLimit, v.null()) },
  returns: v.null(),
  handler: (ctx, args) => setPersonLimit(ctx, ctx.userId, args),
});

/** Has what people do not use of the server's budget go back to it. Called by a cron. */
export const rebalance = internalMutation({
  args: {},
  returns: v.null(),
  handler: (ctx) => rebalanceModel(ctx),
});
