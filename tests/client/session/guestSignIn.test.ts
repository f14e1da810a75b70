import { describe, expect, test, vi } from "vitest";
import { keepSigningIn, type GuestSignInDoors } from "../../../src/session/guestSignIn.ts";

function doors(more: Partial<GuestSignInDoors> = {}) {
  return {
    exclusively: (task) => task(),
    hasSession: () => false,
    signIn: vi.fn(() => Promise.resolve()),
    wait: vi.fn(() => Promise.resolve()),
    onTrouble: vi.fn(),
    ...more,
  } satisfies GuestSignInDoors;
}

describe("signing in as a guest", () => {
  test("fails, fails, succeeds: goes on with growing pauses and says so", async () => {
    const signIn = vi
      .fn<() => Promise<void>>()
      .mockRejectedValueOnce(new Error("offline"))
      .mockRejectedValueOnce(new Error("offline"))
      .mockResolvedValue();
    const wait = vi.fn<GuestSignInDoors["wait"]>(() => Promise.resolve());
    const onTrouble = vi.fn<GuestSignInDoors["onTrouble"]>();
    const given = doors({ signIn, wait, onTrouble });
    await keepSigningIn(given, new AbortController().signal);
    expect(signIn).toHaveBeenCalledTimes(3);
    expect(wait.mock.calls.map(([ms]) => ms)).toEqual([500, 1_000]);
    expect(onTrouble.mock.calls).toEqual([[true], [true], [false]]);
  });

  test("another tab was first: no second guest", async () => {
    let session = false;
    let turn: Promise<void> = Promise.resolve();
    const given = doors({
      exclusively: (task) => (turn = turn.then(task)),
      hasSession: () => session,
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
    const given = doors({
      signIn: vi.fn(() => Promise.reject(new Error("no"))),
      wait: vi.fn(() => {
        abort.abort();
        return Promise.resolve();
      }),
    });
    await keepSigningIn(given, abort.signal);
    expect(given.signIn).toHaveBeenCalledTimes(1);
  });
});
