import { v, type Infer } from "convex/values";
import type { Doc } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { filesOf, textOf } from "../../shared/parts";
import { endOfTokens, estimateTokens } from "../../shared/tokens";
import { MESSAGE_TOKENS } from "../context/contextRoom";
import { newFileRoom, readHistoryFiles, vHistoryFile } from "../files/historyFiles";
import { contentOf } from "../messages/contentEnd";
import type { KeptStep, StoredPart } from "../validators";
import { historyCall, vHistoryCall } from "./historyCalls";
import { keptStepsOf, newStepRoom } from "./keptSteps";
import { vHistoryStep, vHistoryText, withSteps, type Placed } from "./historySteps";

/** How many of the newest messages a model is shown at most, whatever their length. */
const MAX_HISTORY_MESSAGES = 1_000;

/** What of the room for the conversation goes to what tools were called with and gave: the newest first. A call that gave more is told without its result. */
const CALL_SHARE = 1 / 2;

/** Characters of JSON that one token may be at most: beyond that a result need not be looked at. */
const MAX_CHARS_PER_TOKEN = 4;

/** What a call takes besides its input and its output, at least: its name, its ids, why there is no output. */
const CALL_TOKENS = 50;

/**
 * Bytes that are read for it, including reasoning, which the model is not shown. With one more message (1 MiB at most) this is far
 * below the 16 MiB that a transaction may read.
 */
const MAX_HISTORY_BYTES = 6 * 1024 * 1024;

/** Bytes read from one answer's log, from its end: that is where it is continued. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** Of a continued answer the model is always sent this much, tokens: it must see where to go on. */
const MIN_ANSWER_TOKENS = 200;

/** What an answer said and called, in its order; its reasoning only in steps that are kept. */
export const vHistoryPart = v.union(vHistoryText, vHistoryCall, vHistoryStep);
export type HistoryPart = Infer<typeof vHistoryPart>;

export const vHistoryMessage = v.union(
  v.object({ role: v.literal("USER"), text: v.string(), files: v.array(vHistoryFile) }),
  v.object({ role: v.literal("ASSISTANT"), said: v.array(vHistoryPart) }),
);
export type HistoryMessage = Infer<typeof vHistoryMessage>;

/** The files that a model is shown. */
export const filesIn = (history: readonly HistoryMessage[]) =>
  history.flatMap((message) => (message.role === "USER" ? message.files : []));

/** Does it hold what a provider signed? Nobody knows how many tokens that is. */
export const hasSigned = (said: readonly HistoryPart[]): boolean =>
  said.some(
    (part) =>
      part.type === "step" && part.said.some((one) => one.type !== "text" && one.metadata !== undefined),
  );

/** How a text's tokens are counted for the model that is asked. */
export type CountTokens = (text: string) => number;

export type History = {
  /** Oldest first; the last one is the prompt. */
  messages: HistoryMessage[];
  /** The sequence of the first of them, and whether others before it were left out. */
  from: number;
  isCut: boolean;
  /** Tokens of all of it, and of the prompt with its files. */
  tokens: number;
  promptTokens: number;
};

/**
 * The messages before an answer that its model is sent: the prompt, and before it as many whole exchanges as there is room for, so that no
 * question is without its answer. `room`: tokens. `since`: the sequence of the first message that is not in a summary.
 */
