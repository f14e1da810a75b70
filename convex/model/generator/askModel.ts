import { streamText } from "ai";
import type { Connect } from "../../providers/connectModel";
import type { Exchange } from "../suggestions/exchange";
import { meaningOf } from "./finishWords";
import type { AskTold } from "../suggestions/asks";
import { untilAborted } from "./untilAborted";
import { UsageMeter } from "./usageMeter";

/**
 * One small question to a chat's model beside its answers: asked once, without tools, and given up rather than waited for.
 */

/** All that asking may take. */
export const ASK_LIMIT_MS = 30_000;

/** What is asked for has some dozens of tokens; a model that reasons spends some hundreds before it. */
const MAX_OUTPUT_TOKENS = 2_000;

/** Characters of a reply that are read, for servers that do not heed the limit of tokens. */
const MAX_REPLY_CHARS = 10_000;

/** Why asking was given up: the signal's reason, and then what is thrown. */
export const TOOK_TOO_LONG = new Error("The model took too long.");

/** What is asked about: for whom, of which model, and the text that `task` is about. */
export type Question = Pick<Exchange, "model" | "prices" | "ownKey"> & {
  quoted: string;
  /** In place of what a few words take. */
  maxOutputTokens?: number;
};

/** Counts what one question takes. */
export const askMeter = ({ prices, maxOutputTokens = MAX_OUTPUT_TOKENS }: Question): UsageMeter =>
  new UsageMeter({ scale: 1, isPriced: prices !== null, maxOutput: maxOutputTokens, reserve: null });

/** What is told of a question that nobody wants answered any more. */
export const NOT_ASKED: AskTold = { usage: null };

/** What `asks.end` is told of it. */
export function askTold({ prices, ownKey }: Question, meter: UsageMeter, model: string | null): AskTold {
  return {
    usage: meter.usage(),
    ...(model !== null && { model }),
    ...(prices && { prices }),
    ...(ownKey && { ownKey }),
  };
}

/**
 * The model's whole reply to `task` about what is quoted. It is streamed as answers are, since that is the one way all servers are
 * known to have. Rejects when the model fails, says too much or is cut off, and with the signal's reason as soon as it is aborted.
 */
export async function askModel(
  task: string,
  question: Question,
  connect: Connect,
  signal: AbortSignal,
  meter: UsageMeter,
): Promise<string> {
  const connected = await untilAborted(connect(question.model), signal);
  if (connected === "aborted") throw signal.reason;
  const result = streamText({
    model: meter.wrap(connected.model),
    system: task,
    prompt: question.quoted,
    maxOutputTokens: question.maxOutputTokens ?? MAX_OUTPUT_TOKENS,
    maxRetries: 0,
    abortSignal: signal,
    // Errors arrive as parts of the stream; the SDK's default would print them as well.
    onError: () => undefined,
  });
  const iterator = result.fullStream[Symbol.asyncIterator]();
  for (let reply = ""; ;) {
    const next = await untilAborted(iterator.next(), signal);
    if (next === "aborted") throw signal.reason;
    if (next.done) throw new Error("The connection to the model ended before its reply.");
    const part = next.value;
    meter.note(part);
    if (part.type === "error") throw part.error;
    if (part.type === "text-delta") reply += part.text;
    if (reply.length > MAX_REPLY_CHARS)
      throw new Error("The model replied with far more than it was asked for.");
    if (part.type === "finish") {
      const word = part.rawFinishReason ?? part.finishReason;
      if (meaningOf(word) !== "finished") throw new Error(`The model's reply ended with "${word}".`);
      return reply;
    }
  }
}
