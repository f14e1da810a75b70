import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../../convex/_generated/api";
import { failure } from "../../../convex/shared/errors";
import { startRun } from "../../../src/chat/startRun.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";

let server: FakeConvex;
let run = 0;
const starts = () => server.callsOf(api.generate.start);
const refuse = async (error: Error) => {
  starts().at(-1)?.refuse(error);
  await vi.advanceTimersByTimeAsync(0);
};
const BUSY = new Error("[Request ID: 1] Server Error: Too many concurrent requests, backoff and try again");

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeConvex();
  run += 1;
});
afterEach(() => {
  vi.useRealTimers();
});

describe("[G15] starting a run", () => {
  test("refused for want of a place, or lost on the way: asked for again with growing pauses, until it is answered", async () => {
    startRun(server.client, `run${run}`);
    const gaps: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(starts()).toHaveLength(attempt);
      const before = Date.now();
      await refuse(attempt % 2 === 0 ? new TypeError("Failed to fetch") : BUSY);
      while (starts().length === attempt) await vi.advanceTimersByTimeAsync(50);
      gaps.push(Date.now() - before);
    }
    expect(gaps[4]!).toBeGreaterThan(gaps[0]!);
    starts().at(-1)?.answer(null);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(starts()).toHaveLength(6);
  });

  test("asked for once by whatever sees that it waits, and once more when its turn has come", async () => {
    const runId = `run${run}`;
    startRun(server.client, runId);
    startRun(server.client, runId);
    starts()[0]?.answer(null);
    await vi.advanceTimersByTimeAsync(0);
    startRun(server.client, runId, "called");
    startRun(server.client, runId, "called");
    expect(starts().map(({ args }) => args.runId)).toEqual([runId, runId]);
  });

  test("a no of the function itself is not argued with, and a server that stays away is given up", async () => {
    startRun(server.client, `run${run}`);
    await refuse(failure("UNAUTHENTICATED", "…"));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(starts()).toHaveLength(1);

    startRun(server.client, `another${run}`);
    for (let attempt = 0; attempt < 30; attempt++) {
      await refuse(BUSY);
      await vi.advanceTimersByTimeAsync(30_000);
    }
    expect(starts().length).toBeLessThan(20);
  });
});
