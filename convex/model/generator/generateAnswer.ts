import { stepCountIs, streamText, type LanguageModelUsage, type ToolSet } from "ai";
import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import { connectModel, type ConnectedModel } from "../../providers/connectModel";
import { log } from "../log";
import type { RunInput } from "../runs/runInput";
import type { RunReply, Usage } from "../validators";
import { AnswerWriter } from "./answerWriter";
import { endOf, type GenerationEnd } from "./generationEnd";
import type { GeneratorCtx } from "./generatorCtx";
import { readHistoryBytes } from "./historyBytes";
import { Limits } from "./limits";
import { withMergedDeltas } from "./mergeDeltas";
import { modelMessages, systemPrompt } from "./modelMessages";
import { PartMapper } from "./partMapper";
import { describeError } from "./providerErrors";
import { withRequestRetries } from "./requestRetries";
import { ToolRunner } from "./toolRunner";
import { untilAborted } from "./untilAborted";
import { withRetries } from "./withRetries";

/** Rounds of tool calls and text in one answer. */
const MAX_STEPS = 8;

/** Why the stream is being left before its end. The first cause counts. */
type Interruption =
  | { kind: "ended"; reply: Extract<RunReply, { state: "ended" }> }
  | { kind: "timedOut"; message: string }
  | { kind: "failed"; error: unknown };

/**
 * The generator: one run from its claim to its end. It uses web APIs only and gets its `ctx` handed in, so that a Node action
 * and an HTTP action can both be its caller. It writes through the run's mutations alone, and leaves at the first "ended".
 *
 * Resolves with `ended` when it has, `waiting` when there is no place for it yet, `gone` when
 * another generator has it or it ended before.
 */
export async function generateAnswer(
  ctx: GeneratorCtx,
  run: { runId: string; userId: Id<"users"> | null },
  options: { connect?: (model: string | null) => Promise<ConnectedModel>; tools?: ToolSet } = {},
): Promise<"ended" | "waiting" | "gone"> {
  const { runId } = run;
  const claim = await ctx.runMutation(internal.generation.claim, run);
  if (claim !== "claimed") return claim;
  const input = await readInput(ctx, runId);
  if (input === null) return "ended";

  const abort = new AbortController();
  let interruption = null as Interruption | null;
  const interrupt = (cause: Interruption) => {
    interruption ??= cause;
    abort.abort();
  };
  const toolRunner = new ToolRunner(abort.signal);
  const writer = new AnswerWriter(ctx, { runId, answer: input.answer }, input.flushSeq, {
    onEnded: (reply) => interrupt({ kind: "ended", reply }),
    onCancelledTools: (ids) => toolRunner.cancel(ids),
    onFailure: (error) => interrupt({ kind: "failed", error }),
  });
  const limits = new Limits(input.remainingMs, (message) => interrupt({ kind: "timedOut", message }));
  let end: GenerationEnd;
  try {
    writer.start();
    const streamed = await stream(ctx, input, { abort, writer, limits, toolRunner, ...options });
    end = interruption === null ? streamed : interruptedEnd(interruption);
  } catch (error) {
    end =
      interruption === null
        ? { endReason: "providerError", errorMessage: describeError(error) }
        : interruptedEnd(interruption);
  } finally {
    limits.clear();
    abort.abort();
    await writer.settle();
  }
  // The last flush before this may have been answered "ended".
  if (interruption?.kind === "ended") await reportEnded(ctx, runId, interruption.reply);
  else await writeEnd(ctx, runId, writer, end);
  return "ended";
}

/** Null when the run has ended; also when its chat cannot be read, and then this has ended it. */
async function readInput(ctx: GeneratorCtx, runId: string): Promise<RunInput | null> {
  try {
    return await ctx.runQuery(internal.generation.runInput, { runId });
  } catch (error) {
    const errorMessage = `The chat could not be read: ${describeError(error)}`;
    await sendEnd(ctx, runId, NO_LAST_WORDS, { endReason: "crashed", errorMessage });
    return null;
  }
}

type Streaming = {
  abort: AbortController;
  writer: AnswerWriter;
  limits: Limits;
  toolRunner: ToolRunner;
  connect?: (model: string | null) => Promise<ConnectedModel>;
  tools?: ToolSet;
};

