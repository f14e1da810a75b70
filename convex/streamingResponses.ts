import { v } from "convex/values";
import { vRunRequest } from "./model/context/runRequest";
import { internalMutation } from "./_generated/server";
import { finishRun, flushRun, keepAlive } from "./model/runs/runWrites";
import { viewerQuery } from "./model/functions";
import { readChunks, readLiveTail } from "./model/messages/liveTail";
import { beginRunFor } from "./model/runs/beginRun";
import { deleteCopiedRows } from "./model/messages/content";
import { reportRetryOf } from "./model/runs/reportRetry";
import { updateTool } from "./model/runs/toolCalls";
import {
  vAfter,
  vFinishReason,
  vKeptStep,
  vAnswerOfRun,
  vLastFlush,
  vLiveTail,
  vPage,
  vPart,
  vProblem,
  vRetry,
  vRunReply,
  vUsage,
} from "./model/validators";

/** The newest row of a live answer's log, or null when the answer is not live (then `messages.list` has all of it). */
export const getStreamingResponse = viewerQuery({
  args: { messageId: v.id("chatMessages") },
  returns: v.union(vLiveTail, v.null()),
  handler: (ctx, args) => readLiveTail(ctx, ctx.userId, args.messageId),
});

/**
 * The rows `from … to - 1` of an answer's log, of which at most 256 may be asked for, as pieces in order: each holds the rows
 * `index … to - 1`. They never change. There may be fewer than asked for: ask again from the last one's `to`. The first may
 * begin before `from`, and the last end after `to`. Errors: INVALID_INPUT.
 */
export const listChunks = viewerQuery({
  args: { messageId: v.id("chatMessages"), from: v.number(), to: v.number() },
  returns: v.array(v.object({ index: v.number(), to: v.number(), parts: v.array(vPart) })),
  handler: (ctx, args) => readChunks(ctx, ctx.userId, args),
});

/** Begins a run for an answer that waits for one. Returns its `runId`, or that of the run which is live in it. */
export const createStreamingResponse = internalMutation({
  args: { messageId: v.id("chatMessages") },
  returns: v.string(),
  handler: (ctx, args) => beginRunFor(ctx, args.messageId),
});

const vFlush = {
  runId: v.string(),
  answer: v.optional(vAnswerOfRun),
  flushSeq: v.number(),
  after: v.optional(vAfter),
  parts: v.array(vPart),
  page: v.optional(vPage),
  step: v.optional(vKeptStep),
};

/**
 * A flush: appends `parts` to the answer's log. A run's first flush has the number that `generation.runInput` gave plus one, each
 * further one the next, and goes on `after` what the one before was told. A repeated or older `flushSeq` changes nothing. [G4]
 */
export const updateStreamingContent = internalMutation({
  args: vFlush,
  returns: vRunReply,
  handler: (ctx, args) => flushRun(ctx, args),
});

/** A sign of life in silence; its answer tells whether the run is still live. */
export const heartbeat = internalMutation({
  args: { runId: v.string() },
  returns: vRunReply,
  handler: (ctx, args) => keepAlive(ctx, args.runId),
});

/** A tool call changed its state; `parts` are the fragments of the log before it and its own. */
export const updateToolExecution = internalMutation({
  args: vFlush,
  returns: vRunReply,
  handler: (ctx, args) => updateTool(ctx, args),
});

/** The model is asked once more, or (null) was accepted at last. Written in no other case, so that it costs nothing. */
export const reportRetry = internalMutation({
  args: { runId: v.string(), retry: v.union(vRetry, v.null()) },
  returns: v.null(),
  handler: (ctx, args) => reportRetryOf(ctx, args),
});

/** The provider's answer came to an end. [G5] */
export const completeStreamingResponse = internalMutation({
  args: {
    runId: v.string(),
    last: vLastFlush,
    endReason: v.union(v.literal("finished"), v.literal("lengthLimit"), v.literal("contentFilter")),
    finishReason: vFinishReason,
    rawFinishReason: v.optional(v.string()),
    problem: v.optional(vProblem),
    errorMessage: v.optional(v.string()),
    usage: v.optional(vUsage),
    answeredBy: v.optional(v.string()),
    request: v.optional(vRunRequest),
  },
  returns: vRunReply,
  handler: (ctx, args) => finishRun(ctx, args),
});

/** The answer broke off. [G5, G12] */
export const errorStreamingResponse = internalMutation({
  args: {
    runId: v.string(),
    last: vLastFlush,
    endReason: v.union(v.literal("providerError"), v.literal("timedOut"), v.literal("crashed")),
    errorMessage: v.string(),
    rawFinishReason: v.optional(v.string()),
    problem: v.optional(vProblem),
    usage: v.optional(vUsage),
    answeredBy: v.optional(v.string()),
    request: v.optional(vRunRequest),
  },
  returns: vRunReply,
  handler: (ctx, args) => finishRun(ctx, args),
});

/** Deletes rows whose text the message or a page contains; schedules itself until none is left. */
export const cleanUpChunks = internalMutation({
  args: { messageId: v.id("chatMessages"), from: v.optional(v.number()) },
  returns: v.null(),
  handler: (ctx, args) => deleteCopiedRows(ctx, args.messageId, args.from ?? 0),
});
