import { v, type Infer } from "convex/values";
import type { Doc } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { textOf } from "../../shared/parts";
import { cutText } from "../../shared/text";
import { readAsker, vAsker } from "../keys/asker";
import { vPrices } from "../context/keptFacts";
import { tariffOf } from "../spending/tariff";
import { contentOf } from "../messages/contentEnd";
import { readSearchText } from "../search/searchTexts";

/** A prompt and its answer, as a model is shown them that is asked about them: for a title, for what to ask next. */

/** Bytes of the answer's log that are read: with its message, more than its two ends are. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** Characters of the prompt that are shown, and of each end of the answer: enough to know what it is about and how it closed. */
const PROMPT_CHARS = 2_000;
const ANSWER_END_CHARS = 1_500;

export const vExchange = v.object({
  /** The answer's; null for the default. */
  model: v.union(v.string(), v.null()),
  asker: vAsker,
  /** What its request costs, for the person's usage; null where that is not known. */
  prices: v.union(vPrices, v.null()),
  ownKey: v.boolean(),
  prompt: v.string(),
  answer: v.string(),
});
export type Exchange = Infer<typeof vExchange>;

/** Null for a message that is no answer. */
export async function readExchange(ctx: QueryCtx, answer: Doc<"chatMessages">): Promise<Exchange | null> {
  if (answer.promptMessageId === undefined) return null;
  const { tariff, facts } = await tariffOf(ctx, answer.userId, answer.model ?? null);
  return {
    prices: facts.prices ?? null,
    ownKey: tariff.kind === "none" && tariff.ownKey,
    model: answer.model ?? null,
    asker: await readAsker(ctx, answer.userId, answer.model ?? null),
    prompt: cutText(await readSearchText(ctx, answer.promptMessageId), PROMPT_CHARS),
    answer: bothEnds(textOf((await contentOf(ctx, answer, MAX_ANSWER_BYTES)).parts)),
  };
}

function bothEnds(text: string): string {
  if (text.length <= 2 * ANSWER_END_CHARS) return text;
  const beginning = cutText(text, ANSWER_END_CHARS);
  // Begins where a cut text ends, so that no character is halved.
  const end = text.slice(cutText(text, text.length - ANSWER_END_CHARS).length);
  return `${beginning}\n[…]\n${end}`;
}
