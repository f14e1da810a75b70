import { APICallError } from "@ai-sdk/provider";
import { withoutSecrets } from "../model/secrets";
import type { Problem, ProblemKind } from "../shared/problems";
import { ProviderFailure } from "./providerFailure";
import { retryAfterMs } from "./retryAfter";
import { BROKEN_OFF } from "./wire/dialect";
import { errorCode, errorStatus, errorWords } from "./wire/errorWords";
import { asRecord, asText, parseJson } from "./wire/json";

/** What is known of a failure before it is told what kind it is. */
type Clues = {
  status: number | null;
  words: string | null;
  /** The server's own name for it. */
  code: string | null;
  /** Is the body that of something else than a model server? */
  isPage: boolean;
  /** Is it a model server's own? What stands before one that is not there sends text or a page. */
  isRecord: boolean;
};

/** What happened to a request, and what the server said of it, without secrets. Never the SDK's words, never "[object Object]". */
export function problemOf(error: unknown): Problem {
  return withCleanWords(problemWithSecrets(error));
}

function problemWithSecrets(error: unknown): Problem {
  if (error instanceof ProviderFailure) return error.problem;
  if (APICallError.isInstance(error)) return ofCall(error);
  if (error instanceof Error) return ofConnection(error) ?? { kind: "unknown", ...said(ownWords(error)) };
  return ofStream(error);
}

/** What an answer with a status of failure means. `text` is its body. */
export function problemOfResponse(response: { status: number; text: string; url: string }): Problem {
  const { status, text, url } = response;
  return withCleanWords({ ...classified(cluesIn(parseJson(text) ?? text, status), url) });
}

/** `fetch` could not reach the server, or lost it; null for any other error. */
export function problemOfConnection(error: unknown, url: string): Problem | null {
  const problem = error instanceof Error ? ofConnection(error) : null;
  return problem === null ? null : withCleanWords({ ...problem, ...at(url) });
}

function ofCall(error: APICallError): Problem {
  const { statusCode: status, url } = error;
  const told = error.data ?? parseJson(error.responseBody ?? "");
  if (isBrokenOff(told)) return { kind: "brokenOff", ...said(errorWords(told)) };
  if (status === undefined) return { ...(ofConnection(error) ?? { kind: "serverDown" }), ...at(url) };
  // It had accepted the request.
  if (status < 300) return { kind: "brokenOff", ...said(connectionWords(error)) };
  const body = error.data ?? parseJson(error.responseBody ?? "") ?? error.responseBody;
  const problem = classified(
    cluesIn(asRecord(body) === null ? body : fullest(body, error.responseBody), status),
    url,
  );
  const wait = retryAfterMs(error);
  const model = asRecord(error.requestBodyValues)?.model;
  return {
    ...problem,
    ...(wait !== null && { retryAt: Date.now() + wait }),
    ...(problem.kind === "modelMissing" && typeof model === "string" && { model }),
  };
}

/** The SDK keeps of a body what its schema knows. */
const fullest = (data: unknown, text: string | undefined): unknown => parseJson(text ?? "") ?? data;

/** An error inside a stream, as the dialects hand it to the SDK and the SDK to us. */
function ofStream(error: unknown): Problem {
  const record = asRecord(error);
  if (isBrokenOff(error) || isBrokenOff(record?.data))
    return { kind: "brokenOff", ...said(errorWords(error)) };
  const status = typeof record?.param === "number" ? record.param : errorStatus(error);
  const clues = cluesIn(error, status);
  if (clues.words !== null || clues.code !== null || status !== null) return classified(clues, null);
  return { kind: "unknown", ...said(record === null ? null : JSON.stringify(record).slice(0, 500)) };
}

/** Each dialect has another place for the code; DeepSeek's package passes on the words alone. */
function isBrokenOff(error: unknown): boolean {
  if (typeof error === "string") return error.startsWith(BROKEN_OFF);
  const records = [asRecord(error), asRecord(asRecord(error)?.error)];
  return records.some((record) => [record?.type, record?.code, record?.status].includes(BROKEN_OFF));
}

function cluesIn(body: unknown, status: number | null): Clues {
  return {
    status: status ?? errorStatus(body),
    words: errorWords(body),
    code: errorCode(body),
    isPage: typeof body === "string" && /^\s*</.test(body),
    isRecord: typeof body === "object" && body !== null,
  };
}

function classified(clues: Clues, url: string | null): Problem {
  const kind = kindOf(clues);
  const { status, words } = clues;
  const isAddress = kind === "wrongPath" || kind === "serverDown";
  return {
    kind,
    ...(status !== null && { status }),
    ...said(words),
    ...(url !== null && isAddress && at(url)),
  };
}

/**
 * Rules in order; the first that holds says the kind. Words go before the status: servers of one make send different statuses for the
 * same, and the same status for different things.
 */
