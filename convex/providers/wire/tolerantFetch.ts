import { at, problemOfResponse } from "../problemOf";
import { ProviderFailure } from "../providerFailure";
import { AnthropicDialect } from "./anthropicDialect";
import { ChatDialect } from "./chatDialect";
import type { Dialect } from "./dialect";
import { errorStatus } from "./errorWords";
import { GoogleDialect } from "./googleDialect";
import { patientDispatcher } from "./patientDispatcher";
import { ReplyReader, type Line, type Reply } from "./replyReader";
import { ResponsesDialect } from "./responsesDialect";

/** Redirects that are followed: from HTTP to HTTPS, to an address with a slash. */
const MAX_REDIRECTS = 3;

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
    const response = await followed(url, init);
    line.onBytes();
    if (!response.ok || response.body === null) return response;
    const dialect = DIALECTS[api]();
    const reader = new ReplyReader(response.body, dialect, line, init?.signal);
    const first = await reader.next();
    if (first?.kind === "refused") return refusal(first.error, url, response);
    return streamOf(first, reader, response);
  };
}

/** Sends the key nowhere but to the host that was named. */
async function followed(url: string, init: RequestInit | undefined): Promise<Response> {
  let address = url;
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(address, {
      ...init,
      ...patientDispatcher(),
      redirect: "manual",
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    const next = new URL(location, address);
    await response.body?.cancel().catch(() => undefined);
    // Only these two keep the request what it is.
    const isKept = response.status === 307 || response.status === 308;
    if (!isKept || !isSameServer(new URL(url), next) || redirects >= MAX_REDIRECTS) {
      const words = `${next.origin}${next.pathname}`;
      throw new ProviderFailure({ kind: "redirect", status: response.status, words, ...at(url) });
    }
    address = next.href;
  }
}

/** Also when it wants HTTPS, and never when it gives that up: the key goes along. */
const isSameServer = (from: URL, to: URL): boolean =>
  from.origin === to.origin ||
  (from.hostname === to.hostname && from.protocol === "http:" && to.protocol === "https:");

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
