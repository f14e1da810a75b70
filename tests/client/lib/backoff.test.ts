import { afterEach, expect, test, vi } from "vitest";
import { Backoff, pauseBeforeRetry } from "../../../src/lib/backoff.ts";

const TIMES = { firstMs: 100, longestMs: 1_000 };
const pauses = (random: () => number) => {
  const backoff = new Backoff(TIMES, random);
  return Array.from({ length: 6 }, () => backoff.next());
};

afterEach(() => {
  vi.useRealTimers();
});

test("pauses double up to the longest", () => {
  expect(pauses(() => 1)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
});

test("jitter takes away up to half, so that tabs that failed together come back apart", () => {
  expect(pauses(() => 0)).toEqual([50, 100, 200, 400, 500, 500]);
  expect(pauses(() => 0.5)[0]).toBe(75);
});

test("no number of attempts makes a pause that never ends", () => {
  const backoff = new Backoff(TIMES);
  for (let attempt = 0; attempt < 2_000; attempt++) expect(backoff.next()).toBeLessThanOrEqual(1_000);
});

test("a pause ends early when the network comes back, or when it is aborted", async () => {
  vi.useFakeTimers();
  const online = pauseBeforeRetry(60_000);
  window.dispatchEvent(new Event("online"));
  await online;
  const abort = new AbortController();
  const aborted = pauseBeforeRetry(60_000, abort.signal);
  abort.abort();
  await aborted;
  await pauseBeforeRetry(60_000, abort.signal);
  expect(vi.getTimerCount()).toBe(0);
});
