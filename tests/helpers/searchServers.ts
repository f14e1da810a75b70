/**
 * Search engines for tests, each in its own format: SearXNG as its `/search?format=json` answers, Brave as its Web Search API does, Tavily as
 * its `/search` does; with the ways in which each fails.
 */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

export type EngineKind = "searxng" | "brave" | "tavily";

export type Found = { title: string; url: string; text: string };

type Failure = "key" | "rateLimit" | "usedUp" | "html" | "broken" | "error";

export type SearchServer = {
  /** For `VERBATIM_SEARXNG_URL`. */
  url: string;
  /** Each request, with what an engine reads of it. */
  asked: { engine: EngineKind; query: string; key: string | null; count: string | null }[];
  behaviour: {
    pages: Found[];
    failure: Failure | null;
    /** SearXNG: the engines behind it that did not answer. */
    silent: [string, string][];
    /** No answer goes out before this. */
    held: Promise<void>;
  };
  close(): Promise<void>;
};

/** By `/searxng/search`, `/res/v1/web/search` (Brave) and `/search` (Tavily). */
export async function startSearchServer(): Promise<SearchServer> {
  const server = http.createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const state: SearchServer = {
    ...{ url: `${origin}/searxng/`, asked: [] },
    behaviour: { pages: [], failure: null, silent: [], held: Promise.resolve() },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", origin);
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    const sent = { status: 404, type: "text/html", body: "<h1>Not Found</h1>" };
    const { behaviour, asked } = state;
    if (pathname === "/searxng/search") {
      asked.push({ engine: "searxng", query: searchParams.get("q") ?? "", key: null, count: null });
      Object.assign(sent, searxng(behaviour, searchParams));
    } else if (pathname === "/res/v1/web/search") {
      const key = request.headers["x-subscription-token"]?.toString() ?? null;
      const [query, count] = [searchParams.get("q") ?? "", searchParams.get("count")];
      asked.push({ engine: "brave", query, key, count });
      Object.assign(sent, brave(behaviour, query));
    } else if (pathname === "/search" && request.method === "POST") {
      const body = JSON.parse(Buffer.concat(pieces).toString()) as { query: string; max_results: number };
      const key = request.headers.authorization ?? null;
      asked.push({ engine: "tavily", query: body.query, key, count: String(body.max_results) });
      Object.assign(sent, tavily(behaviour, body.query));
    }
    await behaviour.held;
    response.writeHead(sent.status, { "Content-Type": sent.type }).end(sent.body);
  }
  return state;
}

type Sent = { status: number; type: string; body: string };

const json = (value: unknown, status = 200): Sent => ({
  ...{ status, type: "application/json", body: JSON.stringify(value) },
});
const html = (words: string, status: number): Sent => ({
  ...{
    status,
    type: "text/html; charset=utf-8",
    body: `<!doctype html><title>${words}</title><h1>${words}</h1>`,
  },
});

function searxng({ pages, failure, silent }: SearchServer["behaviour"], params: URLSearchParams): Sent {
  const query = params.get("q") ?? "";
  switch (failure) {
    case "key":
      // `search.formats` has no json.
      return html("403 Forbidden", 403);
    case "rateLimit":
    case "usedUp":
      // The limiter plugin.
      return html("429 Too Many Requests", 429);
    case "html":
      return html(`${query} - SearXNG`, 200);
    case "broken":
      return { status: 200, type: "application/json", body: '{"query": "' };
    case "error":
      return html("Internal Server Error", 500);
    case null:
      return json({
        ...{ query, number_of_results: 0 },
        results: pages.map(({ title, url, text }, index) => ({
          ...{ url, title, content: text, publishedDate: null, thumbnail: "", engine: "duckduckgo" },
          ...{ template: "default.html", parsed_url: ["https", new URL(url).host, "/", "", "", ""] },
          ...{ engines: ["duckduckgo"], positions: [index + 1], score: 1 / (index + 1), category: "general" },
        })),
        ...{ answers: [], corrections: [], infoboxes: [], suggestions: [], unresponsive_engines: silent },
      });
    default:
      return failure satisfies never;
  }
}

function brave({ pages, failure }: SearchServer["behaviour"], query: string): Sent {
  const error = (status: number, code: string, detail: string) =>
    json({ type: "ErrorResponse", error: { id: "e1", status, code, detail, meta: {} }, time: 0 }, status);
  switch (failure) {
    case "key":
      return error(401, "SUBSCRIPTION_TOKEN_INVALID", "The provided subscription token is invalid.");
    case "rateLimit":
      return error(429, "RATE_LIMITED", "Request rate limit exceeded for plan.");
    case "usedUp":
      return error(402, "USAGE_LIMIT_EXCEEDED", "Usage limit exceeded.");
    case "html":
      return html("Just a moment...", 200);
    case "broken":
      return { status: 200, type: "application/json", body: "[]" };
    case "error":
      return error(500, "INTERNAL", "Internal error");
    case null:
      return json({
        ...{ type: "search", query: { original: query, show_strict_warning: false, is_navigational: false } },
        ...(pages.length > 0 && {
          web: {
            ...{ type: "search", family_friendly: true },
            results: pages.map(({ title, url, text }) => ({
              ...{ type: "search_result", subtype: "generic", is_source_local: false, language: "en" },
              ...{ title, url, description: text, page_age: "2026-11-02T00:00:00", age: "3 weeks ago" },
              meta_url: { scheme: "https", netloc: new URL(url).host, hostname: new URL(url).host },
            })),
          },
        }),
      });
    default:
      return failure satisfies never;
  }
}

function tavily({ pages, failure }: SearchServer["behaviour"], query: string): Sent {
  const error = (status: number, words: string) => json({ detail: { error: words } }, status);
  switch (failure) {
    case "key":
      return error(401, "Unauthorized: missing or invalid API key.");
    case "rateLimit":
      return error(429, "Your request has been blocked due to excessive requests.");
    case "usedUp":
      return error(432, "This request exceeds your plan's set usage limit.");
    case "html":
      return html("502 Bad Gateway", 200);
    case "broken":
      return { status: 200, type: "application/json", body: "null" };
    case "error":
      return error(500, "Internal Server Error");
    case null:
      return json({
        ...{ query, follow_up_questions: null, answer: null, images: [] },
        results: pages.map(({ title, url, text }) => ({
          ...{ title, url, content: text, score: 0.9, raw_content: null },
        })),
        ...{ response_time: 1.09, request_id: "r1" },
      });
    default:
      return failure satisfies never;
  }
}
