import { v, type Infer } from "convex/values";
import type { Doc } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { textOf } from "../../shared/parts";
import { estimateTokens } from "../../shared/tokens";
import { contentOf } from "../messages/contentEnd";
import { readInstructions } from "../chats/instructions";
import { findLive, findRun } from "./generationLock";
import { contextRoom, measuredScale } from "../context/contextRoom";
import { findSummary, fittingSummary } from "../context/summaries";
import { vPrices } from "../context/keptFacts";
import { factsOf } from "../context/modelFacts";
import {
  endOfAnswer,
  filesIn,
  hasSigned,
  MAX_ANSWER_BYTES,
  newCallRoom,
  readHistory,
  saidIn,
  vHistoryMessage,
} from "./history";
import { keptStepsOf, newStepRoom } from "./keptSteps";
import { runLimitMs } from "../settings";
import { readAsker, vAsker } from "../keys/asker";
import { connectedFor } from "../keys/providerKeys";
import { isLimited } from "../spending/runSpending";
import { tariffAmong } from "../spending/tariff";
import { callsToStart, vCallToApprove } from "../tools/approvalRows";
import { toolsOfRun } from "../tools/toolChoice";
import {
  vAnswerOfRun,
  vChatSettings,
  vKeptStep,
  vPart,
  vSummaryOf,
  type KeptStep,
  type StoredPart,
} from "../validators";

/** What a generator is told about its run. */

export const vRunInput = v.object({
  answer: vAnswerOfRun,
  model: v.union(v.string(), v.null()),
  asker: vAsker,
  /** What the owner has set for the chat's replies. */
  settings: vChatSettings,
  /** What the chat's answers may use: ids of `toolChoice.offered`; and those of Verbatim's own whose calls a person must approve. */
  tools: v.object({ chosen: v.array(v.string()), toApprove: v.array(v.string()) }),
  /** The owner's instructions for all their chats and for this one; empty if there are none. `areWhole`: the model is told nothing else. */
  instructions: v.object({ allChats: v.string(), thisChat: v.string(), areWhole: v.boolean() }),
  /** Oldest first; the last one is the prompt. */
  history: v.array(vHistoryMessage),
  /** What a continued answer already has; of a long one, its end. */
  answered: v.array(vPart),
  /** Of its steps, what their model must be sent again. */
  steps: v.array(vKeptStep),
  /** What is known of the request before it is made. */
  context: v.object({
    /** The sequence of the first message in `history`, and whether there are others before it. */
    from: v.number(),
    isCut: v.boolean(),
    /** What the model is told in place of older ones, whether or not all later ones are in `history`. */
    summary: v.union(v.object({ ...vSummaryOf.fields, text: v.string() }), v.null()),
    /** Tokens that what tools gave in `answered` may take. */
    answeredRoom: v.number(),
    /** Tokens of all of it as estimated without correction; null where files or signatures are in it, which say nothing of how words are counted. */
    estimate: v.union(v.number(), v.null()),
    /** The prompt alone has more tokens than the model reads. */
    tooLong: v.union(v.object({ tokens: v.number(), contextLength: v.number() }), v.null()),
    prices: v.union(vPrices, v.null()),
    /** Tokens that the model counts for one of ours, and of its longest reply. */
    scale: v.number(),
    maxOutput: v.union(v.number(), v.null()),
    /** Has each request to reserve what it may cost? And does the person's own key pay? */
    mustReserve: v.boolean(),
    ownKey: v.boolean(),
  }),
  /** Calls in it that a person has approved: to be started before the model goes on. */
  toStart: v.array(vCallToApprove),
  /** Sources that the answer's content has: the next one has the next number. */
  sources: v.number(),
  /** The position of the last part of the answer's content; -1 if it has none. */
  lastPosition: v.number(),
  /** The run's first flush has the next number. */
  flushSeq: v.number(),
  /** Milliseconds until the run must have ended. Not a point in time: the generator's clock may differ. */
  remainingMs: v.number(),
});
export type RunInput = Infer<typeof vRunInput>;

