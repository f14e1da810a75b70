import { APICallError, type LanguageModelV3 } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import { problemOf } from "../../providers/problemOf";
import { ProviderFailure } from "../../providers/providerFailure";
import type { Problem, ProblemKind } from "../../shared/problems";
import { log } from "../log";
import type { Retry } from "../validators";
import type { Limits } from "./limits";
import { pause } from "./pause";

/** Attempts in all. */
const MAX_ATTEMPTS = 4;

/** Pause before the second of them; it doubles. A provider that says how long to wait is obeyed instead. */
const FIRST_PAUSE_MS = 2_000;

/** The longest wait that a provider may ask for: a person looks at an empty answer meanwhile. */
const MAX_ASKED_WAIT_MS = 60_000;

/** How often a server that loads its model is asked again: as long as the first word may take. */
const LOADING_PAUSE_MS = 3_000;

/** What only time or a person can change. */
const NOT_REPEATED: ReadonlySet<ProblemKind> = new Set([
  "key",
  "keyLost",
  "credit",
  "forbidden",
  "modelMissing",
  "contextTooLong",
  "tooLarge",
  "flagged",
  "tools",
  "images",
  "badRequest",
  "wrongPath",
  "redirect",
  "noFirstWord",
  "brokenOff",
]);

export type RetriedRun = {
  signal: AbortSignal;
  limits: Limits;
  /** How long a server may load its model. */
  loadingLimitMs: number;
  /** Told of each repetition, and once more (null) when a request was accepted after any. */
  onRetry(retry: Retry | null): void;
};

/**
 * The model, whose requests are repeated on 429 and 5xx and on lost connections, only until the provider has accepted them: a
 * stream that broke is never repeated. A provider that asks for more time than there is has its error at once, whose words say
 * when to try again. A server that loads its model is waited for. Waiting is not the provider's silence. [G12]
 *
 * Instead of the AI SDK's own repetitions, which take no notice of long waits, and during which nobody knows what is going on.
 */
export function withRequestRetries(model: LanguageModelV3, run: RetriedRun): LanguageModelV3 {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v3",
      wrapStream: ({ doStream }) => untilAccepted(doStream, run),
    },
  });
}

/** What `ask` gives, which is repeated as `withRequestRetries` says. Rejects as its last repetition does. */
export async function untilAccepted<T>(ask: () => PromiseLike<T>, run: RetriedRun): Promise<T> {
  const beganAt = Date.now();
  for (let attempt = 1; ; attempt++) {
    try {
      run.limits.asked();
      const accepted = await ask();
      if (attempt > 1) run.onRetry(null);
      return accepted;
    } catch (error) {
      const problem = problemOf(error);
      const mayLoad = Date.now() - beganAt < run.loadingLimitMs;
      const ms = pauseBeforeRetry(error, problem, attempt, mayLoad);
      if (ms === null || ms > run.limits.remainingMs()) throw error;
      log(
        "STREAMING",
        `The model's server refused a request (${problem.kind}), which is repeated in ${ms} ms`,
      );
      run.onRetry({
        attempt: attempt + 1,
        of: problem.kind === "loading" ? null : MAX_ATTEMPTS,
        kind: problem.kind,
      });
      run.limits.pause();
      if ((await pause(ms, run.signal)) === "aborted") throw error;
    }
  }
}

/** Null: not to be repeated. */
function pauseBeforeRetry(
  error: unknown,
  problem: Problem,
  attempt: number,
  mayLoad: boolean,
): number | null {
  if (problem.kind === "loading") return mayLoad ? LOADING_PAUSE_MS : null;
  if (attempt >= MAX_ATTEMPTS || !mayPass(error, problem)) return null;
  if (NOT_REPEATED.has(problem.kind)) return null;
  if (problem.retryAt === undefined) return FIRST_PAUSE_MS * 2 ** (attempt - 1);
  const asked = Math.max(0, problem.retryAt - Date.now());
  return asked <= MAX_ASKED_WAIT_MS ? asked : null;
}

/** Of a failure to read the default from a server's list, no more is known than its problem. */
const PASSING: ReadonlySet<ProblemKind> = new Set(["serverDown", "serverProblem", "rateLimit"]);

const mayPass = (error: unknown, { kind }: Problem): boolean =>
  APICallError.isInstance(error) ? error.isRetryable : error instanceof ProviderFailure && PASSING.has(kind);
