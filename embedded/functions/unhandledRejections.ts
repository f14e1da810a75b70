/**
 * A promise that a function rejects and nobody awaits would end the whole process, like any unhandled rejection in
 * Node.js. Those of functions are logged instead; all others stay what they are.
 */
import type { Log } from "../log.ts";

let log: Log | null = null;

/** Starts watching, once per process; the newest log is used. */
export function watchUnhandledRejections(newest: Log): void {
  if (log === null) process.on("unhandledRejection", onUnhandledRejection);
  log = newest;
}

function onUnhandledRejection(reason: unknown, promise: Promise<unknown>): void {
  // Every context has its own Promise.
  if (!(promise instanceof Promise)) {
    const message = (reason as { message?: unknown } | null)?.message ?? reason;
    log?.error(
      "FUNCTIONS",
      `A function did not await a promise, which was rejected: ${String(message)}. Await it: on Convex this fails the function.`,
    );
    return;
  }
  // With a listener, Node.js leaves the decision to it: without others, keep its default.
  if (process.listenerCount("unhandledRejection") === 1) throw reason;
}
