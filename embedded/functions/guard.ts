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
import { cutOffNow } from "./cutOff.ts";

/**
 * Milliseconds after the first time at which V8 is told to stop. It forgets that if it is told while Node.js notes a rejected
 * promise, and a loop that rejects promises makes it do that a sixth of the time. So it is told again.
 */
const TOLD_AFTER_MS = [0, 250, 500];

/** What to run, where the inspector finds it. */
const GUARDED = Symbol.for("embedded.guarded");
const RUN_GUARDED = `globalThis[Symbol.for("embedded.guarded")]()`;
const holder = globalThis as { [GUARDED]?: (() => void) | undefined };
/** How the inspector says that the time was up. */
const TERMINATED = "Execution was terminated";

let session: inspector.Session | null = null;
let isGuarded = false;

/** Is the caller running inside `guard`? */
export function insideGuard(): boolean {
  return isGuarded;
}

/**
 * Runs the jobs in order. One that takes too long is cut off at whatever it is doing, without running so much as its
 * `finally` blocks; `onTerminated` is then called with its index, and the others run.
 */
export function guard(jobs: readonly (() => void)[], onTerminated: (index: number) => void): void {
  if (isGuarded) throw new Error("guard is not re-entrant");
  const asyncId = executionAsyncId();
  const cutOff = cutOffNow();
  let next = 0;
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
    try {
      // The shortest limit is the innermost.
      TOLD_AFTER_MS.reduce((work, ms) => () => runWithin(cutOff + ms, work), runJobs)();
    } finally {
      isGuarded = false;
    }
    // An error of a job is its own affair; it must not look like one of the guard.
    if (outcome.error !== undefined) throw outcome.error.error;
    if (next < jobs.length) {
      restoreAsyncStack(asyncId);
      onTerminated(next);
      next += 1;
    }
  }
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
