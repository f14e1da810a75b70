import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { Connect } from "../../providers/connectModel";
import { describeError } from "../../providers/describeError";
import { log } from "../log";
import type { AskTold } from "../suggestions/asks";
import { followUpsFromReply } from "../suggestions/followUpText";
import { askAbout } from "./askAbout";
import { ASK_LIMIT_MS, NOT_ASKED } from "./askModel";
import { FOLLOW_UPS_TASK } from "./followUpsTask";
import type { GeneratorCtx } from "./generatorCtx";
import { pause } from "./pause";
import { quoteExchange } from "./quotedExchange";

/** How often it is looked whether the chat is busy: what a model with room for one request delays the next answer by at most. */
const LOOK_MS = 1_000;

/**
 * Asks once, without repetition, and stores what was suggested; whatever goes wrong is nothing suggested and a line in the log. Returns
 * what it took.
 */
export async function generateFollowUps(
  ctx: GeneratorCtx,
  messageId: Id<"chatMessages">,
  connect?: Connect,
): Promise<AskTold> {
  const { suggestions, told } = await suggest(ctx, messageId, connect);
  await ctx.runMutation(internal.followUps.settle, { messageId, suggestions });
  return told;
}

async function suggest(
  ctx: GeneratorCtx,
  messageId: Id<"chatMessages">,
  connect: Connect | undefined,
): Promise<{ suggestions: string[]; told: AskTold }> {
  const exchange = await ctx.runQuery(internal.followUps.input, { messageId });
  if (exchange === null) return { suggestions: [], told: NOT_ASKED };
  log("FOLLOW_UPS", `Asking the model for follow-ups of answer ${messageId}`);
  const { reply, told } = await askAbout({
    task: FOLLOW_UPS_TASK,
    question: { ...exchange, quoted: quoteExchange(exchange) },
    limitMs: ASK_LIMIT_MS,
    connect,
    beside: (abort) => lookForOtherRun(ctx, messageId, abort),
  });
  if (!(reply instanceof Error)) return { suggestions: followUpsFromReply(reply), told };
  log("FOLLOW_UPS", `Answer ${messageId} gets no follow-ups: ${describeError(reply)}`);
  return { suggestions: [], told };
}

/** Aborts when nobody waits for the reply any more. Ends when aborted; never rejects. */
async function lookForOtherRun(
  ctx: GeneratorCtx,
  messageId: Id<"chatMessages">,
  abort: AbortController,
): Promise<void> {
  while ((await pause(LOOK_MS, abort.signal)) === "passed") {
    // A look that failed is one that was not taken.
    const awaited = await ctx.runQuery(internal.followUps.isAwaited, { messageId }).catch(() => true);
    if (!awaited) abort.abort(new Error("The chat has gone on."));
  }
}
