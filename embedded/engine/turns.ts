/**
 * The event loop's own clock and queue, taken at import: the engine must turn also while a test has replaced the
 * timers, and must not take a standing fake clock for unlimited time.
 */
const realSetImmediate = setImmediate;
const realPerformanceNow = performance.now.bind(performance);

/** Milliseconds of real time, from an arbitrary start. */
export const monotonicMs = (): number => realPerformanceNow();

/** Runs `turn` after sockets and timers that are due have had theirs. */
export function afterIo(turn: () => void): void {
  realSetImmediate(turn);
}