/** Asks the model and hands what it says to the writer. Leaves at once when aborted, whatever the provider does. */
async function stream(ctx: GeneratorCtx, input: RunInput, streaming: Streaming): Promise<GenerationEnd> {
  const { abort, writer, limits, toolRunner } = streaming;
  const connected = await untilAborted((streaming.connect ?? connectModel)(input.model), abort.signal);
  if (connected === "aborted") return BROKEN_OFF;
  const bytes = await untilAborted(readHistoryBytes(ctx, input.history), abort.signal);
  if (bytes === "aborted") return BROKEN_OFF;
  const tools = streaming.tools ?? connected.tools;
  const result = streamText({
    model: withMergedDeltas(withRequestRetries(connected.model, { signal: abort.signal, limits }), () =>
      writer.waitMs(),
    ),
    system: systemPrompt(input.instructions),
    messages: modelMessages(input, bytes),
    abortSignal: abort.signal,
    maxRetries: 0,
    stopWhen: stepCountIs(MAX_STEPS),
    ...(tools !== undefined && { tools: toolRunner.wrap(tools) }),
    // Errors arrive as parts of the stream; the SDK's default would print them as well.
    onError: () => undefined,
  });
  const mapper = new PartMapper(input, toolRunner);
  const iterator = result.fullStream[Symbol.asyncIterator]();
  for (;;) {
    const next = await untilAborted(iterator.next(), abort.signal);
    if (next === "aborted" || next.done) return BROKEN_OFF;
    const part = next.value;
    switch (part.type) {
      case "error":
        return { endReason: "providerError", errorMessage: describeError(part.error) };
      case "abort":
        return BROKEN_OFF;
      case "finish":
        return endOf(part.finishReason, part.rawFinishReason, usageOf(part.totalUsage));
      default:
        for (const fragment of mapper.map(part)) writer.push(fragment);
        limits.heard({ toolsAreRunning: mapper.hasOpenCalls });
    }
  }
}

/** What a stream that just stops is taken for: never for a finished answer. [G12] */
const BROKEN_OFF: GenerationEnd = {
  endReason: "providerError",
  errorMessage: "The connection to the model ended before the reply was complete.",
};

function usageOf(usage: LanguageModelUsage): Usage {
  const { inputTokens, outputTokens, totalTokens } = usage;
  const reasoningTokens = usage.outputTokenDetails.reasoningTokens;
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(totalTokens !== undefined && { totalTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}

function interruptedEnd(interruption: Interruption): GenerationEnd {
  switch (interruption.kind) {
    case "timedOut":
      return { endReason: "timedOut", errorMessage: interruption.message };
    case "failed":
      return {
        endReason: "crashed",
        errorMessage: `The reply could not be stored: ${describeError(interruption.error)}`,
      };
    case "ended":
      // Not written: the run has its end already.
      return BROKEN_OFF;
    default:
      return interruption satisfies never;
  }
}

/** Somebody else ended the run; the provider's request has just been aborted. */
async function reportEnded(
  ctx: GeneratorCtx,
  runId: string,
  reply: Extract<RunReply, { state: "ended" }>,
): Promise<void> {
  if (reply.endReason !== "stopped") {
    log("STREAMING", `Run ${runId} has ended (${reply.endReason ?? "deleted"}), breaking stream loop`);
    return;
  }
  log("STREAMING", "Task was stopped, breaking stream loop");
  if (reply.endedAt === null) return;
  const stopLatencyMs = Math.max(0, Date.now() - reply.endedAt);
  await ctx.runMutation(internal.generation.reportStop, { runId, stopLatencyMs });
}

const NO_LAST_WORDS = { flushSeq: Number.MAX_SAFE_INTEGER, parts: [] };

/** Writes the end with the last words. If that cannot be stored, the end alone; if that neither, the lease ends the run. */
async function writeEnd(
  ctx: GeneratorCtx,
  runId: string,
  writer: AnswerWriter,
  end: GenerationEnd,
): Promise<void> {
  try {
    const last = await writer.takeRest();
    await sendEnd(ctx, runId, last, end);
  } catch (error) {
    console.error(`[STREAMING] The end of run ${runId} could not be stored with its last words`, error);
    const errorMessage = `The end of the reply could not be stored: ${describeError(error)}`;
    await sendEnd(ctx, runId, NO_LAST_WORDS, { endReason: "crashed", errorMessage });
  }
}

async function sendEnd(
  ctx: GeneratorCtx,
  runId: string,
  last: Awaited<ReturnType<AnswerWriter["takeRest"]>>,
  end: GenerationEnd,
): Promise<void> {
  const { completeStreamingResponse, errorStreamingResponse } = internal.streamingResponses;
  await withRetries(runId, () =>
    "errorMessage" in end
      ? ctx.runMutation(errorStreamingResponse, { runId, last, ...end })
      : ctx.runMutation(completeStreamingResponse, { runId, last, ...end }),
  );
}
