/** When a function that neither ends nor asks the backend for anything is cut off from outside (`guard.ts`). */
import { availableParallelism, loadavg } from "node:os";
import { monotonicMs } from "../engine/turns.ts";

/**
 * Milliseconds: twice what user code may take. A function that asks the backend for anything, or ends, past the limits of `execution.ts`
 * is ended before it comes to that.
 */
const CUT_OFF_MS = 2_000;
/** So many processes may want each processor before a function within its limits can come to be cut off. */
const FITTING_LOAD = 2;
/** However busy the machine is: nobody else is served meanwhile. */
const MAX_CUT_OFF_MS = 10_000;
/** Milliseconds for which the machine's load is not read again. */
const LOAD_KEPT_MS = 1_000;

/**
 * Milliseconds after which a function is cut off. V8's watchdog goes by the clock on the wall, and on a machine where this process waits
 * for its turn the time in which it does is not the function's.
 *
 * @param load how many processes want a processor, on average
 */
export function cutOffAfter(load: number, processors: number): number {
  return Math.min(Math.round(CUT_OFF_MS * Math.max(1, load / (FITTING_LOAD * processors))), MAX_CUT_OFF_MS);
}

let read = { ms: CUT_OFF_MS, at: -Infinity };

/** The same with this machine's load, which is always 0 on Windows. */
export function cutOffNow(): number {
  const now = monotonicMs();
  if (now - read.at > LOAD_KEPT_MS)
    read = { ms: cutOffAfter(loadavg()[0] ?? 0, availableParallelism()), at: now };
  return read.ms;
}
