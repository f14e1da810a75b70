import { stepCountIs, streamText, type GeneratedFile, type TextStreamPart, type ToolSet } from "ai";
import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { Connect } from "../../providers/connectModel";
import type { Line } from "../../providers/wire/replyReader";
import { describeError, describeProblem } from "../../providers/describeError";
import { problemOf } from "../../providers/problemOf";
import { MAX_MODEL_ID_CHARS } from "../../shared/limits";
import type { Problem } from "../../shared/problems";
import { openAsker, type OpenAsker } from "../keys/asker";
import { log } from "../log";
import { firstTokenLimitMs } from "../settings";
import type { RunInput } from "../runs/runInput";
import type { RunRequest } from "../context/runRequest";
import type { RunReply, StoredPart, Usage } from "../validators";
import type { NodeServices } from "../tools/openTools";
import { AnswerWriter } from "./answerWriter";
import { claimRun } from "./claimRun";
import type { CallToApprove } from "../tools/approvalRows";
import { runApprovedCalls } from "./approvedCalls";
import { DirectWords } from "./directWords";
import { endOf, type FailedEnd, type GenerationEnd } from "./generationEnd";
import { explainProblem } from "./explainProblem";
import type { GeneratorCtx } from "./generatorCtx";
import { readHistoryBytes } from "./historyBytes";
import { keepMadeFile, type KeptFile } from "./keepMadeFile";
import { Limits } from "./limits";
import { messagesWithoutThoughts, modelMessages, systemPrompt } from "./modelMessages";
import { PartMapper } from "./partMapper";
import { untilAccepted, withRequestRetries, type RetriedRun } from "./requestRetries";
import { RetryReport } from "./retryReport";
import { openRunTools } from "./runTools";
import { StepKeeper } from "./stepKeeper";
import { ToolRunner } from "./toolRunner";
import { untilAborted } from "./untilAborted";
import { UsageMeter } from "./usageMeter";
import { withRetries } from "./withRetries";

/** Rounds of tool calls and text in one answer. */
const MAX_STEPS = 8;

/** Why the stream is being left before its end. The first cause counts. */
type Interruption =
  | { kind: "ended"; reply: Extract<RunReply, { state: "ended" }> }
  | { kind: "timedOut"; problem: Problem }
  | { kind: "failed"; error: unknown };

/** The model's turn is over, and a person's has begun. */
type AwaitingApproval = { endReason: "awaitingApproval"; calls: readonly CallToApprove[] };

type TurnEnd = GenerationEnd | AwaitingApproval;

/**
 * The generator: one run from its claim to its end. It uses web APIs only and gets its `ctx` handed in, so that a Node action
 * and an HTTP action can both be its caller. It writes through the run's mutations alone, and leaves at the first "ended".
 *
 * Resolves with `ended` when it has, or waits for a person to approve calls, `waiting` when there is no place for it yet, `gone` when
 * another generator has it or it ended before.
 * `node`: for tools that need it; without, they fail in words. `tools`: in place of those that the chat has.
 */
export async function generateAnswer(
  ctx: GeneratorCtx,
  run: { runId: string; userId: Id<"users"> | null },
  options: GeneratorOptions = {},
): Promise<"ended" | "waiting" | "gone"> {
  const claim = await claimRun(ctx, run);
  if (claim !== "claimed") return claim;
  await generateClaimed(ctx, run.runId, options);
  return "ended";
}

/** What tests replace. */
export type GeneratorOptions = { connect?: Connect; tools?: ToolSet; node?: NodeServices };

/** The generator of a run that has just been claimed (`claimRun.ts`). Resolves when it has ended. */
export async function generateClaimed(
  ctx: GeneratorCtx,
  runId: string,
  options: GeneratorOptions = {},
): Promise<void> {
  const input = await readInput(ctx, runId);
  if (input === null) return;

  const asker = await openAsker(input.asker);
  try {
    await generate(ctx, runId, input, asker, options);
  } finally {
    asker.release();
  }
}

