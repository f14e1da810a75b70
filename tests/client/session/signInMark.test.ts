import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SharedValue } from "../../../src/session/sharedValue.ts";
import { findSession, markSignIn, type SignInMark } from "../../../src/session/signInMark.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What all tabs see at once. */
class Shared {
  mark: SignInMark | null = null;

  open(): Promise<SharedValue<SignInMark>> {
    return Promise.resolve({
      change: (next) => {
        this.mark = next(this.mark);
        return Promise.resolve();
      },
      close: () => undefined,
    });
  }
}

describe("[G14] a session that another tab has just made", () => {
  test("is waited for until it can be seen here", async () => {
    const shared = new Shared();
    await markSignIn(shared.open(), "first");
    let isStored = false;
    const found = findSession(() => isStored, shared.open(), "second");
    await vi.advanceTimersByTimeAsync(3_000);
    isStored = true;
    await vi.advanceTimersByTimeAsync(50);
    expect(await found).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is not waited for without end: it may have been signed out meanwhile", async () => {
    const shared = new Shared();
    await markSignIn(shared.open(), "first");
    const found = findSession(() => false, shared.open(), "second");
    await vi.advanceTimersByTimeAsync(10_050);
    expect(await found).toBe(false);
  });

  test.each([
    ["nobody has signed in", null],
    ["this tab itself has", { tab: "second", at: 0 }],
    ["it was long ago", { tab: "first", at: -10_000 }],
    ["the clock has been put back since", { tab: "first", at: 60_000 }],
  ])("%s: there is nothing to wait for", async (_name, mark) => {
    const shared = new Shared();
    shared.mark = mark === null ? null : { ...mark, at: Date.now() + mark.at };
    expect(await findSession(() => false, shared.open(), "second")).toBe(false);
    expect(await findSession(() => true, shared.open(), "second")).toBe(true);
    expect(shared.mark?.at ?? null).toBe(mark === null ? null : Date.now() + mark.at);
  });

  test("where the browser keeps nothing, what is seen counts", async () => {
    await markSignIn(Promise.resolve(null));
    expect(await findSession(() => false, Promise.resolve(null))).toBe(false);
  });
});
