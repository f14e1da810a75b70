import { describe, expect, test, vi } from "vitest";
import { keepSigningIn, type SignInDependencies } from "../../../src/session/keepSigningIn.ts";

function dependencies(more: Partial<SignInDependencies> = {}) {
  return {
    exclusively: (task) => task(),
    hasSession: () => Promise.resolve(false),
    signIn: vi.fn(() => Promise.resolve()),
    isRefusal: (error) => error === "refused",
    onRefusal: vi.fn(),
    pause: vi.fn(() => Promise.resolve()),
    onTrouble: vi.fn(),
    ...more,
  } satisfies SignInDependencies;
}

describe("signing in without a question", () => {
  test("fails, fails, succeeds: goes on with growing pauses and says so", async () => {
    const signIn = vi
      .fn<() => Promise<void>>()
      .mockRejectedValueOnce(new Error("offline"))
      .mockRejectedValueOnce(new Error("offline"))
      .mockResolvedValue();
    const pause = vi.fn<SignInDependencies["pause"]>(() => Promise.resolve());
    const onTrouble = vi.fn<SignInDependencies["onTrouble"]>();
    const given = dependencies({ signIn, pause, onTrouble });
    await keepSigningIn(given, new AbortController().signal);
    expect(signIn).toHaveBeenCalledTimes(3);
    const [first = 0, second = 0] = pause.mock.calls.map(([ms]) => ms);
    expect([first >= 250 && first <= 500, second >= 500 && second <= 1_000]).toEqual([true, true]);
    expect(onTrouble.mock.calls).toEqual([[true], [true], [false]]);
  });

  test("another tab was first: no second guest", async () => {
    let session = false;
    let turn: Promise<void> = Promise.resolve();
    const given = dependencies({
      exclusively: (task) => (turn = turn.then(task)),
      hasSession: () => Promise.resolve(session),
      signIn: vi.fn(() => {
        session = true;
        return Promise.resolve();
      }),
    });
    await Promise.all([1, 2, 3].map(() => keepSigningIn(given, new AbortController().signal)));
    expect(given.signIn).toHaveBeenCalledTimes(1);
  });

  test("aborted while it waits: ends without another attempt", async () => {
    const abort = new AbortController();
    const given = dependencies({
      signIn: vi.fn(() => Promise.reject(new Error("no"))),
      pause: vi.fn(() => {
        abort.abort();
        return Promise.resolve();
      }),
    });
    await keepSigningIn(given, abort.signal);
    expect(given.signIn).toHaveBeenCalledTimes(1);
  });
});
