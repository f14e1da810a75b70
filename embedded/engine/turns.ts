/**
 * The event loop's own clock and queue, taken at import: the engine must turn also while a test has replaced the
 * timers, and must not take a standing fake clock for unlimited time.
 */
const realSetImmediate = setImmediate;
const realPerformanceNow = performance.now.bind(performance);

/**
 * Milliseconds of turns of the event loop without work, while newcomers come: Node.js accepts one connection in each turn, which
 * would be no more than 100 a second behind slices of 10 ms, and one client could use them all up.
 */
const ACCEPTING_MS = 10;

/** Milliseconds of real time, from an arbitrary start. */
export const monotonicMs = (): number => realPerformanceNow();

/** Runs `turn` after sockets and timers that are due have had theirs. */
export function afterIo(turn: () => void): void {
  realSetImmediate(turn);
}

/** The same, and after the newcomers who come in a row. `accepted`: how many connections have been accepted so far. */
export function afterNewcomers(turn: () => void, accepted: () => number = () => 0): void {
  const until = monotonicMs() + ACCEPTING_MS;
  let before = accepted();
  const look = (): void => {
    const now = accepted();
    if (now === before || monotonicMs() >= until) {
      turn();
      return;
    }
    before = now;
    afterIo(look);
  };
  afterIo(look);
}
