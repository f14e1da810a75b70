import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import type { ModelFacts } from "../../shared/modelFacts";
import { maxContextTokens, unknownContextTokens } from "../settings";

/** How much of a conversation a model can be sent: tokens, by its own context length. */

/** Of the context length, for the reply where its limit is not known; those that think say up to twice this, and are known. */
const REPLY_SHARE = 1 / 3;
const MAX_UNKNOWN_REPLY = 65_536;

/** A model that may fill its whole context with one reply is not sent less than half of it. */
const MAX_REPLY_SHARE = 1 / 2;

/** For what the tools are called and take, our own words, and what each provider puts around messages. */
const OVERHEAD_SHARE = 1 / 16;
const MAX_OVERHEAD = 4_096;

/** What wraps one message. */
export const MESSAGE_TOKENS = 6;

/**
 * A request is only refused when it would be too long at this share of the estimate: the estimate is rather too high. What lies between is for
 * the model's server to say.
 */
const SURE_SHARE = 0.6;
const SURE_SHARE_WHEN_MEASURED = 0.9;

/** A request with less says little of how a model counts: what surrounds the words outweighs them. */
const MIN_MEASURED_TOKENS = 2_000;

/** A server that counts less does not count all: no tokenizer is that much better. */
const MIN_CREDIBLE = 0.3;

/** How far a measurement may correct the estimate. Some room is left above what was measured. */
const MIN_SCALE = 0.5;
const MAX_SCALE = 3;
const MEASURED_MARGIN = 1.05;

/** Ended runs of the chat, and questions beside them, that are looked through for one of the same model. */
const MEASURED_RUNS = 15;

export type ContextRoom = {
  /** Tokens for instructions and conversation. */
  tokens: number;
  /** Tokens that are left for the reply. */
  reply: number;
  /** By how much the estimates are multiplied. */
  scale: number;
  /** Above this many tokens, as estimated with `scale`, a request is surely refused; `Infinity` where the model's length is not known. */
  surelyTooLong: number;
};

/** The room of a model with these facts. `scale`: null where nothing was measured. */
export function contextRoom(facts: ModelFacts, scale: number | null): ContextRoom {
  const contextLength = Math.min(facts.contextLength ?? unknownContextTokens(), maxContextTokens());
  const reply =
    facts.maxOutput === undefined
      ? Math.min(contextLength * REPLY_SHARE, MAX_UNKNOWN_REPLY)
      : Math.min(facts.maxOutput, contextLength * MAX_REPLY_SHARE);
  const overhead = Math.min(contextLength * OVERHEAD_SHARE, MAX_OVERHEAD);
  const sure = scale === null ? SURE_SHARE : SURE_SHARE_WHEN_MEASURED;
  return {
    tokens: Math.floor(contextLength - reply - overhead),
    reply: Math.floor(reply),
    scale: scale ?? 1,
    surelyTooLong: facts.contextLength === undefined ? Infinity : facts.contextLength / sure,
  };
}

/**
 * How many tokens this model has counted for one of ours in the newest answers of the chat; null where it was not measured. `model` is its
 * stored id.
 */
export async function measuredScale(
  ctx: QueryCtx,
  taskId: Id<"tasks">,
  model: string | null,
): Promise<number | null> {
  const runs = await ctx.db
    .query("usages")
    .withIndex("by_task", (q) => q.eq("taskId", taskId))
    .order("desc")
    .take(MEASURED_RUNS);
  for (const { measured, model: asked = null } of runs) {
    if (asked !== model || measured === undefined || measured.estimate < MIN_MEASURED_TOKENS) continue;
    const ratio = measured.counted / measured.estimate;
    if (ratio < MIN_CREDIBLE) continue;
    return Math.min(MAX_SCALE, Math.max(MIN_SCALE, ratio * MEASURED_MARGIN));
  }
  return null;
}
