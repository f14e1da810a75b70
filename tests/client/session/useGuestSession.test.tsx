import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sessionRefused } from "../../../src/session/SessionClient.ts";
import { useGuestSession } from "../../../src/session/useGuestSession.ts";

const auth = vi.hoisted(() => ({
  state: { isLoading: true, isAuthenticated: false },
  signIn: vi.fn<(provider: string) => Promise<void>>(),
  signOut: vi.fn<() => Promise<void>>(),
}));
vi.mock("@convex-dev/auth/react", () => ({
  useAuthActions: () => ({ signIn: auth.signIn, signOut: auth.signOut }),
}));
vi.mock("convex/react", async (original) => ({
  ...(await original<object>()),
  useConvexAuth: () => auth.state,
}));

beforeEach(() => {
  localStorage.clear();
  sessionRefused.set(false);
  auth.state = { isLoading: true, isAuthenticated: false };
  auth.signIn.mockReset().mockResolvedValue();
  auth.signOut.mockReset().mockResolvedValue();
});
afterEach(cleanup);

test("nobody signs in before it is known whether there is a session; then a guest is made, once", async () => {
  const { result, rerender } = renderHook(() => useGuestSession());
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
  const { result } = renderHook(() => useGuestSession());
  await waitFor(() => expect(result.current).toEqual({ kind: "signingIn", troubled: true }));
  act(() => {
    window.dispatchEvent(new Event("online"));
  });
  await waitFor(() => expect(result.current).toEqual({ kind: "signingIn", troubled: false }));
  expect(auth.signIn).toHaveBeenCalledTimes(2);
});

test("[G13] a refused session is put away, then a guest is signed in; drafts are not touched", async () => {
  localStorage.setItem("verbatim:draft:new", "kept");
  auth.state = { isLoading: false, isAuthenticated: false };
  sessionRefused.set(true);
  let putAway = (): void => undefined;
  auth.signOut.mockReturnValue(
    new Promise((resolve) => {
      putAway = resolve;
    }),
  );
  renderHook(() => useGuestSession());
  await waitFor(() => expect(auth.signOut).toHaveBeenCalledOnce());
  expect(auth.signIn).not.toHaveBeenCalled();
  putAway();
  await waitFor(() => expect(auth.signIn).toHaveBeenCalledOnce());
  expect(localStorage.getItem("verbatim:draft:new")).toBe("kept");
});
