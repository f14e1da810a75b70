import type { LanguageModelV3 } from "@ai-sdk/provider";
import { APICallError, wrapLanguageModel } from "ai";
import { log } from "../log";
import type { Limits } from "./limits";
import { pause } from "./pause";
import { retryAfterMs } from "./retryAfter";

/** Attempts after the first. */
const MAX_RETRIES = 3;

/** Pause before the first of them; it doubles. A provider that says how long to wait is obeyed instead. */
const FIRST_PAUSE_MS = 2_000;

/** The longest wait that a provider may ask for: a person looks at an empty answer meanwhile. */
const MAX_ASKED_WAIT_MS = 60_000;

/**
 * The model, whose requests are repeated on 429 and 5xx and on lost connections, only until the provider has accepted them: a
 * stream that broke is never repeated. A provider that asks for more time than there is has its error at once, whose words say
 * when to try again. Waiting is not the provider's silence. [G12]
 *
 * Instead of the AI SDK's own repetitions, which take no notice of long waits, and during which nobody knows what is going on.
 */
export function withRequestRetries(
  model: LanguageModelV3,
  run: { signal: AbortSignal; limits: Limits },
): LanguageModelV3 {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v3",
      wrapStream: async ({ doStream }) => {
        for (let attempt = 0; ; attempt++) {
          try {
            return await doStream();
          } catch (error) {
            const ms = pauseBeforeRetry(error, attempt);
            if (ms === null || ms > run.limits.remainingMs()) throw error;
            log("STREAMING", `The model's server refused a request, which is repeated in ${ms} ms`);
            run.limits.pauseSilence();
            if ((await pause(ms, run.signal)) === "aborted") throw error;
            run.limits.heard({ toolsAreRunning: false });
          }
        }
      },
    },
  });
}

/** Null: not to be repeated. */
function pauseBeforeRetry(error: unknown, attempt: number): number | null {
  if (attempt >= MAX_RETRIES || !APICallError.isInstance(error) || !error.isRetryable) return null;
  const asked = retryAfterMs(error);
  if (asked === null) return FIRST_PAUSE_MS * 2 ** attempt;
  return asked <= MAX_ASKED_WAIT_MS ? asked : null;
}
