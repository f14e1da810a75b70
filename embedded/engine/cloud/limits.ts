/**
 * What a Convex deployment allows (E20), from get-convex/convex-backend at 94a42c3. Where no file is named, it is
 * `crates/common/src/knobs.rs`. The limits of one transaction hold in every mode: `database/limits.ts`.
 */
import type { MutationCaller } from "../types.ts";

/** How often and after which pauses a mutation is tried again that lost against another. Times in milliseconds. */
export type RetryPolicy = Backoff & {
  maxRetries: number;
  /** After the last retry all of it is repeated so many times, after pauses of its own. */
  repeats?: Backoff & { count: number };
};

/** The first pause has a length from 0 to the first number; that doubles with each, up to the second. */
export type Backoff = { firstBackoffMs: number; maxBackoffMs: number };

/** `CALLBACK_MAX_ATTEMPTS`, `…_INITIAL_BACKOFF_MS`, `…_MAX_BACKOFF_MS`. */
const NODE_ACTION_REPEATS = { count: 4, firstBackoffMs: 1_000, maxBackoffMs: 20_000 };

export const RETRY_POLICIES: Readonly<Record<MutationCaller, RetryPolicy>> = {
  // `UDF_EXECUTOR_OCC_MAX_RETRIES`, `…_INITIAL_BACKOFF`, `…_MAX_BACKOFF`. Mutations of clients and of actions alike:
  // `retry_mutation` in crates/application/src/application_function_runner/mod.rs.
  client: { maxRetries: 4, firstBackoffMs: 100, maxBackoffMs: 2_000 },
  // Node.js actions call back over HTTP and repeat what was answered with a 5xx: `actionCallback` in
  // npm-packages/node-executor/src/syscalls.ts.
  nodeAction: { maxRetries: 4, firstBackoffMs: 100, maxBackoffMs: 2_000, repeats: NODE_ACTION_REPEATS },
  // `SCHEDULER_OCC_INITIAL_BACKOFF`, `…_MAX_BACKOFF`, without end: `handle_mutation` in
  // crates/application/src/scheduled_jobs/mod.rs.
  scheduler: { maxRetries: Infinity, firstBackoffMs: 100, maxBackoffMs: 60_000 },
  // `INITIAL_BACKOFF`, `MAX_BACKOFF`, without end: `execute_job` in crates/application/src/cron_jobs/mod.rs.
  cron: { maxRetries: Infinity, firstBackoffMs: 500, maxBackoffMs: 15_000 },
};

/** What writes that are not a client's or an action's are called in messages: `commit_with_write_source` in the same files. */
export const WRITE_SOURCES: Readonly<Partial<Record<MutationCaller, string>>> = {
  scheduler: "scheduled_job_mutation_success",
  cron: "cron_commit_mutation",
};

/** Mutations that run at once: `APPLICATION_MAX_CONCURRENT_MUTATIONS`. */
export const MAX_CONCURRENT_MUTATIONS = 16;
/** Milliseconds that one waits for its turn: `APPLICATION_FUNCTION_RUNNER_SEMAPHORE_TIMEOUT`. */
export const MUTATION_MAX_WAIT_MS = 5_000;

/** Scheduled functions at once, mutations and actions together, each until it has ended; and as many crons: `SCHEDULED_JOB_EXECUTION_PARALLELISM`. */
export const MAX_SCHEDULED_JOBS = 8;

/**
 * Actions at once in each runtime; HTTP actions count to those of the Convex runtime. `APPLICATION_MAX_CONCURRENT_V8_ACTIONS`
 * and `…_NODE_ACTIONS`. A stock self-hosted deployment has 16 of each (self-hosted/docker/docker-compose.yml).
 */
export const ACTION_PLACES = 64;
/** Milliseconds that an action waits for a place: `APPLICATION_FUNCTION_RUNNER_ACTION_SEMAPHORE_TIMEOUT`. */
export const ACTION_MAX_WAIT_MS = 10_000;

/**
 * MiB of objects of one action of the Convex runtime: 64 of the user's (`ISOLATE_MAX_USER_HEAP_SIZE`) and 32 of what comes with
 * them (`ISOLATE_MAX_HEAP_EXTRA_SIZE`).
 */
export const ISOLATE_HEAP_MB = 96;
/** `OutOfMemoryError` in crates/isolate/src/termination.rs. */
export const ISOLATE_OUT_OF_MEMORY = "JavaScript execution ran out of memory (maximum memory usage: 64 MB)";

/** Deployments with more are told to contact support: `DEFAULT_APPLICATION_MAX_FUNCTION_CONCURRENCY`. */
const BASIC_PLAN_PLACES = 16;

/**
 * Milliseconds from a mutation's snapshot to its commit, on average. Not a number of Convex's: there it is what the run, its
 * reads and the write to the database take, and 5 to 20 ms are usual.
 */
export const COMMIT_DELAY_MS = 10;

/** `acquire_permit_with_timeout` in crates/application/src/application_function_runner/mod.rs. */
export function tooManyRequests(places: number, kind: "mutation" | "action"): string {
  return (
    `Too many concurrent requests. Your backend is limited to ${places} concurrent ${kind}s. ` +
    (places > BASIC_PLAN_PLACES
      ? "If you need more resources, please contact support."
      : "To get more resources, upgrade to Convex Pro. If you are already on Convex Pro, please contact support.")
  );
}
