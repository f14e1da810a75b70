import { useAuthActions } from "@convex-dev/auth/react";
import { useConvexAuth } from "convex/react";
import { useEffect, useState } from "react";
import { pauseBeforeRetry } from "../lib/backoff.ts";
import { useStore } from "../lib/store.ts";
import { keepSigningIn } from "./guestSignIn.ts";
import { openLeases } from "./leases.ts";
import { sessionRefused } from "./SessionClient.ts";
import { withLease } from "./withLease.ts";

/** Names the stored session; known here so that a tab can see that another one has signed in. */
export const SESSION_NAMESPACE = "verbatim";
const TOKEN_KEY = `__convexAuthJWT_${SESSION_NAMESPACE}`;
const LOCK_NAME = "verbatim:guest-sign-in";

export type GuestSession = { kind: "ready" } | { kind: "signingIn"; troubled: boolean };

function hasStoredSession(): boolean {
  try {
    return localStorage.getItem(TOKEN_KEY) !== null;
  } catch {
    return false;
  }
}

async function exclusively(task: () => Promise<void>): Promise<void> {
  // Absent on plain http from another machine.
  if ("locks" in navigator) await navigator.locks.request(LOCK_NAME, task);
  else await withLease(openLeases(LOCK_NAME), task);
}

/**
 * The person's session; nobody is asked for anything. Whenever there is none (first visit, expired, revoked) a guest
 * is signed in. What is typed or waiting to be sent is kept outside of the session and is not touched.
 */
export function useGuestSession(): GuestSession {
  const { isLoading, isAuthenticated } = useConvexAuth();
  const { signIn, signOut } = useAuthActions();
  const [troubled, setTroubled] = useState(false);
  const refused = useStore(sessionRefused);
  const needed = !isLoading && !isAuthenticated && !refused;

  useEffect(() => {
    if (!refused) return;
    // Takes the useless session out of storage, whatever the server says to it; then a guest is signed in as ever.
    void signOut().finally(() => sessionRefused.set(false));
  }, [refused, signOut]);

  useEffect(() => {
    if (!needed) return;
    const abort = new AbortController();
    void keepSigningIn(
      {
        exclusively,
        hasSession: hasStoredSession,
        signIn: () => signIn("anonymous"),
        pause: pauseBeforeRetry,
        onTrouble: setTroubled,
      },
      abort.signal,
    );
    return () => abort.abort();
  }, [needed, signIn]);

  return isAuthenticated ? { kind: "ready" } : { kind: "signingIn", troubled };
}
