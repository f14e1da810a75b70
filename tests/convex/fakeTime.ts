/** Fake time for suites in which a generator runs: time passes only where a test says so. */
import { afterEach, beforeEach, expect, vi } from "vitest";

/** Real pauses, so that what is not a timer (module loading, streams) gets its turn too. */
const realSetTimeout = globalThis.setTimeout;
const realTurn = () => new Promise((resolve) => realSetTimeout(resolve, 0));

/** ms: a few such steps are as long as a run's lease, which could end while the machine loads the module that renews it. */
const LONG_STEP_MS = 1_000;

/** One step of fake time, and a turn for what it has begun. */
async function step(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await (ms >= LONG_STEP_MS ? vi.dynamicImportSettled() : realTurn());
}

export function useFakeTime(): void {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** Lets fake time pass in small steps. */
export async function pass(ms: number, stepMs = 20): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) await step(Math.min(stepMs, ms - passed));
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
    await vi.dynamicImportSettled();
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
    const stepMs = passed < 20_000 ? 20 : 1_000;
    await step(stepMs);
    passed += stepMs;
  }
  expect(state.settled, `the promise settled within ${limitMs} ms of fake time`).toBe(true);
  return await watched;
}
