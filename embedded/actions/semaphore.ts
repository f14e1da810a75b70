/** Bounds how many actions run at once; the others wait in order. */
import { realTimers } from "./realTimers.ts";

export interface Semaphore {
  /** Resolves to `true` when it is the caller's turn, or to `false` when it has waited `maxWaitMs` or all is over. */
  acquire(maxWaitMs: number): Promise<boolean>;
  release(): void;
  /** Turns away everybody who waits. */
  close(): void;
}

export function createSemaphore(limit: number): Semaphore {
  const waiting = new Set<(acquired: boolean) => void>();
  let held = 0;

  return {
    acquire(maxWaitMs) {
      if (held < limit) {
        held += 1;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const settle = (acquired: boolean): void => {
          waiting.delete(settle);
          realTimers.clearTimeout(timer);
          resolve(acquired);
        };
        const timer = Number.isFinite(maxWaitMs)
          ? realTimers.setTimeout(() => {
              settle(false);
            }, maxWaitMs)
          : undefined;
        waiting.add(settle);
      });
    },
    release() {
      const [next] = waiting;
      // The place is handed over, not given back, so that nobody slips in between.
      if (next) next(true);
      else held -= 1;
    },
    close() {
      for (const settle of waiting) settle(false);
    },
  };
}
