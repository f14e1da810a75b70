import { problemOfResponse } from "../problemOf";
import { ProviderFailure } from "../providerFailure";
import { AnthropicDialect } from "./anthropicDialect";
import { ChatDialect } from "./chatDialect";
import type { Dialect } from "./dialect";
import { errorStatus } from "./errorWords";
import { GoogleDialect } from "./googleDialect";
import { patientDispatcher } from "./patientDispatcher";
import { ReplyReader, type Line, type Reply } from "./replyReader";
import { ResponsesDialect } from "./responsesDialect";
import { sameServerFetch } from "./sameServerFetch";

const DIALECTS = {
  chat: () => new ChatDialect(),
  responses: () => new ResponsesDialect(),
  anthropic: () => new AnthropicDialect(),
  google: () => new GoogleDialect(),
  openrouter: () => new ChatDialect({ details: true }),
} satisfies Record<string, () => Dialect>;

/**
 * A `fetch` for a provider of the AI SDK that asks for streams. The SDK gets a stream of the form that it knows, whatever the server
 * sent; `line` hears of every byte. Reads the first word before it resolves, so that a refusal which comes with status 200 is a refusal.
 * Rejects with a `ProviderFailure` when something else than a model server answers.
 */
export function tolerantFetch(api: keyof typeof DIALECTS, line: Line): typeof globalThis.fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const response = await sameServerFetch(url, { ...init, ...patientDispatcher() });
    line.onBytes();
    if (!response.ok || response.body === null) return response;
    const dialect = DIALECTS[api]();
    const reader = new ReplyReader(response.body, dialect, line, init?.signal);
    const first = await reader.next();
    if (first?.kind === "refused") return refusal(first.error, url, response);
    return streamOf(first, reader, response);
  };
}

/** What a server says instead of an answer, as if it had said so with a status. */
function refusal(error: unknown, url: string, { headers, status }: Response): Response {
  if (typeof error === "string" && error.startsWith("<")) {
    throw new ProviderFailure(problemOfResponse({ status, text: error, url }));
  }
  return new Response(JSON.stringify(error), {
    // Not to be repeated, where it does not say why.
    status: errorStatus(error) ?? 400,
    headers: { ...retryHeaders(headers), "content-type": "application/json" },
  });
}

function retryHeaders(headers: Headers): Record<string, string> {
  const after = headers.get("retry-after");
  return after === null ? {} : { "retry-after": after };
}

const bytes = new TextEncoder();

const eventOf = (value: object): Uint8Array => bytes.encode(`data: ${JSON.stringify(value)}\n\n`);

/** What the server says from its first word on, read only as fast as it is wanted. */
function streamOf(first: Reply | null, reader: ReplyReader, { status }: Response): Response {
  let opening = first;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const reply = opening ?? (await reader.next());
        opening = null;
        // The reader refuses with its first word or not at all.
        if (reply?.kind === "value") controller.enqueue(eventOf(reply.value));
        else controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, { status, headers: { "content-type": "text/event-stream" } });
}
