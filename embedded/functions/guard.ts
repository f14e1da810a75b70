/**
 * The time limit of user code. Only V8 can end a loop that never ends, and having it watch costs more than a short
 * function does, so it watches a whole batch of jobs at once.
 *
 * It is asked to through the inspector, whose `Runtime.evaluate` has a `timeout`. That of `node:vm` does the same, but
 * starts a thread and waits for its end each time, which takes up to a millisecond on a busy machine.
 */
import { executionAsyncId } from "node:async_hooks";
import inspector from "node:inspector";
import { restoreAsyncStack } from "./asyncStack.ts";
import { CUT_OFF_MS, USER_TIME_LIMIT_MS } from "./execution.ts";

/**
 * Milliseconds after which V8 is told to stop. It forgets that if it is told while Node.js notes a rejected promise, and
 * a loop that rejects promises makes it do that a sixth of the time. So it is told again.
 */
const CUT_OFF_DELAYS_MS = [0, 250, 500];

/**
 * How many times longer a job may take that runs again because a busy machine had not let it run. A loop that never
 * ends holds everybody up for that long there, so it is not more.
 */
const AGAIN_FACTOR = 6;

/** What to run, where the inspector finds it. */
const GUARDED = Symbol.for("embedded.guarded");
const RUN_GUARDED = `globalThis[Symbol.for("embedded.guarded")]()`;
const holder = globalThis as { [GUARDED]?: (() => void) | undefined };
/** How the inspector says that the time was up. */
const TERMINATED = "Execution was terminated";

let session: inspector.Session | null = null;
let isGuarded = false;

/**
 * What becomes of a job that was cut off. `wasStarved`: this process has had the processor for less than the limit of
 * user code, so the job cannot have used it up.
 */
export type OnTerminated = (index: number, wasStarved: boolean) => "again" | "over";

/** Is the caller running inside `guard`? */
export function insideGuard(): boolean {
  return isGuarded;
}

/**
 * Runs the jobs in order. One that takes too long is cut off at whatever it is doing, without running so much as its
 * `finally` blocks; `onTerminated` is then called with its index and says whether it runs once more, with more time. Then
 * the others run.
 */
export function guard(jobs: readonly (() => void)[], onTerminated: OnTerminated): void {
  if (isGuarded) throw new Error("guard is not re-entrant");
  const asyncId = executionAsyncId();
  let next = 0;
  let isAgain = false;
  while (next < jobs.length) {
    const outcome: { error?: { error: unknown } } = {};
    const runJobs = (): void => {
      try {
        for (; next < jobs.length; next++) jobs[next]?.();
      } catch (error) {
        outcome.error = { error };
      }
    };
    isGuarded = true;
    const cpuBefore = process.cpuUsage();
    const cutOffMs = isAgain ? CUT_OFF_MS * AGAIN_FACTOR : CUT_OFF_MS;
    try {
      // The shortest limit is the innermost.
      CUT_OFF_DELAYS_MS.reduce((work, ms) => () => runWithin(cutOffMs + ms, work), runJobs)();
    } finally {
      isGuarded = false;
    }
    // An error of a job is its own affair; it must not look like one of the guard.
    if (outcome.error !== undefined) throw outcome.error.error;
    if (next < jobs.length) {
      restoreAsyncStack(asyncId);
      const wasStarved: boolean = !isAgain && cpuMsSince(cpuBefore) < USER_TIME_LIMIT_MS;
      isAgain = onTerminated(next, wasStarved) === "again";
      if (!isAgain) next += 1;
    }
  }
}

/** Milliseconds of processor time that all threads of this process have taken. */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Runs `work`, which must not throw, for at most `timeout` milliseconds. */
function runWithin(timeout: number, work: () => void): void {
  session ??= connect();
  holder[GUARDED] = work;
  const answer: { error: Error | null } = { error: null };
  session.post("Runtime.evaluate", { expression: RUN_GUARDED, silent: true, timeout }, (error) => {
    answer.error = error;
  });
  holder[GUARDED] = undefined;
  if (answer.error !== null && !answer.error.message.endsWith(TERMINATED)) throw answer.error;
}

function connect(): inspector.Session {
  const opened = new inspector.Session();
  opened.connect();
  return opened;
}
