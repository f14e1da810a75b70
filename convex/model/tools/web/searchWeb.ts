import { Parser } from "htmlparser2";
import { z } from "zod";
import { cutText, wellFormed } from "../../../shared/text";
import type { SearchEngine } from "../toolSettings";
import { readBounded } from "./readBounded";

/** Asks a search engine that the owner has chosen. Its address and key come from the settings, so it may be anywhere. */

export type FoundPage = { title: string; url: string; text: string };

/** Pages that a search gives. */
const MAX_RESULTS = 8;

/** Characters of one page's beginning, and of its title. */
const MAX_TEXT_CHARS = 600;
const MAX_TITLE_CHARS = 200;

/** Bytes of an engine's answer. */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

/** The parts of their answers that are used. SearXNG and Tavily call the text `content`, Brave `description`. */
const zResult = z.object({
  title: z.string().nullish(),
  url: z.string(),
  content: z.string().nullish(),
  description: z.string().nullish(),
});
const zResults = z.object({
  results: z.array(z.unknown()).optional(),
  /** SearXNG's: those whom it could not ask, with why. */
  unresponsive_engines: z.array(z.unknown()).optional(),
});
/** Without anything found it has no `web`. */
const zBrave = z.object({ type: z.literal("search"), web: zResults.optional() });

/** The best pages for a query. Rejects with an Error that names neither address nor key. */
export async function searchWeb(
  engine: SearchEngine,
  query: string,
  signal: AbortSignal,
): Promise<FoundPage[]> {
  const { url, ...init } = requestOf(engine, query);
  let response: Response;
  try {
    // A key goes to no other host.
    response = await fetch(url, { ...init, signal, redirect: "error" });
  } catch (error) {
    if (signal.aborted) throw error;
    console.warn(`[TOOLS] The search engine could not be reached: ${String(error)}`);
    throw new Error("The search engine could not be reached.");
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(refusalOf(engine, response.status));
  }
  const bytes = await readBounded(response.body, MAX_ANSWER_BYTES);
  if (bytes.isCut) throw new Error("The search engine's answer is too long.");
  return resultsOf(engine, new TextDecoder().decode(bytes.bytes));
}

type EngineRequest = { url: string; method?: string; headers: Record<string, string>; body?: string };

function requestOf(engine: SearchEngine, query: string): EngineRequest {
  switch (engine.kind) {
    case "searxng": {
      const url = new URL(`${engine.url.replace(/\/+$/, "")}/search`);
      url.search = new URLSearchParams({ q: query, format: "json" }).toString();
      return { url: url.href, headers: { Accept: "application/json" } };
    }
    case "brave": {
      const params = new URLSearchParams({ q: query, count: String(MAX_RESULTS) });
      return {
        url: `https://api.search.brave.com/res/v1/web/search?${params.toString()}`,
        headers: { Accept: "application/json", "X-Subscription-Token": engine.key },
      };
    }
    case "tavily":
      return {
        url: "https://api.tavily.com/search",
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${engine.key}` },
        body: JSON.stringify({ query, max_results: MAX_RESULTS }),
      };
    default:
      return engine satisfies never;
  }
}

/** What helps the person who reads it, and tells the model whether to try again. Tavily's codes: 432 and 433 for a plan that is used up. */
function refusalOf(engine: SearchEngine, status: number): string {
  switch (status) {
    case 429:
      return "The search engine takes no more requests at the moment. Do not search again in this reply.";
    case 402:
    case 432:
    case 433:
      return "The searches that this server has paid for are used up.";
    case 401:
    case 403:
      return engine.kind === "searxng"
        ? `The search engine refused the request (${status}). SearXNG must allow the format json.`
        : `The search engine does not accept this server's key (${status}).`;
    default:
      return `The search engine refused the request (${status}).`;
  }
}

const UNREADABLE = "The search engine's answer could not be read.";

function resultsOf(engine: SearchEngine, text: string): FoundPage[] {
  const answer = parsed(text);
  const brave = engine.kind === "brave" ? zBrave.safeParse(answer).data : undefined;
  const answered = engine.kind === "brave" ? brave && (brave.web ?? {}) : zResults.safeParse(answer).data;
  if (answered === undefined || (engine.kind !== "brave" && answered.results === undefined)) {
    throw new Error(UNREADABLE);
  }
  const { results = [], unresponsive_engines: silent = [] } = answered;
  if (results.length === 0 && silent.length > 0) {
    throw new Error("None of the search engines behind it answered.");
  }
  const seen = new Set<string>();
  return results
    .flatMap((result) => foundPage(engine, result))
    .filter(({ url }) => !seen.has(url) && seen.add(url))
    .slice(0, MAX_RESULTS);
}

function foundPage(engine: SearchEngine, value: unknown): FoundPage[] {
  const { data } = zResult.safeParse(value);
  if (data === undefined || !/^https?:\/\//i.test(data.url) || !URL.canParse(data.url)) return [];
  // Brave marks words as HTML does.
  const plain = engine.kind === "brave" ? textOfHtml : (text: string) => text;
  const clean = (text: string | null | undefined, chars: number) =>
    wellFormed(cutText(plain(text ?? "").trim(), chars));
  return [
    {
      title: clean(data.title, MAX_TITLE_CHARS),
      url: data.url,
      text: clean(data.content ?? data.description, MAX_TEXT_CHARS),
    },
  ];
}

function textOfHtml(html: string): string {
  const texts: string[] = [];
  const parser = new Parser({ ontext: (text) => void texts.push(text) });
  parser.end(html);
  return texts.join("");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${UNREADABLE} SearXNG must allow the format json.`);
  }
}
