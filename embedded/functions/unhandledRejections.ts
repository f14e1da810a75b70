/**
 * A promise that a function rejects and nobody awaits fails the function, as on Convex
 * (`PendingUnhandledPromiseRejections` in its `crates/isolate/src/execution_scope.rs`). Node.js keeps these promises in
 * a map and tells of them only when the process is idle again, after the function's writes are committed. So the map is
 * read when the function ends.
 */
import { types } from "node:util";
import type { Log } from "../log.ts";
import { readVariable } from "./nodeVariables.ts";

let log: Log | null = null;

/**
 * Starts watching, once per process; the newest log is used. Without a listener, an unhandled rejection would end the
 * process. Those of functions that were cut off are logged instead; all others stay what they are.
 */
export function watchUnhandledRejections(newest: Log): void {
  if (log === null) process.on("unhandledRejection", onUnhandledRejection);
  log = newest;
}

function onUnhandledRejection(reason: unknown, promise: Promise<unknown>): void {
  // Every context has its own Promise.
  if (!(promise instanceof Promise)) {
    const message = (reason as { message?: unknown } | null)?.message ?? reason;
    log?.error("FUNCTIONS", `A function did not await a promise, which was rejected: ${String(message)}`);
    return;
  }
  // With a listener, Node.js leaves the decision to it: without others, keep its default.
  if (process.listenerCount("unhandledRejection") === 1) throw reason;
}

/** What `pendingUnhandledRejections` in Node's `lib/internal/process/promises.js` holds. */
type Pending = Map<object, { reason: unknown }>;

/** Index of `tickInfo` at which Node.js says that the map may have entries: `kHasRejectionToWarn`. */
const HAS_REJECTION = 1;

type Node = {
  /** A function of the module whose variable the map is. */
  processRejections: object;
  tickInfo: Uint8Array;
};

/** `undefined` until it was looked for, `null` if this Node.js is made differently. */
let node: Node | null | undefined;
/** The map in use. Node.js makes a new one each time it is idle; before that, its microtasks run. */
let pending: Pending | null = null;

/**
 * Takes away the unhandled rejections of the promises with this prototype.
 * @returns what they were rejected with, in the order of the rejections
 */
export function takeUnhandledRejections(prototype: object): unknown[] {
  node ??= node === null ? null : findNode();
  if (node?.tickInfo[HAS_REJECTION] !== 1) return [];
  if (pending === null) {
    const map = readVariable(node.processRejections, "pendingUnhandledRejections");
    if (!types.isMap(map)) return [];
    pending = map as unknown as Pending;
    queueMicrotask(() => {
      pending = null;
    });
  }
  const reasons: unknown[] = [];
  for (const [promise, { reason }] of pending) {
    if (!Object.prototype.isPrototypeOf.call(prototype, promise)) continue;
    pending.delete(promise);
    reasons.push(reason);
  }
  return reasons;
}

function findNode(): Node | null {
  const { _tickCallback: tickCallback } = process as unknown as { _tickCallback?: object };
  const processRejections = tickCallback && readVariable(tickCallback, "processPromiseRejections");
  if (typeof processRejections === "function") {
    const tickInfo = readVariable(processRejections, "tickInfo");
    const map = readVariable(processRejections, "pendingUnhandledRejections");
    // It is a subclass of Map that does not inherit from it.
    if (types.isUint8Array(tickInfo) && types.isMap(map)) return { processRejections, tickInfo };
  }
  log?.error("FUNCTIONS", "This version of Node.js does not tell which promises functions did not await");
  return null;
}
