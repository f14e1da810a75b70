import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { vRunRequest } from "./model/context/runRequest";
import { keepMadeFileOf } from "./model/files/madeFiles";
import { viewerQuery } from "./model/functions";
import { claimRun, vClaim } from "./model/runs/claim";
import { liveRunOf } from "./model/runs/generationLock";
import { chatsWithRun } from "./model/runs/places";
import { endGivenUp as endGivenUpModel, findExpired, vGivenUpFor, watchRun } from "./model/runs/giveUp";
import { readRunInput, vRunInput } from "./model/runs/runInput";
import { callNext as callNextModel, checkStart } from "./model/runs/startCheck";
import { giveTurn as giveTurnModel } from "./model/runs/turns";
import { endStopped as endStoppedModel, vQueueAfterStop, vStopOutcome } from "./model/runs/stop";
import { recordStop } from "./model/runs/recordStop";
import {
  reserveForRequest as reserveForRequestModel,
  vAllowance,
  vNextRequest,
} from "./model/spending/runSpending";
import { vUsage } from "./model/validators";

/** Has this chat a live run, which waits or generates? False for a chat that is not the caller's. */
export const isLocked = viewerQuery({
  args: { taskId: v.id("tasks") },
  returns: v.boolean(),
  handler: async (ctx, args) => (await liveRunOf(ctx, args.taskId))?.userId === ctx.userId,
});

/** Those of the caller's chats whose run waits for a place; at most 100. [G15] */
export const waiting = viewerQuery({
  args: {},
  returns: v.array(v.id("tasks")),
  handler: (ctx) => chatsWithRun(ctx, ctx.userId, "waiting"),
});

/** Those of the caller's chats whose run goes on when they have allowed or refused a tool call; at most 100. */
export const awaitingApproval = viewerQuery({
  args: {},
  returns: v.array(v.id("tasks")),
  handler: (ctx) => chatsWithRun(ctx, ctx.userId, "awaitingApproval"),
});

/** Takes a run for one generator, once. `userId` is the caller's, null when the server itself starts it. [G15] */
export const claim = internalMutation({
  args: { runId: v.string(), userId: v.union(v.id("users"), v.null()) },
  returns: vClaim,
  handler: (ctx, args) => claimRun(ctx, args),
});

/** What a claimed run needs to know; null when it has ended. */
export const runInput = internalQuery({
  args: { runId: v.string() },
  returns: v.union(vRunInput, v.null()),
  handler: (ctx, args) => readRunInput(ctx, args.runId),
});

/**
 * The start check of a run that waits: has the server start what nobody else does, and comes back while it waits. `calledAt` names the
 * call that it looks after. [G15]
 */
export const startCheck = internalMutation({
  args: { runId: v.string(), calledAt: v.optional(v.number()), attempt: v.optional(v.number()) },
  returns: v.null(),
  handler: (ctx, args) => checkStart(ctx, args),
});

/** Calls the runs whose turn it is, as many as there are free places; after each end, and by the cron. [G15] */
export const callNext = internalMutation({
  args: {},
  returns: v.null(),
  handler: (ctx) => callNextModel(ctx),
});

/** Gives the next of a person's runs that wait for each other its turn; after an end of one of theirs. [G15] */
export const giveTurn = internalMutation({
  args: { userId: v.id("users") },
  returns: v.null(),
  handler: (ctx, args) => giveTurnModel(ctx, args.userId),
});

/** The watchdog: ends the run if its lease or its time is over, else comes back when it could be. [G6] */
export const watchdog = internalMutation({
  args: { runId: v.string() },
  returns: v.null(),
  handler: (ctx, args) => watchRun(ctx, args.runId),
});

/** Ends a run that is given up: a transaction of its own, which the caller may see fail. */
export const endGivenUp = internalMutation({
  args: { runId: v.string(), reason: vGivenUpFor },
  returns: v.null(),
  handler: (ctx, args) => endGivenUpModel(ctx, args),
});

/** Ends a run for its person: a transaction of its own, which the caller may see fail. [G7] */
export const endStopped = internalMutation({
  args: { runId: v.string(), queue: vQueueAfterStop },
  returns: vStopOutcome,
  handler: (ctx, args) => endStoppedModel(ctx, args),
});

/**
 * Finds what a watchdog missed, and schedules one mutation for each run; called by the crons. Returns how many were silent for their
 * lease. [G6]
 */
export const cleanupExpiredLocks = internalMutation({
  args: {},
  returns: v.number(),
  handler: (ctx) => findExpired(ctx),
});

/** Keeps a file that the model made and the generator has stored; null when it is not kept. [G11] */
export const keepMadeFile = internalMutation({
  args: { runId: v.string(), storageId: v.id("_storage"), filename: v.string(), mediaType: v.string() },
  returns: v.union(v.id("attachments"), v.null()),
  handler: (ctx, args) => keepMadeFileOf(ctx, args),
});

/** What only a generator knows of a stopped run: milliseconds from the Stop to the end of its request, which model the default was, what it took. */
export const reportStop = internalMutation({
  args: {
    runId: v.string(),
    stopLatencyMs: v.number(),
    answeredBy: v.optional(v.string()),
    request: v.optional(vRunRequest),
    usage: v.optional(vUsage),
  },
  returns: v.null(),
  handler: (ctx, args) => recordStop(ctx, args),
});

/** Has a run reserve what its next request to a model may cost, where budgets hold, and says how long the reply may be. [G16] */
export const reserveForRequest = internalMutation({
  args: { runId: v.string(), next: vNextRequest },
  returns: vAllowance,
  handler: (ctx, args) => reserveForRequestModel(ctx, args.runId, args.next),
});
