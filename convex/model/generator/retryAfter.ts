import type { APICallError } from "ai";

/** How long the model's server asks to wait, in milliseconds from now; null when it does not say. */
export function retryAfterMs(error: APICallError): number | null {
  const { "retry-after-ms": exact, "retry-after": seconds } = error.responseHeaders ?? {};
  const ms = exact === undefined ? fromSecondsOrDate(seconds) : Number(exact);
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** `Retry-After` of RFC 9110: seconds, or a date. NaN for anything else. */
function fromSecondsOrDate(value: string | undefined): number {
  if (value === undefined || value.trim() === "") return NaN;
  const seconds = Number(value);
  return Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1_000;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A sentence, true also when it is read later: "Try again in 5 minutes, after 2026-11-20 11:45 UTC." */
export function whenToTryAgain(ms: number): string {
  const at = new Date(Math.ceil((Date.now() + ms) / MINUTE_MS) * MINUTE_MS);
  // A date that no calendar has is not worth a sentence that fails.
  if (Number.isNaN(at.getTime())) return "";
  return `Try again in ${inWords(ms)}, after ${at.toISOString().slice(0, 16).replace("T", " ")} UTC.`;
}

function inWords(ms: number): string {
  if (ms < 2 * MINUTE_MS) return count(ms / 1_000, "second");
  if (ms < 2 * HOUR_MS) return count(ms / MINUTE_MS, "minute");
  return count(ms / HOUR_MS, "hour");
}

function count(amount: number, unit: string): string {
  const whole = Math.max(1, Math.ceil(amount));
  return `${whole} ${unit}${whole === 1 ? "" : "s"}`;
}
