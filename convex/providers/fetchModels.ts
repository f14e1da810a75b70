import { problemOfConnection, problemOfResponse } from "./problemOf";
import { ProviderFailure } from "./providerFailure";
import { canChat, type ListedModel } from "./listedModels";
import { authorization, type ModelServer } from "./settings";
import { errorIn } from "./wire/errorIn";
import { asArray, asRecord, asText, parseJson } from "./wire/json";

/** How long a server may take to list its models. */
const LIST_TIMEOUT_MS = 10_000;

/** Characters of a list: OpenRouter's has one million. */
const MAX_LIST_CHARS = 32 * 1024 * 1024;

/**
 * The models that the server's `/models` lists, in its order. Throws a `ProviderFailure` that says what to set, and an Error for a
 * server that does not answer in time.
 */
export async function fetchModels(server: ModelServer): Promise<ListedModel[]> {
  const url = `${server.baseURL}/models${server.query ?? ""}`;
  const { status, text } = await read(url, server);
  const body = parseJson(text);
  // LM Studio sends its errors with status 200.
  if (status >= 300 || errorIn(body) !== null)
    throw new ProviderFailure(problemOfResponse({ status, text, url }));
  const entries = listIn(body);
  if (entries === null) throw new ProviderFailure(problemOfResponse({ status: 404, text, url }));
  return entries.flatMap((entry) => {
    const id = idOf(entry);
    return id === null ? [] : [{ id, canChat: canChat(id, entry) }];
  });
}

async function read(url: string, server: ModelServer): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
  try {
    const response = await fetch(url, { headers: authorization(server), signal });
    const text = await response.text();
    if (text.length > MAX_LIST_CHARS) throw new Error(`The list of models at ${server.baseURL} is too long.`);
    return { status: response.status, text };
  } catch (error) {
    const problem = problemOfConnection(error, url);
    if (problem !== null) throw new ProviderFailure(problem, { cause: error });
    if (!signal.aborted) throw error;
    const seconds = LIST_TIMEOUT_MS / 1_000;
    throw new Error(`The server at ${server.baseURL} did not list its models within ${seconds} seconds.`, {
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

function idOf(entry: unknown): string | null {
  const record = asRecord(entry);
  const id = asText(entry) ?? asText(record?.id) ?? asText(record?.name) ?? asText(record?.model);
  return id === null || id.trim() === "" ? null : id;
}
