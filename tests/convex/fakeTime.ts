/** Fake time for suites in which a generator runs: time passes only where a test says so. */
import { afterEach, beforeEach, expect, vi } from "vitest";

/** Real pauses, so that what is not a timer (module loading, streams) gets its turn too. */
const realSetTimeout = globalThis.setTimeout;
const realTurn = () => new Promise((resolve) => realSetTimeout(resolve, 0));

export function useFakeTime(): void {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** Lets fake time pass in small steps. */
export async function pass(ms: number, step = 20): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    await vi.advanceTimersByTimeAsync(Math.min(step, ms - passed));
    await realTurn();
  }
}

/** Real turns without any fake time. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await vi.advanceTimersByTimeAsync(0);
    await realTurn();
  }
}

/** Real turns without any fake time, until the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 5_000; turn++) {
    if (await condition()) return;
    await turns(1);
  }
  throw new Error("The state that was waited for did not come");
}

/** Lets fake time pass until the promise settles. */
export async function whileTimePasses<T>(promise: Promise<T>, limitMs = 700_000): Promise<T> {
  const state = { settled: false };
  const watched = promise.finally(() => {
    state.settled = true;
  });
  watched.catch(() => undefined);
  // Small steps first; where a test waits for minutes, larger ones do.
  for (let passed = 0; passed < limitMs && !state.settled;) {
    const step = passed < 20_000 ? 20 : 1_000;
    await vi.advanceTimersByTimeAsync(step);
    await realTurn();
    passed += step;
  }
  expect(state.settled, `the promise settled within ${limitMs} ms of fake time`).toBe(true);
  return await watched;
}
