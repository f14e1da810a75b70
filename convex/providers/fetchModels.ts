import type { ModelFacts } from "../shared/modelFacts";
import { canChat, type ListedModel } from "./listedModels";
import { factsIn } from "./modelFacts";
import { problemOfConnection, problemOfResponse } from "./problemOf";
import { ProviderFailure } from "./providerFailure";
import { requireReadableKey } from "./requireReadableKey";
import { authorization, type Provider } from "./settings";
import { errorIn } from "./wire/errorIn";
import { asArray, asRecord, asText, parseJson, type JsonRecord } from "./wire/json";
import { sameServerFetch } from "./wire/sameServerFetch";

/** How long a provider may take to list its models. */
const LIST_TIMEOUT_MS = 10_000;

/** Characters of a list: OpenRouter's has one million. */
const MAX_LIST_CHARS = 32 * 1024 * 1024;

/** Pages of a list that are read; each has hundreds. */
const MAX_PAGES = 20;

/**
 * The models that a provider lists, in its order. Throws a `ProviderFailure` that says what to set, and an Error for a provider that does
 * not answer in time.
 */
export async function fetchModels(provider: Provider): Promise<ListedModel[]> {
  requireReadableKey(provider);
  const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
  const models: ListedModel[] = [];
  let page: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const body = await readPage(provider, page, signal);
    models.push(...body.entries.flatMap((entry) => listedModel(provider, entry)));
    page = body.next;
    if (page === null) break;
  }
  return models;
}

type Page = { entries: unknown[]; next: string | null };

async function readPage(provider: Provider, page: string | null, signal: AbortSignal): Promise<Page> {
  const url = addressOf(provider, page);
  const { status, text } = await read(url, provider, signal);
  const body = parseJson(text);
  // LM Studio sends its errors with status 200.
  if (status >= 300 || errorIn(body) !== null)
    throw new ProviderFailure(problemOfResponse({ status, text, url }));
  const entries = listIn(body);
  if (entries === null) throw new ProviderFailure(problemOfResponse({ status: 404, text, url }));
  return { entries, next: nextPage(provider, asRecord(body)) };
}

/** Anthropic and Google give their lists by pages. xAI has a list of those that chat, with prices. */
function addressOf({ kind, server }: Provider, page: string | null): string {
  const { baseURL, query = "" } = server;
  const parameters = new URLSearchParams(query);
  if (kind === "anthropic") {
    parameters.set("limit", "1000");
    if (page !== null) parameters.set("after_id", page);
  }
  if (kind === "google") {
    parameters.set("pageSize", "1000");
    if (page !== null) parameters.set("pageToken", page);
  }
  // A query that is set stays as it was written.
  const suffix = kind === "anthropic" || kind === "google" ? `?${parameters.toString()}` : query;
  return `${baseURL}/${kind === "xai" ? "language-models" : "models"}${suffix}`;
}

function nextPage({ kind }: Provider, body: JsonRecord | null): string | null {
  const next =
    kind === "google" ? body?.nextPageToken : kind === "anthropic" && body?.has_more === true && body.last_id;
  return typeof next === "string" && next !== "" ? next : null;
}

/** How a request for a list shows who it comes from: never in its address. */
export function listHeaders({ kind, server }: Pick<Provider, "kind" | "server">): Record<string, string> {
  const { apiKey } = server;
  if (apiKey === null) return authorization(server);
  if (kind === "anthropic") return { "x-api-key": apiKey, "anthropic-version": "2023-06-01" };
  if (kind === "google") return { "x-goog-api-key": apiKey };
  return authorization(server);
}

async function read(
  url: string,
  provider: Provider,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const { baseURL } = provider.server;
  try {
    const response = await sameServerFetch(url, { headers: listHeaders(provider), signal });
    const text = await response.text();
    if (text.length > MAX_LIST_CHARS) throw new Error(`The list of models at ${baseURL} is too long.`);
    return { status: response.status, text };
  } catch (error) {
    if (error instanceof ProviderFailure) throw error;
    const problem = problemOfConnection(error, url);
    if (problem !== null) throw new ProviderFailure(problem, { cause: error });
    if (!signal.aborted) throw error;
    const seconds = LIST_TIMEOUT_MS / 1_000;
    throw new Error(`The server at ${baseURL} did not list its models within ${seconds} seconds.`, {
      cause: error,
    });
  }
}

/** `{ data }` as OpenAI has it, where Ollama without models says `data: null`; a bare list (Together); `{ models }` (Cohere, Google). */
function listIn(body: unknown): unknown[] | null {
  if (Array.isArray(body)) return body as unknown[];
  const record = asRecord(body);
  if (record === null) return null;
  for (const list of [record.data, record.models]) {
    if (Array.isArray(list)) return list as unknown[];
  }
  return record.data === null || record.models === null ? asArray(record.data) : null;
}

function listedModel({ kind }: Provider, entry: unknown): ListedModel[] {
  const id = idOf(entry);
  if (id === null) return [];
  const facts: ModelFacts = factsIn(entry);
  if (kind !== "google") return [{ id, canChat: canChat(id, entry), facts }];
  const methods = asArray(asRecord(entry)?.supportedGenerationMethods);
  // Google names its models "models/gemini-…".
  const plain = id.replace(/^models\//, "");
  const generates = methods.length === 0 || methods.includes("generateContent");
  return [{ id: plain, canChat: generates ? canChat(plain, entry) : "no", facts }];
}

function idOf(entry: unknown): string | null {
  const record = asRecord(entry);
  const id = asText(entry) ?? asText(record?.id) ?? asText(record?.name) ?? asText(record?.model);
  return id === null || id.trim() === "" ? null : id;
}