/** From the first request to the end of the run. */
async function generate(
  ctx: GeneratorCtx,
  runId: string,
  input: RunInput,
  asker: OpenAsker,
  options: GeneratorOptions,
): Promise<void> {
  const connect = options.connect ?? asker.connect(input.settings);
  const explain = (error: unknown, model: string | null) =>
    explainProblem(problemOf(error), model, { connected: asker.connected, settings: input.settings });
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
  const limits = new Limits(input.remainingMs, (problem) => interrupt({ kind: "timedOut", problem }));
  const retries = new RetryReport(ctx, runId);
  const { from: contextFrom, isCut, ownKey, summary } = input.context;
  const asked: Asked = {
    request: {
      ...{ contextFrom, isCut, ...(ownKey && { ownKey }) },
      ...(summary && { summary: { id: summary.id, upTo: summary.upTo } }),
    },
  };
  const meter = meterOf(ctx, runId, input);
  let end: TurnEnd;
  try {
    writer.start();
    const streamed = await stream(ctx, input, {
      ...{ runId, abort, writer, limits, toolRunner, retries, asked, meter, explain },
      ...options,
      connect,
    });
    end = interruption === null ? streamed : interruptedEnd(interruption);
  } catch (error) {
    end =
      interruption === null
        ? failedWith(await explain(error, input.model ?? asked.answeredBy ?? null))
        : interruptedEnd(interruption);
  } finally {
    limits.clear();
    abort.abort();
    await Promise.all([writer.settle(), retries.settled()]);
  }
  const usage = meter.usage();
  const told = { ...asked, ...(usage && { usage }) };
  // The last flush before this may have been answered "ended".
  if (interruption?.kind === "ended") await reportEnded(ctx, runId, interruption.reply, told);
  else await writeEnd(ctx, runId, writer, { ...end, ...told });
}

/** Counts what the run's requests take, and has them reserved where a budget holds. */
function meterOf(ctx: GeneratorCtx, runId: string, { context }: RunInput): UsageMeter {
  const { scale, maxOutput, prices, mustReserve } = context;
  return new UsageMeter({
    ...{ scale, isPriced: prices !== null },
    ...(maxOutput !== null && { maxOutput }),
    reserve: mustReserve
      ? (next) => ctx.runMutation(internal.generation.reserveForRequest, { runId, next })
      : null,
  });
}

/** What the run's end tells of its request. `answeredBy`: which model the default is; absent where one was chosen. */
type Asked = { answeredBy?: string; request: RunRequest; usage?: Usage };

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
  runId: string;
  abort: AbortController;
  writer: AnswerWriter;
  limits: Limits;
  toolRunner: ToolRunner;
  retries: RetryReport;
  asked: Asked;
  meter: UsageMeter;
  connect: Connect;
  /** What a failure of the model with this stored id means; null for the default. */
  explain: (error: unknown, model: string | null) => Promise<Problem>;
  tools?: ToolSet;
  node?: NodeServices;
};

