import type { APICallError } from "@ai-sdk/provider";
import { errorWords } from "./wire/errorWords";
import { asArray, asRecord, asText, parseJson } from "./wire/json";

type Refusal = Pick<APICallError, "responseHeaders" | "responseBody">;

/** How long the model's server asks to wait, in milliseconds from now; null when it does not say. */
export function retryAfterMs(refusal: Refusal): number | null {
  const { "retry-after-ms": exact, "retry-after": seconds } = refusal.responseHeaders ?? {};
  const inHeaders = exact === undefined ? fromSecondsOrDate(seconds) : Number(exact);
  const ms = Number.isFinite(inHeaders) ? inHeaders : inBody(parseJson(refusal.responseBody ?? ""));
  return ms !== null && Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** `Retry-After` of RFC 9110: seconds, or a date. NaN for anything else. */
function fromSecondsOrDate(value: string | undefined): number {
  if (value === undefined || value.trim() === "") return NaN;
  const seconds = Number(value);
  return Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1_000;
}

/** Google's `retryDelay: "34s"`; OpenAI's and Groq's "Please try again in 1m7.66s". */
function inBody(body: unknown): number | null {
  const error = asRecord(asRecord(Array.isArray(body) ? body[0] : body)?.error);
  const delays = asArray(error?.details).map((detail) => asText(asRecord(detail)?.retryDelay));
  const delay = delays.find((text) => text !== null) ?? inWords(errorWords(body));
  return delay === null ? null : fromDuration(delay);
}

const inWords = (words: string | null): string | null => {
  const found = /(?:try again|retry|reset) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)/i.exec(words ?? "");
  return found?.[1] ?? null;
};

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** "1m7.66s", "950ms". */
function fromDuration(text: string): number | null {
  const pieces = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (pieces.length === 0) return null;
  return pieces.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ""] ?? 0), 0);
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Behind "Try again", true also when it is read later: "in 5 minutes, after 2026-11-20 11:45 UTC". Null without a time to name. */
export function whenToTryAgain(retryAt: number | undefined): string | null {
  if (retryAt === undefined) return null;
  const at = new Date(Math.ceil(retryAt / MINUTE_MS) * MINUTE_MS);
  // A date that no calendar has is not worth a sentence that fails.
  if (Number.isNaN(at.getTime())) return null;
  return `in ${duration(retryAt - Date.now())}, after ${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function duration(ms: number): string {
  if (ms < 2 * MINUTE_MS) return count(ms / 1_000, "second");
  if (ms < 2 * HOUR_MS) return count(ms / MINUTE_MS, "minute");
  return count(ms / HOUR_MS, "hour");
}

function count(amount: number, unit: string): string {
  const whole = Math.max(1, Math.ceil(amount));
  return `${whole} ${unit}${whole === 1 ? "" : "s"}`;
}
