import { streamText } from "ai";
import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import { connectModel, type ConnectedModel } from "../../providers/connectModel";
import { log } from "../log";
import type { TitleInput } from "../titles";
import { titleFromReply } from "../titleText";
import type { GeneratorCtx } from "./generateAnswer";
import { describeError } from "./providerErrors";
import { untilAborted } from "./untilAborted";

/** All that asking for a title may take; then the first words stay. */
const TITLE_LIMIT_MS = 30_000;

/** A title has a few tokens; a model that reasons spends some hundreds before it. */
const MAX_OUTPUT_TOKENS = 2_000;

/** Characters of a reply that are read, for servers that do not heed the limit of tokens. */
const MAX_REPLY_CHARS = 10_000;

const TITLE_PROMPT =
  "You name conversations. Reply with a title of two to six words for the conversation that you are shown, in its language. " +
  "Reply with the title alone: no quotation marks, no full stop, no comment. Do not answer the conversation.";

/** Asks once, without repetition, and stores what was answered. Whatever goes wrong is a line in the log. */
export async function generateTitle(
  ctx: GeneratorCtx,
  messageId: Id<"chatMessages">,
  connect: (model: string | null) => Promise<ConnectedModel> = connectModel,
): Promise<null> {
  const input = await ctx.runQuery(internal.titles.input, { messageId });
  if (input === null) return null;
  const { taskId } = input;
  log("TITLES", `Asking the model for a title of task ${taskId}`);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TITLE_LIMIT_MS);
  try {
    const title = titleFromReply(await askModel(input, connect, abort.signal));
    if (title === null) throw new Error("The model replied without words.");
    await ctx.runMutation(internal.titles.store, { taskId, title });
  } catch (error) {
    log("TITLES", `Task ${taskId} keeps its first words as title: ${describeError(error)}`);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
  return null;
}

/** The whole reply. It is streamed as answers are, since that is the one way all servers are known to have. */
async function askModel(
  input: TitleInput,
  connect: (model: string | null) => Promise<ConnectedModel>,
  signal: AbortSignal,
): Promise<string> {
  const connected = await untilAborted(connect(input.model), signal);
  if (connected === "aborted") throw new Error(TOOK_TOO_LONG);
  const result = streamText({
    model: connected.model,
    system: TITLE_PROMPT,
    prompt: `<user>\n${input.prompt}\n</user>\n\n<assistant>\n${input.answer}\n</assistant>`,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    maxRetries: 0,
    abortSignal: signal,
    // Errors arrive as parts of the stream; the SDK's default would print them as well.
    onError: () => undefined,
  });
  const iterator = result.fullStream[Symbol.asyncIterator]();
  for (let reply = ""; ;) {
    const next = await untilAborted(iterator.next(), signal);
    if (next === "aborted") throw new Error(TOOK_TOO_LONG);
    if (next.done) throw new Error("The connection to the model ended before the title.");
    const part = next.value;
    if (part.type === "error") throw part.error;
    if (part.type === "text-delta") reply += part.text;
    if (reply.length > MAX_REPLY_CHARS) throw new Error("The model replied with far more than a title.");
    if (part.type === "finish") {
      if (part.finishReason !== "stop")
        throw new Error(`The model's reply ended with "${part.finishReason}".`);
      return reply;
    }
  }
}

const TOOK_TOO_LONG = "The model took too long.";
