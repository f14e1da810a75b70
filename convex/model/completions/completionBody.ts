import { failureData } from "../../shared/errors";
import type { AnswerNews } from "../chatStream/followAnswer";
import { brokenEnd, endError } from "./completionErrors";
import { chunkObject, usageChunk, type Head, type Outcome } from "./completionObjects";

/** A comment is sent after so long without text: proxies close connections on which nothing moves. */
const KEEP_ALIVE_MS = 15_000;

export type FollowedRun = {
  first: AnswerNews;
  rest: AsyncGenerator<AnswerNews, void, void>;
  /** Resolves when the run's generator has ended: an action lives as long as its body. */
  ended: Promise<void>;
  outcomeOf: (text: string) => Promise<Outcome>;
  /** The reader has left. */
  onGone: () => Promise<void>;
  onOver: () => void;
};

/** The answer as server-sent events. One that breaks off ends with an error in place of `[DONE]`, so that nobody takes it for whole. [G12] */
export function completionBody(
  head: Head,
  includeUsage: boolean,
  run: FollowedRun,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const bytes = new TextEncoder();
  const send = async () => {
    for await (const event of completionEvents(head, includeUsage, run))
      await writer.write(bytes.encode(event));
  };
  void send()
    .catch(run.onGone)
    .then(() => run.ended)
    .finally(run.onOver)
    .then(() => writer.close())
    // The reader has left before the end.
    .catch(() => undefined);
  return readable;
}

async function* completionEvents(
  head: Head,
  includeUsage: boolean,
  { first, rest, outcomeOf }: FollowedRun,
): AsyncGenerator<string, void, void> {
  let text = "";
  let sentAt = Date.now();
  yield event(chunkObject(head, { role: "assistant", content: "" }));
  for await (const news of told(first, rest)) {
    if (news.kind === "failed") return yield event({ error: news.error });
    text += news.text;
    if (news.text !== "") yield event(chunkObject(head, { content: news.text }));
    else if (Date.now() - sentAt >= KEEP_ALIVE_MS) yield ": still generating\n\n";
    else if (!news.isLast) continue;
    sentAt = Date.now();
    if (!news.isLast) continue;
    const broken = brokenEnd(news.end);
    if (broken !== null) return yield event({ error: endError(broken.endReason, broken.errorMessage) });
    const outcome = await outcomeOf(text);
    yield event(chunkObject(head, {}, outcome));
    if (includeUsage) yield event(usageChunk(head, outcome));
    yield "data: [DONE]\n\n";
  }
}

type Told = (AnswerNews & { kind: "news" }) | { kind: "failed"; error: object };

/** The news, and the failure of reading them: of a token that was revoked meanwhile. */
async function* told(first: AnswerNews, rest: FollowedRun["rest"]): AsyncGenerator<Told, void, void> {
  yield { kind: "news", ...first };
  if (first.isLast) return;
  try {
    for await (const news of rest) yield { kind: "news", ...news };
  } catch (error) {
    const data = failureData(error);
    const message = data?.message ?? "The reply broke off.";
    const code = data?.code.toLowerCase() ?? "crashed";
    yield { kind: "failed", error: { message, type: "server_error", param: null, code } };
  }
}

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