/** Asks the model and hands what it says to the writer. Leaves at once when aborted, whatever the provider does. */
async function stream(ctx: GeneratorCtx, input: RunInput, streaming: Streaming): Promise<TurnEnd> {
  const { abort, writer, limits, toolRunner, retries, meter } = streaming;
  const { tooLong } = input.context;
  if (tooLong !== null) return failedWith({ kind: "promptTooLong", ...tooLong });
  const mapper = new PartMapper(input, toolRunner);
  const push = (fragment: StoredPart) => writer.push(fragment);
  /** Null until it is known who answers. */
  let keeper: StepKeeper | null = null;
  const say = (part: TextStreamPart<ToolSet>): void => {
    meter.note(part);
    const fragments = mapper.map(part);
    fragments.forEach(push);
    keeper?.note(part, fragments);
    if (mapper.hasOpenCalls) limits.pause();
    else if (isWord(part)) limits.said();
  };
  const words = new DirectWords((part) => {
    if (!abort.signal.aborted) say(part);
  });
  const line: Line = {
    onBytes: () => limits.heard(),
    holdMs: () => writer.waitMs(),
    onWords: (text, given) => words.goOn(text, given),
  };
  const retried: RetriedRun = {
    ...{ signal: abort.signal, limits, loadingLimitMs: firstTokenLimitMs() },
    onRetry: (retry) => retries.tell(retry),
  };
  // The default is read from the server's list, which is not there while it loads.
  const connecting = untilAccepted(() => streaming.connect(input.model, line), retried);
  const connected = await untilAborted(connecting, abort.signal);
  if (connected === "aborted") return BROKEN_OFF;
  limits.pause();
  if (input.model === null && connected.id !== undefined) {
    streaming.asked.answeredBy = connected.id.slice(0, MAX_MODEL_ID_CHARS);
  }
  const { request } = streaming.asked;
  if (connected.id !== undefined) request.model = connected.id.slice(0, MAX_MODEL_ID_CHARS);
  const model = connected.id ?? null;
  keeper =
    model === null
      ? null
      : new StepKeeper(
          model,
          input.answered.some(({ type }) => type === "dynamic-tool"),
        );
  writer.keepSteps(() => keeper?.take());
  if (input.context.prices !== null) request.prices = input.context.prices;
  const bytes = await untilAborted(readHistoryBytes(ctx, input.history), abort.signal);
  if (bytes === "aborted") return BROKEN_OFF;
  const cite = (pages: Parameters<PartMapper["cite"]>[0]) => {
    const { numbers, fragments } = mapper.cite(pages);
    fragments.forEach(push);
    return numbers;
  };
  const opening = openRunTools(ctx, input, { ...streaming, cite });
  const opened = await untilAborted(opening, abort.signal);
  if (opened === "aborted") {
    void opening.then((late) => late.close());
    return BROKEN_OFF;
  }
  const hasTools = Object.keys(opened.tools).length > 0;
  const tools = toolRunner.wrap(opened);
  try {
    const { runId } = streaming;
    const approvedCalls = { runId, tools, mapper, toolRunner, push, signal: abort.signal };
    const answered = await untilAborted(runApprovedCalls(ctx, input, approvedCalls), abort.signal);
    if (answered === "aborted") return BROKEN_OFF;
    const summary = input.context.summary?.text;
    const system = systemPrompt(input.instructions, { ...opened, summary });
    const result = streamText({
      model: meter.wrap(words.around(withRequestRetries(connected.model, retried))),
      ...(system !== undefined && { system }),
      messages: modelMessages({ ...input, answered }, bytes, {
        ...{ hasTools, model },
        forgets: connected.forgets ?? false,
      }),
      abortSignal: abort.signal,
      maxRetries: 0,
      stopWhen: stepCountIs(MAX_STEPS),
      prepareStep: ({ messages }) => ({ messages: messagesWithoutThoughts(messages) }),
      ...(hasTools && { tools }),
      // Errors arrive as parts of the stream; the SDK's default would print them as well.
      onError: () => undefined,
    });
    const keep = (file: GeneratedFile) => keepMadeFile(ctx, streaming.runId, madeFile(file));
    const { explain } = streaming;
    return await follow(result.fullStream, input, {
      abort,
      writer,
      limits,
      mapper,
      words,
      say,
      sign: (part) => keeper?.noteMetadata(part),
      keep,
      model,
      explain,
      request,
      meter,
    });
  } finally {
    // Tools that were done with before this are, though the stream may not have said so.
    abort.abort();
    await toolRunner.settled();
    await opened.close();
    for (const fragment of mapper.end()) writer.push(fragment);
  }
}

type Following = Pick<Streaming, "abort" | "writer" | "limits" | "explain" | "meter"> & {
  mapper: PartMapper;
  words: DirectWords;
  say: (part: TextStreamPart<ToolSet>) => void;
  /** Hears of each part, also of those whose words were told before. */
  sign: (part: TextStreamPart<ToolSet>) => void;
  keep: (file: GeneratedFile) => Promise<KeptFile>;
  /** Its stored id. */
  model: string | null;
  request: RunRequest;
};

/** Models name no files. */
const madeFile = ({ mediaType, uint8Array }: GeneratedFile) => ({
  mediaType,
  bytes: new Uint8Array(uint8Array),
  filename: `picture.${/\/(\w+)/.exec(mediaType)?.[1] ?? "file"}`,
});