export async function readHistory(
  ctx: QueryCtx,
  answer: Doc<"chatMessages">,
  { room, count, since }: { room: number; count: CountTokens; since: number },
): Promise<History> {
  /** Newest first, as are the messages of the exchange that is being read. */
  const kept: HistoryMessage[] = [];
  let exchange: HistoryMessage[] = [];
  const fileRoom = newFileRoom();
  const callRoom = newCallRoom(room);
  const stepRoom = newStepRoom();
  let [tokens, keptTokens, promptTokens, bytes, messages, from] = [0, 0, 0, 0, 0, answer.sequence];
  let isCut = false;
  // Up to its prompt: another answer to that, of a comparison, may be shown and older.
  const prompt = answer.promptMessageId && (await ctx.db.get("chatMessages", answer.promptMessageId));
  const end = prompt ? prompt.sequence : answer.sequence - 1;
  const before = ctx.db
    .query("chatMessages")
    .withIndex("by_task_path", (q) =>
      q.eq("taskId", answer.taskId).eq("onPath", true).gte("sequence", since).lte("sequence", end),
    )
    .order("desc");
  for await (const message of before) {
    // The prompt itself is always included; an answer that was stopped before its first word says nothing.
    const isPrompt = messages === 0;
    isCut = !isPrompt && (bytes > MAX_HISTORY_BYTES || messages >= MAX_HISTORY_MESSAGES);
    if (isCut) break;
    const { parts, bytesRead } = await contentOf(ctx, message, MAX_ANSWER_BYTES);
    messages += 1;
    bytes += bytesRead;
    const text = textOf(parts);
    tokens += count(text) + MESSAGE_TOKENS;
    isCut = !isPrompt && tokens > room;
    if (isCut) break;
    const left = room - tokens;
    if (message.role === "ASSISTANT") {
      const steps = await keptStepsOf(ctx, message._id, parts, stepRoom);
      const { said, tokens: callTokens } = saidIn(parts, callRoom, left, count, steps);
      tokens += callTokens;
      if (said.length > 0) exchange.push({ role: message.role, said });
      continue;
    }
    const files = await readHistoryFiles(ctx, filesOf(parts), fileRoom, { isPrompt, tokens: left });
    tokens += files.tokens;
    if (text !== "" || files.files.length > 0)
      exchange.push({ role: message.role, text, files: files.files });
    kept.push(...exchange);
    [exchange, keptTokens, from] = [[], tokens, message.sequence];
    if (isPrompt) promptTokens = tokens;
  }
  return { messages: kept.reverse(), from, isCut, tokens: keptTokens, promptTokens };
}

/** What is left for tool calls, tokens. */
type CallRoom = { tokens: number };

/** `room`: tokens of the whole conversation. */
export const newCallRoom = (room: number): CallRoom => ({ tokens: room * CALL_SHARE });

/**
 * An answer's words and calls. The newest call goes first, as far as there is room in `room` and in `left`, tokens; a call that has
 * none is told without its result, and older ones not at all once even that is too much. Of `steps` those are told as they were that there is
 * still room for. `tokens` is what calls and steps took.
 */
export function saidIn(
  parts: readonly StoredPart[],
  room: CallRoom,
  left: number,
  count: CountTokens,
  steps: readonly KeptStep[] = [],
): { said: HistoryPart[]; tokens: number } {
  const said: Placed[] = [];
  let taken = 0;
  for (const part of parts.toReversed()) {
    const { position } = part;
    if (part.type === "text" && part.text !== "")
      said.push({ position, part: { type: "text", text: part.text } });
    if (part.type !== "dynamic-tool") continue;
    const free = Math.min(room.tokens, left - taken) - CALL_TOKENS;
    if (free < 0) continue;
    const fitting = historyCall(part, free * MAX_CHARS_PER_TOKEN);
    const call = count(fitting.input + fitting.output) <= free ? fitting : historyCall(part, 0);
    const size = CALL_TOKENS + count(call.input + call.output);
    taken += size;
    room.tokens -= size;
    said.push({ position, part: call });
  }
  const kept = withSteps(said.reverse(), parts, steps, Math.min(room.tokens, left - taken), count);
  room.tokens -= kept.tokens;
  return { said: kept.said, tokens: taken + kept.tokens };
}

/**
 * The end of a continued answer that its model is sent: older words are left out when all of them have more than `room` tokens. What was
 * called stays, for `saidIn`.
 */
export function endOfAnswer(parts: readonly StoredPart[], room: number, scale: number): StoredPart[] {
  const end: StoredPart[] = [];
  let left = Math.max(MIN_ANSWER_TOKENS, room / scale);
  for (const part of parts.toReversed()) {
    if (part.type !== "text") {
      end.push(part);
      continue;
    }
    if (left <= 0) continue;
    const tokens = estimateTokens(part.text);
    end.push(tokens <= left ? part : { ...part, text: endOfTokens(part.text, left) });
    left -= tokens;
  }
  return end.reverse();
}