export async function readRunInput(ctx: QueryCtx, runId: string): Promise<RunInput | null> {
  const run = await findRun(ctx, runId);
  if (run?.state.kind !== "claimed") return null;
  const answer = await ctx.db.get("chatMessages", run.messageId);
  const task = answer && (await ctx.db.get("tasks", answer.taskId));
  if (!task) return null;
  const live = await findLive(ctx, runId);
  const { parts } = await contentOf(ctx, answer, MAX_ANSWER_BYTES);
  // What a script's model is told is the script's to say.
  const areWhole = task.apiDigest !== undefined;
  const instructions = {
    allChats: areWhole ? "" : await readInstructions(ctx, answer.userId, null),
    thisChat: await readInstructions(ctx, answer.userId, answer.taskId),
    areWhole,
  };
  const steps = await keptStepsOf(ctx, answer._id, parts, newStepRoom());
  const told = await readContext(ctx, answer, { parts, steps }, instructions);
  return {
    answer: { messageId: answer._id, userId: answer.userId, ...(live && { liveId: live._id }) },
    model: answer.model ?? null,
    asker: await readAsker(ctx, answer.userId, answer.model ?? null),
    settings: task.settings ?? {},
    tools: await toolsOfRun(ctx, task),
    toStart: await callsToStart(ctx, answer._id),
    instructions,
    history: told.history,
    answered: told.answered,
    steps,
    context: told.context,
    sources: parts.filter(({ type }) => type.startsWith("source-")).length,
    lastPosition: parts.at(-1)?.position ?? -1,
    flushSeq: answer.chunkCount,
    remainingMs: Math.max(0, run.state.claimedAt + runLimitMs() - Date.now()),
  };
}

/** Of a continued answer's own words, at most this share of the room: the rest is for the conversation. */
const ANSWERED_SHARE = 1 / 2;

/**
 * The one place where it is decided what a model is sent, by its own context length: instructions and the prompt always, of a continued answer
 * its end, the summary of what is older, then as many whole exchanges before as there is room for.
 */
async function readContext(
  ctx: QueryCtx,
  answer: Doc<"chatMessages">,
  { parts, steps }: { parts: readonly StoredPart[]; steps: readonly KeptStep[] },
  { allChats, thisChat }: RunInput["instructions"],
): Promise<Pick<RunInput, "history" | "answered" | "context">> {
  const model = answer.model ?? null;
  const { id, provider, facts } = await factsOf(ctx, model);
  const tariff = tariffAmong(await connectedFor(ctx, answer.userId), model, { provider, facts });
  const room = contextRoom(facts, await measuredScale(ctx, answer.taskId, id));
  const count = (text: string) => Math.ceil(estimateTokens(text) * room.scale);
  const instructionTokens = count(allChats) + count(thisChat);
  const prompt = answer.promptMessageId && (await ctx.db.get("chatMessages", answer.promptMessageId));
  const found = await findSummary(ctx, answer.taskId, prompt?.sequence ?? answer.sequence);
  const summary = found && {
    ...{ id: found._id, upTo: found.upTo },
    text: fittingSummary(found.text, count(found.text), room.tokens),
  };
  const toldTokens = instructionTokens + (summary ? count(summary.text) : 0);
  const free = Math.max(0, room.tokens - toldTokens);
  const answered = endOfAnswer(parts, free * ANSWERED_SHARE, room.scale);
  const answeredRoom = newCallRoom(free * ANSWERED_SHARE);
  const { said, tokens: callTokens } = saidIn(answered, { ...answeredRoom }, Infinity, count, steps);
  const answeredTokens = count(textOf(answered)) + callTokens;
  const history = await readHistory(ctx, answer, {
    ...{ room: free - answeredTokens, count },
    since: summary?.upTo ?? 0,
  });
  const { from, isCut, promptTokens } = history;
  const isTooLong = toldTokens + promptTokens > room.surelyTooLong;
  const hasFiles = filesIn(history.messages).some(({ storageId }) => storageId !== null);
  const all = [...history.messages.flatMap((one) => (one.role === "ASSISTANT" ? one.said : [])), ...said];
  const isCountable = !hasFiles && !hasSigned(all);
  const tokens = toldTokens + answeredTokens + history.tokens;
  return {
    history: history.messages,
    answered,
    context: {
      summary,
      ...{ from, isCut, answeredRoom: answeredRoom.tokens },
      estimate: isCountable ? Math.round(tokens / room.scale) : null,
      tooLong:
        isTooLong && facts.contextLength !== undefined
          ? { tokens: promptTokens, contextLength: facts.contextLength }
          : null,
      prices: facts.prices ?? null,
      scale: room.scale,
      maxOutput: facts.maxOutput ?? null,
      mustReserve: tariff.kind === "charged" && (await isLimited(ctx, answer.userId)),
      ownKey: tariff.kind === "none" && tariff.ownKey,
    },
  };
}
