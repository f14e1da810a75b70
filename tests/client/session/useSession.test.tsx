import "../support/patience.ts";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { failure } from "../../../convex/shared/errors.ts";
import { lastSession, noteSession } from "../../../src/session/lastSession.ts";
import { renewalTroubled } from "../../../src/session/SessionClient.ts";
import { useSession } from "../../../src/session/useSession.ts";
import { showToast, useToasts } from "../../../src/ui/toasts.ts";

const auth = vi.hoisted(() => ({
  state: { isLoading: true, isAuthenticated: false },
  signIn: vi.fn<(provider: string) => Promise<void>>(),
  signOut: vi.fn<() => Promise<void>>(),
  door: { kind: "guest" },
}));
vi.mock("@convex-dev/auth/react", () => ({
  useAuthActions: () => ({ signIn: auth.signIn, signOut: auth.signOut }),
}));
vi.mock("convex/react", async (original) => ({
  ...(await original<object>()),
  useConvexAuth: () => auth.state,
  useQuery: () => auth.door,
}));

const TOKEN_KEY = "__convexAuthJWT_verbatim";

beforeEach(() => {
  localStorage.clear();
  renewalTroubled.set(false);
  auth.state = { isLoading: true, isAuthenticated: false };
  auth.door = { kind: "guest" };
  auth.signIn.mockReset().mockResolvedValue();
  // As the library does.
  auth.signOut.mockReset().mockImplementation(() => {
    localStorage.removeItem(TOKEN_KEY);
    return Promise.resolve();
  });
});
afterEach(cleanup);

test("nobody signs in before it is known whether there is a session; then a guest is made, once", async () => {
  const { result, rerender } = renderHook(() => useSession());
  expect(result.current).toEqual({ kind: "signingIn", troubled: false });
  expect(auth.signIn).not.toHaveBeenCalled();
  auth.state = { isLoading: false, isAuthenticated: false };
  rerender();
  rerender();
  await waitFor(() => expect(auth.signIn.mock.calls).toEqual([["anonymous"]]));
  auth.state = { isLoading: false, isAuthenticated: true };
  rerender();
  expect(result.current).toEqual({ kind: "ready" });
  expect(auth.signIn).toHaveBeenCalledOnce();
});

test("trouble with signing in is said, and it goes on by itself when the network comes back", async () => {
  auth.state = { isLoading: false, isAuthenticated: false };
  auth.signIn.mockRejectedValueOnce(new Error("offline"));
  const { result } = renderHook(() => useSession());
  await waitFor(() => expect(result.current).toEqual({ kind: "signingIn", troubled: true }));
  act(() => {
    window.dispatchEvent(new Event("online"));
  });
  await waitFor(() => expect(result.current).toEqual({ kind: "signingIn", troubled: false }));
  expect(auth.signIn).toHaveBeenCalledTimes(2);
});

test("[G14] a session that cannot be renewed for now: said, and nobody signs in anew", () => {
  localStorage.setItem(TOKEN_KEY, "token");
  const { result } = renderHook(() => useSession());
  act(() => renewalTroubled.set(true));
  expect(result.current).toEqual({ kind: "signingIn", troubled: true });
  expect(auth.signIn).not.toHaveBeenCalled();
  expect(localStorage.getItem(TOKEN_KEY)).toBe("token");
});

test("[G14] a session that the server has ended is said to have ended before a guest is signed in; drafts stay", async () => {
  localStorage.setItem("verbatim:draft:new", "kept");
  localStorage.setItem(TOKEN_KEY, "token");
  noteSession("guest");
  const toasts = renderHook(() => useToasts());
  const { rerender } = renderHook(() => useSession());
  expect(toasts.result.current).toEqual([]);
  // As the library does when it is told that there is no session.
  act(() => localStorage.removeItem(TOKEN_KEY));
  auth.state = { isLoading: false, isAuthenticated: false };
  rerender();
  await waitFor(() => expect(auth.signIn.mock.calls).toEqual([["anonymous"]]));
  expect(toasts.result.current.map(({ message }) => message)).toEqual([
    "Your session has ended, and you go on as a new guest. What you typed is still here.",
  ]);
  expect(localStorage.getItem("verbatim:draft:new")).toBe("kept");
});

