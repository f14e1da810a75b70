import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { Connect } from "../../providers/connectModel";
import { describeError } from "../../providers/describeError";
import { log } from "../log";
import type { AskTold } from "../suggestions/asks";
import { titleFromReply } from "../suggestions/titleText";
import { askAbout } from "./askAbout";
import { ASK_LIMIT_MS, NOT_ASKED } from "./askModel";
import type { GeneratorCtx } from "./generatorCtx";
import { quoteExchange } from "./quotedExchange";

const TITLE_TASK =
  "You name conversations. Reply with a title of two to six words for the conversation that you are shown, in its language. " +
  "Reply with the title alone: no quotation marks, no full stop, no comment. Do not answer the conversation.";

/** Asks once, without repetition, and stores what was answered. Whatever goes wrong is a line in the log. Returns what it took. */
export async function generateTitle(
  ctx: GeneratorCtx,
  messageId: Id<"chatMessages">,
  connect?: Connect,
): Promise<AskTold> {
  const input = await ctx.runQuery(internal.titles.input, { messageId });
  if (input === null) return NOT_ASKED;
  const { taskId, exchange } = input;
  log("TITLES", `Asking the model for a title of task ${taskId}`);
  const question = { ...exchange, quoted: quoteExchange(exchange) };
  const { reply, told } = await askAbout({ task: TITLE_TASK, question, limitMs: ASK_LIMIT_MS, connect });
  try {
    if (reply instanceof Error) throw reply;
    const title = titleFromReply(reply);
    if (title === null) throw new Error("The model replied without words.");
    await ctx.runMutation(internal.titles.store, { taskId, title });
  } catch (error) {
    log("TITLES", `Task ${taskId} keeps its first words as title: ${describeError(error)}`);
  }
  return told;
}
