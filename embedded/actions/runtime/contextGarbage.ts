import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Contexts that have ended before they are collected: up to 4 MiB each in a large app. */
const MAX_ENDED = 32;

/** The same while a collection takes no longer than `QUICK_MS`, which goes by what lives and not by what has ended. */
const MAX_ENDED_WHILE_QUICK = 16;
const QUICK_MS = 50;

/**
 * Has this thread's heap collected after so many contexts have ended. V8 counts what they allocate but lets it pile up: a thread that makes one
 * context after the other grew to a gigabyte of which a tenth was in use. Returns what is to be called at each one's end.
 */
export function collectContexts(
  collect = collector(),
  now: () => number = () => performance.now(),
): () => void {
  let ended = 0;
  let isQuick = true;
  const measured = (): void => {
    const begunAt = now();
    collect();
    isQuick = now() - begunAt <= QUICK_MS;
  };
  return () => {
    ended += 1;
    if (ended < (isQuick ? MAX_ENDED_WHILE_QUICK : MAX_ENDED)) return;
    ended = 0;
    // Not within the run that has just ended, whose frames hold its context.
    setImmediate(measured);
  };
}

/** Tries to get hold of V8's `gc` while other threads take the flag away. */
const MAX_TRIES = 100;

/** V8 gives its `gc` to contexts that are made while the flag is set, and to no others. The flag is all threads' own: one that starts at the same time may unset it. */
function collector(): () => void {
  for (let i = 0; i < MAX_TRIES; i++) {
    setFlagsFromString("--expose-gc");
    const gc: unknown = runInNewContext("globalThis.gc");
    setFlagsFromString("--no-expose-gc");
    if (typeof gc === "function") return gc as () => void;
  }
  // It collects by itself, only later.
  return () => {};
}
