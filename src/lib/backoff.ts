/** How long to wait between attempts, in ms: `firstMs` before the first repetition, doubled up to `longestMs`. */
export interface BackoffTimes {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The pauses of one series of attempts, by exponential backoff with jitter: each is between half of its time and all of
 * it, at random, so that tabs that failed together don't come back together.
 */
export class Backoff {
  private attempts = 0;

  /** `random` gives numbers from 0 up to 1. */
  constructor(
    private readonly times: BackoffTimes,
    private readonly random: () => number = Math.random,
  ) {}

  /** The next pause, in ms. */
  next(): number {
    const { firstMs, longestMs } = this.times;
    const ms = Math.min(firstMs * 2 ** this.attempts, longestMs);
    this.attempts += 1;
    return ms * (0.5 + this.random() / 2);
  }
}

/** Resolves after `ms`; earlier when the network comes back or `signal` aborts. Never rejects. */
export function pauseBeforeRetry(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    signal?.addEventListener("abort", done);
    if (signal?.aborted === true) done();
  });
}