test.each(["account", null] as const)(
  "[G14] where guests are let in, an ended session of an account (%s) is not followed by a guest's, also after a reload, until the person says so",
  async (owner) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    localStorage.setItem(TOKEN_KEY, "token");
    if (owner !== null) noteSession(owner);
    const first = renderHook(() => useSession());
    act(() => localStorage.removeItem(TOKEN_KEY));
    auth.state = { isLoading: false, isAuthenticated: false };
    first.rerender();
    await act(() => vi.advanceTimersByTimeAsync(30_000));
    expect(first.result.current).toMatchObject({ kind: "locked", hasEnded: true });
    first.unmount();
    const { result } = renderHook(() => useSession());
    await act(() => vi.advanceTimersByTimeAsync(30_000));
    expect(result.current).toMatchObject({ kind: "locked", hasEnded: false });
    expect(auth.signIn).not.toHaveBeenCalled();
    const { goOnAsGuest } = result.current as { goOnAsGuest: () => void };
    act(goOnAsGuest);
    await act(() => vi.advanceTimersByTimeAsync(1_000));
    expect(auth.signIn.mock.calls).toEqual([["anonymous"]]);
    expect(lastSession()).toBe("guest");
  },
);

test("[G14] on the owner's machine one comes in as the owner, and an ended session is no news: nothing is gone", async () => {
  localStorage.setItem(TOKEN_KEY, "token");
  auth.door = { kind: "machine" };
  const toasts = renderHook(() => useToasts());
  const before = toasts.result.current.length;
  const { rerender } = renderHook(() => useSession());
  act(() => localStorage.removeItem(TOKEN_KEY));
  auth.state = { isLoading: false, isAuthenticated: false };
  rerender();
  await waitFor(() => expect(auth.signIn.mock.calls).toEqual([["owner"]]));
  expect(toasts.result.current).toHaveLength(before);
});

test("[G14] behind a locked door nobody is made anew: the page says that the session has ended, and no chat's name", () => {
  localStorage.setItem(TOKEN_KEY, "token");
  const toasts = renderHook(() => useToasts());
  act(() => void showToast({ tone: "info", message: "The reply in “Secret” is ready" }));
  auth.door = { kind: "locked" };
  const { result, rerender } = renderHook(() => useSession());
  act(() => localStorage.removeItem(TOKEN_KEY));
  auth.state = { isLoading: false, isAuthenticated: false };
  rerender();
  expect(result.current).toEqual({ kind: "locked", hasEnded: true, goOnAsGuest: null });
  expect(toasts.result.current).toEqual([]);
  expect(auth.signIn).not.toHaveBeenCalled();
});

test("[G14] a machine that does not count as the owner's: not tried again and again", async () => {
  auth.door = { kind: "machine" };
  auth.state = { isLoading: false, isAuthenticated: false };
  auth.signIn.mockRejectedValue(failure("NOT_ALLOWED", "Please sign in."));
  const { result } = renderHook(() => useSession());
  await waitFor(() => expect(result.current).toEqual({ kind: "locked", hasEnded: false, goOnAsGuest: null }));
  expect(auth.signIn).toHaveBeenCalledOnce();
});

test.each(["machine", "guest"])(
  "[G14] a refused token that nothing can renew does not keep the page signing in for ever (%s)",
  async (door) => {
    localStorage.setItem(TOKEN_KEY, "token");
    noteSession("guest");
    auth.door = { kind: door };
    auth.state = { isLoading: false, isAuthenticated: false };
    renderHook(() => useSession());
    await waitFor(() => expect(auth.signIn).toHaveBeenCalledOnce());
    expect(auth.signOut).toHaveBeenCalledOnce();
    expect(localStorage.getItem(TOKEN_KEY)).toBeNull();
  },
);

test("[G14] behind a locked door such a token makes room for the one to come; a whole session stays", async () => {
  vi.useFakeTimers();
  auth.door = { kind: "locked" };
  auth.state = { isLoading: false, isAuthenticated: false };
  localStorage.setItem(TOKEN_KEY, "token");
  localStorage.setItem("__convexAuthRefreshToken_verbatim", "refresh");
  const first = renderHook(() => useSession());
  await vi.advanceTimersByTimeAsync(2_000);
  expect(auth.signOut).not.toHaveBeenCalled();
  first.unmount();
  localStorage.removeItem("__convexAuthRefreshToken_verbatim");
  renderHook(() => useSession());
  await vi.advanceTimersByTimeAsync(2_000);
  expect(auth.signOut).toHaveBeenCalledOnce();
  vi.useRealTimers();
});
