import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SharedValue } from "../../../src/session/sharedValue.ts";
import { withLease, type Lease } from "../../../src/session/withLease.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What all tabs share. */
class Shared {
  lease: Lease | null = null;

  tab(): Promise<SharedValue<Lease>> {
    return Promise.resolve({
      change: (next) => {
        this.lease = next(this.lease);
        return Promise.resolve();
      },
      close: () => undefined,
    });
  }
}

/** A task that the test ends. */
function task() {
  const state: { began: boolean; end: (failure?: Error) => void } = { began: false, end: () => {} };
  const run = () =>
    new Promise<void>((resolve, reject) => {
      state.began = true;
      state.end = (failure) => (failure ? reject(failure) : resolve());
    });
  return { state, run };
}

describe("a lease among tabs", () => {
  test("held → free: the next tab runs only when the first has ended", async () => {
    const shared = new Shared();
    const [first, second] = [task(), task()];
    const firstDone = withLease(shared.tab(), first.run);
    const secondDone = withLease(shared.tab(), second.run);
    // Longer than a lease: it is renewed.
    await vi.advanceTimersByTimeAsync(30_000);
    expect([first.state.began, second.state.began]).toEqual([true, false]);
    first.state.end();
    await firstDone;
    await vi.advanceTimersByTimeAsync(100);
    expect(second.state.began).toBe(true);
    second.state.end();
    await secondDone;
    expect(shared.lease).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a task that fails gives the lease back", async () => {
    const shared = new Shared();
    const failing = task();
    const done = withLease(shared.tab(), failing.run);
    await vi.advanceTimersByTimeAsync(0);
    failing.state.end(new Error("offline"));
    await expect(done).rejects.toThrow("offline");
    expect(shared.lease).toBeNull();
  });

  test.each([
    ["of a tab that died, is over after its time", 5_000, 4_900, 5_100],
    ["from a clock that was put back, counts for nothing", 86_400_000, 0, 0],
  ])("a lease %s", async (_name, until, stillHeldAt, freeAt) => {
    const shared = new Shared();
    shared.lease = { owner: "somebody", until: Date.now() + until };
    const waiting = task();
    const done = withLease(shared.tab(), waiting.run);
    if (stillHeldAt > 0) {
      await vi.advanceTimersByTimeAsync(stillHeldAt);
      expect(waiting.state.began).toBe(false);
    }
    await vi.advanceTimersByTimeAsync(freeAt - stillHeldAt);
    expect(waiting.state.began).toBe(true);
    waiting.state.end();
    await done;
  });

  test("where nothing can be kept the task runs all the same", async () => {
    const only = task();
    const done = withLease(Promise.resolve(null), only.run);
    await vi.advanceTimersByTimeAsync(0);
    only.state.end();
    await done;
  });
});
