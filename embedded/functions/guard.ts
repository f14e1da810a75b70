/**
 * The time limit of user code. Only V8 can end a loop that never ends, and having it watch costs far more than a
 * short function does, so it watches a whole batch of jobs at once.
 */
import vm from "node:vm";
import { CUT_OFF_MS } from "./execution.ts";

const HOLDER = Symbol.for("embedded.guardedJobs");
const RUN_JOBS = new vm.Script(`globalThis[Symbol.for("embedded.guardedJobs")]()`, { filename: "guard.js" });
/**
 * V8 forgets that it was told to stop if that strikes while Node.js notes a rejected promise, and a loop that rejects
 * promises makes it do little else. So it is told a second time, this much later, from outside of the first guard.
 */
const SECOND_CUT_OFF_MS = CUT_OFF_MS + 500;
const RUN_AGAIN_GUARDED = new vm.Script(`globalThis[Symbol.for("embedded.innerGuard")]()`, {
  filename: "guard.js",
});
const INNER_GUARD = Symbol.for("embedded.innerGuard");

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
  let next = 0;
  while (next < jobs.length) {
    const holder = globalThis as { [HOLDER]?: (() => void) | undefined; [INNER_GUARD]?: () => void };
    const outcome: { error?: { error: unknown } } = {};
    holder[HOLDER] = () => {
      try {
        for (; next < jobs.length; next++) jobs[next]?.();
      } catch (error) {
        outcome.error = { error };
      }
    };
    holder[INNER_GUARD] = () => void RUN_JOBS.runInThisContext({ timeout: CUT_OFF_MS });
    isGuarded = true;
    try {
      RUN_AGAIN_GUARDED.runInThisContext({ timeout: SECOND_CUT_OFF_MS });
    } catch (error) {
      if ((error as { code?: string }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      isGuarded = false;
      onTerminated(next);
      next += 1;
    } finally {
      isGuarded = false;
      holder[HOLDER] = undefined;
    }
    // An error of a job is its own affair; it must not look like one of the guard.
    if (outcome.error !== undefined) throw outcome.error.error;
  }
}