const RULES: readonly { kind: ProblemKind; statuses?: readonly number[]; words?: RegExp }[] = [
  {
    kind: "contextTooLong",
    words:
      /context_length_exceeded|exceed_context_size|context (length|size|window)|maximum context|maximum prompt length|prompt is too long|too many (input )?tokens in|input is too long|maximum (number of )?(input )?tokens|exceeds? the (maximum|model'?s) (allowed )?(number of |input )?tokens/i,
  },
  // Google says in the same words that a minute's quota is used up.
  { kind: "rateLimit", words: /resource_exhausted/i },
  {
    kind: "credit",
    statuses: [402],
    words:
      /insufficient[_ ](quota|balance|credit|fund)|credit balance|current quota|out of credit|(have any|more) credits|billing_|billing (hard )?limit|payment required/i,
  },
  // What failed to load is not loading: who waits for it has it tried again and again.
  {
    kind: "serverProblem",
    words:
      /\b(error|unable|fail(ed|ure))( to| while| when)? load(ing)? (the )?model|model\b.{0,80}\bfailed to load|model has crashed|runner process has terminated/i,
  },
  {
    kind: "loading",
    words: /loading model|model (is|.{1,80} is) (currently |still )?(being )?load(ing|ed)\b|model_loading/i,
  },
  {
    kind: "key",
    statuses: [401],
    words:
      /invalid (x-)?api[-_ ]key|invalid[_ ]api[_ ]key|unregistered callers|incorrect api key|api[_ ]key (is )?(not valid|invalid|missing)|invalid authentication/i,
  },
  {
    kind: "tools",
    words:
      /support (the )?tool|support the provided 'tool_choice'|(does not|doesn't|not) support (\S+ ){0,3}(tool|function[- ]call)|(tool|function[- ])( use| choice|_choice| ?call(s|ing)?)?s?\W{1,3}(with function calling )?(is|are) (not (supported|enabled)|unsupported)|tools param requires|enable-auto-tool-choice/i,
  },
  {
    kind: "images",
    words:
      /support image input|(does not|doesn't|not) support (\S+ ){0,3}(images?|vision|image_url|multi-?modal)|(images?|image[ _](inputs?|url)|vision|multimodal( inputs?)?)\W{1,3}(is|are) (not (supported|enabled)|unsupported|only supported by)|not a multimodal model|at most 0 image|data required for image input|unknown variant `image_url`/i,
  },
  // OpenRouter: the model is there, but not with what the account allows, or with what is asked of it.
  { kind: "forbidden", words: /no endpoints found matching your|no allowed providers/i },
  { kind: "badRequest", words: /no endpoints found that/i },
  {
    kind: "modelMissing",
    words:
      /model_not_found|not_found_error model: |models\/\S+ is not found|no such model|no models? (is )?loaded|model (is )?not loaded|not a valid model|deploymentnotfound|no endpoints found|unknown model|invalid model|try pulling|model\b.{0,120}\b(not found|not exist|not available|not supported|no longer available|decommissioned)/i,
  },
  { kind: "flagged", words: /flagged|moderation|content[_ ]policy|content_filter|responsibleai/i },
  { kind: "forbidden", statuses: [403] },
  { kind: "tooLarge", statuses: [413], words: /(payload|entity|body|file|image)s? (is |are )?too large/i },
  { kind: "rateLimit", statuses: [429], words: /rate[_ ]limit|too many requests/i },
  {
    kind: "wrongPath",
    statuses: [404, 405, 410],
    words: /unexpected endpoint|invalid url|unknown (url|path|request url)|cannot post/i,
  },
  { kind: "serverDown", statuses: [502, 504, 521, 522, 523] },
];

function kindOf({ status, words, code, isPage, isRecord }: Clues): ProblemKind {
  const text = `${code ?? ""} ${words ?? ""}`;
  const found = RULES.find(
    (rule) => (status !== null && rule.statuses?.includes(status)) || rule.words?.test(text),
  );
  // OpenRouter and Google say 502 and 504 of the servers behind them.
  if (found?.kind === "serverDown" && isRecord) return "serverProblem";
  if (found !== undefined) return found.kind;
  if (status === null) return "serverProblem";
  if (isPage && status < 500) return "wrongPath";
  return status >= 500 ? "serverProblem" : "badRequest";
}

/** What Node and Convex call their failures to connect, in any cause of the error. */
function ofConnection(error: Error): Problem | null {
  const text = causes(error)
    .map((cause) => `${codeOf(cause)} ${cause.message}`)
    .join("\n");
  if (/UND_ERR_(HEADERS|BODY)_TIMEOUT/.test(text)) return { kind: "noFirstWord", limitMs: 300_000 };
  if (
    !/ECONN|ENOTFOUND|EAI_AGAIN|EHOST|ENET|EPIPE|ETIMEDOUT|UND_ERR|fetch failed|CERT|SSL|TLS|certificate/i.test(
      text,
    )
  )
    return null;
  return { kind: "serverDown", ...said(connectionWords(error)) };
}

const codeOf = (error: Error): string => ("code" in error ? (asText(error.code) ?? "") : "");

/** The innermost cause says it: "connect ECONNREFUSED 127.0.0.1:11434". */
function connectionWords(error: Error): string | null {
  const words = causes(error)
    .reverse()
    .map(({ message }) => message)
    .find((message) => message !== "" && !/^(fetch failed|terminated|failed to process)/i.test(message));
  return words === undefined ? null : errorWords(words.replace(/^Cannot connect to API: /, ""));
}

function causes(error: Error): Error[] {
  const chain: Error[] = [];
  for (let next: unknown = error; next instanceof Error && chain.length < 8; next = next.cause)
    chain.push(next);
  return chain;
}

const ownWords = (error: Error): string | null => errorWords(error.message) ?? error.name;

function said(told: string | null): { words?: string } {
  const words = told?.replace(BROKEN_OFF, "").trim() ?? "";
  return words === "" ? {} : { words };
}

/** The server's address as it is set, as far as it can be seen in a request's. */
export function at(url: string): { address?: string } {
  if (!URL.canParse(url)) return {};
  const { origin, pathname } = new URL(url);
  return {
    address: `${origin}${pathname.replace(/\/(chat\/completions|responses|models|language-models|messages|models\/[^/]+:\w+)$/, "")}`,
  };
}

function withCleanWords(problem: Problem): Problem {
  return problem.words === undefined ? problem : { ...problem, words: withoutSecrets(problem.words) };
}
