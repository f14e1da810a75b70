import { cutText, wellFormed } from "../../shared/text";
import { asArray, asNumber, asRecord, asText, parseJson, type JsonRecord } from "./json";

/** Characters of a server's own words that are kept. */
const MAX_CHARS = 500;

/** How deep words may lie: errors are passed on from server to server, each of which wraps them. */
const MAX_DEPTH = 6;

/**
 * The sentence in an error of any shape, in the server's own words; null when there is none. Known shapes: a text, `{ message }`,
 * `{ error: … }`, `{ detail }` with a text or FastAPI's list, `{ errors: [ … ] }`, `[{ error }]` (Google), `metadata.raw` (OpenRouter,
 * of the server behind it), `base_resp.status_msg` (MiniMax), `error_msg` (Baidu), JSON inside a text (LiteLLM), a page of HTML.
 */
export function errorWords(error: unknown, depth = 0): string | null {
  if (depth > MAX_DEPTH) return null;
  if (typeof error === "string") return wordsInText(error, depth);
  if (Array.isArray(error)) return firstWords(error, depth) ?? null;
  const record = asRecord(error);
  if (record === null) return null;
  const raw = errorWords(asRecord(record.metadata)?.raw, depth + 1);
  if (raw !== null) return raw;
  return (
    errorWords(record.error, depth + 1) ??
    errorWords(record.message, depth + 1) ??
    detailWords(record.detail, depth + 1) ??
    firstWords(asArray(record.errors), depth + 1) ??
    errorWords(asRecord(record.base_resp)?.status_msg, depth + 1) ??
    firstText([record.error_msg, record.msg, record.error_description, record.reason, record.title])
  );
}

/** The name that a server gives its error, for example `insufficient_quota`; null when it gives none. */
export function errorCode(error: unknown): string | null {
  const found = find(error, ({ code, type, status }) => {
    const named = [code, type, status].filter((value) => typeof value === "string" && !/^\d*$/.test(value));
    return named.find((value) => value !== "error") as string | undefined;
  });
  return found ?? null;
}

/** The statuses that Anthropic sends these with, which in a stream stand alone. */
const ANTHROPIC_STATUSES: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** The HTTP status that an error names in its body; null when it names none. */
export function errorStatus(error: unknown): number | null {
  const found = find(error, ({ type, code, status, status_code: statusCode, statusCode: camelCase }) =>
    [code, status, statusCode, camelCase, ANTHROPIC_STATUSES[asText(type) ?? ""]]
      .map(asNumber)
      .find((value) => value !== null && value >= 400 && value <= 599),
  );
  return found ?? null;
}

/** What `look` finds first in the error or what it wraps. */
function find<T>(error: unknown, look: (record: JsonRecord) => T | null | undefined, depth = 0): T | null {
  if (depth > MAX_DEPTH) return null;
  const record = asRecord(Array.isArray(error) ? error[0] : error);
  if (record === null) return null;
  return look(record) ?? find(record.error, look, depth + 1);
}

function wordsInText(text: string, depth: number): string | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (/^[[{]/.test(trimmed)) {
    const words = errorWords(parseJson(trimmed), depth + 1);
    if (words !== null) return words;
  }
  const shown = /^<(!doctype|html|head|body|\?xml)/i.test(trimmed)
    ? wordsOfPage(trimmed)
    : withoutDump(trimmed);
  return shown === null ? null : wellFormed(cutText(shown, MAX_CHARS));
}

/** The title of a page, which a proxy sends in place of its server: "502 Bad Gateway". */
function wordsOfPage(html: string): string | null {
  const found = /<title[^>]*>([^<]*)<\/title>/i.exec(html) ?? /<h1[^>]*>([^<]*)<\/h1>/i.exec(html);
  const words = found?.[1]?.replace(/\s+/g, " ").trim() ?? "";
  return words === "" ? null : words;
}

/** One of a list of findings as Python prints it (vLLM), and what it found. */
const FINDING = /'loc': \(([^)]*)\), 'msg': (?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

/** What a validator found, without the request that it prints with that. */
function withoutDump(text: string): string {
  const findings = [...text.matchAll(FINDING)].map(([, place = "", one, other]) => {
    const path = place.split(/,\s*/).map((step) => step.replace(/^'|'$/g, ""));
    return `${path.filter((step) => step !== "").join(".")}: ${one ?? other ?? ""}`;
  });
  if (findings.length > 0) return findings.join("; ");
  // Pydantic's own words: "messages.0 Input should be … [type=…, input_value=…] For further information visit …".
  if (!/^\d+ validation errors? for /.test(text)) return text;
  const bare = text.replace(/\[type=[^\n]*\]|For further information visit \S+/g, "");
  return bare.replace(/\s+/g, " ").trim();
}

/** FastAPI: `[{ loc: ["body", "messages"], msg: "Field required" }]`. */
function detailWords(detail: unknown, depth: number): string | null {
  if (!Array.isArray(detail)) return errorWords(detail, depth);
  const sentences = detail.map((entry: unknown) => {
    const { loc, msg } = asRecord(entry) ?? {};
    const words = asText(msg) ?? errorWords(entry, depth);
    const place = asArray(loc).map(asText).filter(Boolean).join(".");
    return words === null || place === "" ? words : `${place}: ${words}`;
  });
  const all = sentences.filter((words) => words !== null).join("; ");
  return all === "" ? null : wellFormed(cutText(all, MAX_CHARS));
}

function firstWords(errors: readonly unknown[], depth: number): string | null {
  for (const error of errors) {
    const words = errorWords(error, depth + 1);
    if (words !== null) return words;
  }
  return null;
}

function firstText(values: readonly unknown[]): string | null {
  const text = values.find((value) => typeof value === "string" && value.trim() !== "");
  return text === undefined ? null : wellFormed(cutText((text as string).trim(), MAX_CHARS));
}
