/**
 * Time, looked up at each use, so that tests may replace `Date` and the timers (`vi.useFakeTimers()`).
 * The engine's own loop does not use these: it must turn also while time stands still.
 */
export const clock = {
  /** Milliseconds since the epoch. */
  now: (): number => Date.now(),
  setTimeout: (callback: () => void, ms: number): ReturnType<typeof setTimeout> => setTimeout(callback, ms),
  clearTimeout: (timer: ReturnType<typeof setTimeout>): void => {
    clearTimeout(timer);
  },
};
