/** Bounds how many actions run at once; the others wait in order, and not for ever. */
import { realTimers } from "./realTimers.ts";

export interface Semaphore {
  /**
   * Resolves to `true` when it is the caller's turn, or to `false` when it has waited too long or all is over. Who is
   * `patient` waits as long as it takes.
   */
  acquire(patience?: "limited" | "patient"): Promise<boolean>;
  release(): void;
  /** Turns away everybody who waits. */
  close(): void;
}

/** Calls `ring` in `ms` milliseconds. Returns how to call it off. */
export type StartTimer = (ring: () => void, ms: number) => () => void;

const startRealTimer: StartTimer = (ring, ms) => {
  const timer = realTimers.setTimeout(ring, ms);
  return () => {
    realTimers.clearTimeout(timer);
  };
};

export function createSemaphore(
  limit: number,
  maxWaitMs: number,
  startTimer: StartTimer = startRealTimer,
): Semaphore {
  const waiting = new Set<(acquired: boolean) => void>();
  let held = 0;

  return {
    acquire(patience = "limited") {
      if (held < limit) {
        held += 1;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const settle = (acquired: boolean): void => {
          waiting.delete(settle);
          stopTimer?.();
          resolve(acquired);
        };
        const stopTimer =
          patience === "limited"
            ? startTimer(() => {
                settle(false);
              }, maxWaitMs)
            : null;
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