/** Reads the stream to its end, or to the first error. */
async function follow(
  stream: AsyncIterable<TextStreamPart<ToolSet>>,
  input: RunInput,
  { abort, writer, limits, mapper, words, say, sign, keep, model, explain, request, meter }: Following,
): Promise<TurnEnd> {
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = await untilAborted(iterator.next(), abort.signal);
    if (next === "aborted" || next.done) return BROKEN_OFF;
    const part = next.value;
    sign(part);
    switch (part.type) {
      case "error":
        return failedWith(await explain(part.error, model));
      case "abort":
        return BROKEN_OFF;
      case "finish": {
        for (const fragment of mapper.end()) writer.push(fragment);
        if (mapper.toApprove.length > 0) return { endReason: "awaitingApproval", calls: mapper.toApprove };
        const { words, thoughts, toolRounds } = mapper.said;
        const answer = words || input.answered.some(({ type }) => type === "text");
        const said = { answer, thoughts, toolRounds, maxRounds: MAX_STEPS };
        return endOf(part.finishReason, part.rawFinishReason, meter.usage() ?? {}, said);
      }
      case "file": {
        limits.pause();
        const kept = await untilAborted(keep(part.file), abort.signal);
        if (kept === "aborted") return BROKEN_OFF;
        for (const fragment of mapper.file(kept)) writer.push(fragment);
        limits.said();
        break;
      }
      case "finish-step": {
        // Later steps are asked with what tools gave.
        const { estimate } = input.context;
        const counted = part.usage.inputTokens;
        if (request.measured === undefined && estimate !== null && counted !== undefined) {
          request.measured = { estimate, counted };
        }
        say(part);
        break;
      }
      default:
        if (words.hasTold(part)) break;
        say(part);
        words.opened(part);
    }
  }
}

/** After it the model is at it; until then it may still be read from a disk. */
function isWord(part: TextStreamPart<ToolSet>): boolean {
  switch (part.type) {
    case "text-delta":
    case "reasoning-delta":
      return part.text !== "";
    case "tool-input-start":
    case "tool-input-delta":
    case "source":
      return true;
    default:
      return false;
  }
}

/** What a stream that just stops is taken for: never for a finished answer. [G12] */
const BROKEN_OFF: FailedEnd = { endReason: "providerError", problem: { kind: "brokenOff" } };

/** The model's server, or what stands before it, failed. */
const failedWith = (problem: Problem): FailedEnd => ({
  endReason: problem.kind === "noFirstWord" ? "timedOut" : "providerError",
  problem,
});

function interruptedEnd(interruption: Interruption): GenerationEnd {
  switch (interruption.kind) {
    case "timedOut":
      return { endReason: "timedOut", problem: interruption.problem };
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
  asked: Asked,
): Promise<void> {
  if (reply.endReason !== "stopped") {
    log("STREAMING", `Run ${runId} has ended (${reply.endReason ?? "deleted"}), breaking stream loop`);
    return;
  }
  log("STREAMING", "Task was stopped, breaking stream loop");
  if (reply.endedAt === null) return;
  const stopLatencyMs = Math.max(0, Date.now() - reply.endedAt);
  await ctx.runMutation(internal.generation.reportStop, { runId, stopLatencyMs, ...asked });
}

const NO_LAST_WORDS = { flushSeq: Number.MAX_SAFE_INTEGER, parts: [] };

/** Writes the end with the last words. If that cannot be stored, the end alone; if that neither, the lease ends the run. */
async function writeEnd(
  ctx: GeneratorCtx,
  runId: string,
  writer: AnswerWriter,
  end: TurnEnd & Partial<Asked>,
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
  end: TurnEnd & Partial<Asked>,
): Promise<void> {
  const { completeStreamingResponse, errorStreamingResponse } = internal.streamingResponses;
  if (end.endReason === "awaitingApproval") {
    const { calls, endReason: _, ...told } = end;
    const asked = { runId, last, calls: [...calls], ...told };
    await withRetries(runId, () => ctx.runMutation(internal.approvals.ask, asked));
    return;
  }
  const described = end.problem && { errorMessage: describeProblem(end.problem) };
  await withRetries(runId, () => {
    switch (end.endReason) {
      case "finished":
      case "lengthLimit":
      case "contentFilter":
        return ctx.runMutation(completeStreamingResponse, { runId, last, ...end, ...described });
      case "providerError":
      case "timedOut":
      case "crashed": {
        const errorMessage = described?.errorMessage ?? end.errorMessage ?? "";
        return ctx.runMutation(errorStreamingResponse, { runId, last, ...end, errorMessage });
      }
      default:
        return end satisfies never;
    }
  });
}
