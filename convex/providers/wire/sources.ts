import { asArray, asRecord, asText, type JsonRecord } from "./json";

/** A source of the web, as a chunk carries it that was made anew. */
export type WebSource = { id: string; url: string; title?: string };

/** What the ids of sources begin with that the text names by their numbers. */
export const NUMBERED = "citation-";

/** Sources of one request; more are of no use to anybody. */
const MAX_SOURCES = 200;

/**
 * Collects what a stream says of its sources. Each is told once, and again when its title comes later. The numbers that a model writes are
 * places in `citations`, so that each place there is a source of its own, also where two have the same address.
 */
export class SourceReader {
  /** What the numbers stand for: `citations`, or without any `search_results`. */
  #numbered: readonly Found[] = [];
  #hasCitations = false;
  /** Of addresses whose titles are told apart from them. */
  readonly #titles = new Map<string, string>();
  /** By id. */
  readonly #told = new Map<string, WebSource>();

  /** What is new in a chunk and its choice. */
  read(chunk: JsonRecord, choice: JsonRecord | null): WebSource[] {
    const citations = asArray(chunk.citations).flatMap(found);
    const results = asArray(chunk.search_results).flatMap(found);
    for (const { url, title } of results) if (title !== undefined) this.#titles.set(url, title);
    if (citations.length > 0) this.#numbered = citations;
    else if (!this.#hasCitations && results.length > 0) this.#numbered = results;
    this.#hasCitations ||= citations.length > 0;
    const isRepeated = citations.length > 0 || results.length > 0;
    const numbered = isRepeated
      ? this.#numbered.flatMap((source, place) => this.#tell(`${NUMBERED}${place + 1}`, source))
      : [];
    return [...numbered, ...annotations(choice).flatMap((source) => this.#annotate(source))];
  }

  /** One that several places of the text name is one source. */
  #annotate(source: Found): WebSource[] {
    const isKnown = [...this.#told.values()].some(({ url }) => url === source.url);
    return isKnown ? [] : this.#tell(source.url, source);
  }

  #tell(id: string, { url, title = this.#titles.get(url) }: Found): WebSource[] {
    const before = this.#told.get(id);
    if (before === undefined && this.#told.size >= MAX_SOURCES) return [];
    if (before?.url === url && (title === undefined || title === before.title)) return [];
    const source = { id, url, ...(title !== undefined && { title }) };
    this.#told.set(id, source);
    return [source];
  }
}

type Found = { url: string; title?: string };

/** In a chunk's delta, or in a whole message: OpenAI, OpenRouter. */
function annotations(choice: JsonRecord | null): Found[] {
  const words = asRecord(choice?.delta) ?? asRecord(choice?.message);
  return asArray(words?.annotations)
    .map(asRecord)
    .flatMap((annotation) => found(annotation?.url_citation ?? annotation));
}

/** An address alone (Perplexity, xAI), or a record of it: `url` (Perplexity, OpenAI, OpenRouter), `link` (Z.ai). */
function found(value: unknown): Found[] {
  const record = asRecord(value);
  const url = typeof value === "string" ? value : asText(record?.url ?? record?.link);
  if (url === null || url === "") return [];
  const title = asText(record?.title);
  return [{ url, ...(title !== null && title !== "" && { title }) }];
}
