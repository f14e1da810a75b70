import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { internalMutation } from "./_generated/server";
import {
  setDoor as setDoorModel,
  viewDoorSettings,
  vDoorInForce,
  vSignUp,
} from "./model/accounts/doorSettings";
import { vUsagePage } from "./model/context/usageSums";
import { listLimits, setLimit as setLimitModel, vShownLimit } from "./model/limits/setLimit";
import { vLimitName } from "./model/limits/limits";
import { adminMutation, adminQuery, ownerMutation } from "./model/functions";
import { removeAbandonedGuests as removeAbandonedGuestsModel } from "./model/people/abandonedGuests";
import {
  continueDeparture as continueDepartureModel,
  deletePerson,
  resumeDepartures,
} from "./model/people/departures";
import { setDisabled as setDisabledModel } from "./model/people/disable";
import { listPeople, storageOf, usageOf, vListedPerson } from "./model/people/listPeople";
import { stopRunsOf } from "./model/people/stopRuns";

/** Everybody with an account, in the order in which they came. */
export const list = adminQuery({
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(vListedPerson),
  handler: (ctx, args) => listPeople(ctx, args.paginationOpts),
});

/** What somebody's files take up. Errors: NOT_FOUND. */
export const storage = adminQuery({
  args: { userId: v.id("users") },
  returns: v.object({ files: v.number(), bytes: v.number() }),
  handler: (ctx, args) => storageOf(ctx, args.userId),
});

/** A page of what somebody's replies took since `from`, milliseconds: sums, and nothing of what is in them. Errors: NOT_FOUND. */
export const usage = adminQuery({
  args: { userId: v.id("users"), from: v.number(), before: v.union(v.number(), v.null()) },
  returns: vUsagePage,
  handler: (ctx, args) => usageOf(ctx, args),
});

/** Keeps somebody out at once, or lets them in again. Errors: NOT_FOUND, NOT_ALLOWED. */
export const setDisabled = adminMutation({
  args: { userId: v.id("users"), disabled: v.boolean() },
  returns: v.null(),
  handler: (ctx, args) => setDisabledModel(ctx, ctx.userId, args),
});

/** Deletes somebody with all that is theirs. Errors: NOT_FOUND, NOT_ALLOWED. */
export const remove = adminMutation({
  args: { userId: v.id("users") },
  returns: v.null(),
  handler: (ctx, args) => deletePerson(ctx, ctx.userId, args.userId),
});

/** Who may come in at present, and what says so. */
export const door = adminQuery({
  args: {},
  returns: vDoorInForce,
  handler: (ctx) => viewDoorSettings(ctx),
});

/** Sets who may come in, where the environment does not say so. */
export const setDoor = ownerMutation({
  args: { signUp: v.optional(vSignUp), guests: v.optional(v.boolean()) },
  returns: v.null(),
  handler: (ctx, args) => setDoorModel(ctx, ctx.userId, args),
});

/** The limits in force, and what says so. */
export const limits = adminQuery({
  args: {},
  returns: v.array(vShownLimit),
  handler: (ctx) => listLimits(ctx),
});

/**
 * Sets a limit, from the next request on; null: what the environment says holds again, else the default. Errors: INVALID_INPUT for what is
 * out of its range; NOT_ALLOWED, also for a limit that only the environment sets.
 */
export const setLimit = ownerMutation({
  args: { name: vLimitName, value: v.union(v.number(), v.null()) },
  returns: v.null(),
  handler: (ctx, args) => setLimitModel(ctx, ctx.userId, args),
});

/** The rest of the live runs of somebody who was disabled. */
export const stopRuns = internalMutation({
  args: { userId: v.id("users") },
  returns: v.null(),
  handler: (ctx, args) => stopRunsOf(ctx, args.userId),
});

/** One more batch of what is deleted of somebody. */
export const continueDeparture = internalMutation({
  args: { departureId: v.id("departures") },
  returns: v.null(),
  handler: (ctx, args) => continueDepartureModel(ctx, args.departureId),
});

/** Takes up deletions that have not moved; called by a cron. */
export const resume = internalMutation({
  args: {},
  returns: v.null(),
  handler: (ctx) => resumeDepartures(ctx),
});

/** Deletes guests who have not come for long; called by a cron, and by itself for those behind `after`. */
export const removeAbandonedGuests = internalMutation({
  args: { after: v.union(v.string(), v.null()) },
  returns: v.null(),
  handler: (ctx, args) => removeAbandonedGuestsModel(ctx, args.after),
});
