import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Contexts that have ended before they are collected, at least and at most: up to 4 MiB each in a large app. */
const MIN_ENDED = 8;
const MAX_ENDED = 32;

/** A collection takes as long as what lives is large. Below the most, this many times that passes before the next: it has a twentieth of the thread. */
const PAUSE_FACTOR = 20;

/**
 * Has this thread's heap collected after some contexts have ended. V8 counts what they allocate but lets it pile up: a thread that makes one
 * context after the other grew to a gigabyte of which a tenth was in use. Returns what is to be called at each one's end.
 */
export function collectContexts(
  collect = collector(),
  now: () => number = () => performance.now(),
): () => void {
  let ended = 0;
  let pausedUntil = -Infinity;
  const measured = (): void => {
    const begunAt = now();
    collect();
    const endedAt = now();
    pausedUntil = endedAt + PAUSE_FACTOR * (endedAt - begunAt);
  };
  return () => {
    ended += 1;
    if (ended < MIN_ENDED || (ended < MAX_ENDED && now() < pausedUntil)) return;
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
