import { APICallError } from "ai";

import { cutText, wellFormed } from "../../shared/text";
import { retryAfterMs, whenToTryAgain } from "./retryAfter";

/** Characters of a provider's own words that are shown. */
const MAX_CHARS = 500;

/** What happened, in words for the person who waits. Never "[object Object]". */
export function describeError(error: unknown): string {
  if (APICallError.isInstance(error)) return describeApiError(error);
  return wordsOf(error) ?? "The model could not answer, for a reason that it did not tell.";
}

function describeApiError(error: APICallError): string {
  const words =
    wordsOf(error.data) ?? wordsOf(parse(error.responseBody)) ?? wordsOf(error.message) ?? "no reason given";
  const status = error.statusCode;
  if (status === undefined) return `The model's server could not be reached: ${words}`;
  // It had accepted the request; then its answer could not be read to the end.
  if (status < 300) return `The connection to the model broke off: ${wordsOf(error.cause) ?? words}`;
  if (status === 401 || status === 403) return `The model's server refused the key (${status}): ${words}`;
  if (status === 404) return `The model's server does not have this model (404): ${words}`;
  const wait = retryAfterMs(error);
  const when = wait === null ? "" : `${/[.!?]$/.test(words) ? "" : "."} ${whenToTryAgain(wait)}`;
  if (status === 429)
    return `The model's server has too many requests or its quota is used up (429): ${words}${when}`;
  if (status >= 500) return `The model's server has a problem (${status}): ${words}${when}`;
  return `The model's server refused the request (${status}): ${words}`;
}

function parse(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return body;
  }
}

/** The text in an error of any shape: a string, an Error, `{ message }`, `{ error: { message } }`, … */
function wordsOf(error: unknown, depth = 0): string | null {
  if (typeof error === "string") {
    const text = error.trim();
    return text === "" || text.startsWith("<") ? null : wellFormed(cutText(text, MAX_CHARS));
  }
  if (typeof error !== "object" || error === null || depth > 3) return null;
  const { message, error: inner, detail } = error as Record<string, unknown>;
  return (
    wordsOf(inner, depth + 1) ??
    wordsOf(message, depth + 1) ??
    wordsOf(detail, depth + 1) ??
    (error instanceof Error ? error.name : JSON.stringify(error).slice(0, MAX_CHARS))
  );
}
