import { useAuthActions } from "@convex-dev/auth/react";
import { useConvexAuth } from "convex/react";
import { useEffect, useRef, useState } from "react";
import { texts } from "../i18n/catalogue.ts";
import { pauseBeforeRetry } from "../lib/backoff.ts";
import { useStore } from "../lib/store.ts";
import { showToast } from "../ui/toasts.ts";
import { keepSigningIn } from "./guestSignIn.ts";
import { openLeases } from "./leases.ts";
import { renewalTroubled } from "./SessionClient.ts";
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
 * The person's session; nobody is asked for anything. Whenever the server says that there is none (first visit, expired, revoked) a
 * guest is signed in; if there was one, the page says that it has ended. [G14] What is typed or waiting to be sent is kept outside of
 * the session and is not touched.
 */
export function useGuestSession(): GuestSession {
  const { isLoading, isAuthenticated } = useConvexAuth();
  const { signIn } = useAuthActions();
  const [signInFails, setSignInFails] = useState(false);
  const renewalFails = useStore(renewalTroubled);
  const [hadSessionAtFirst] = useState(hasStoredSession);
  const hadSession = useRef(hadSessionAtFirst);
  const needed = !isLoading && !isAuthenticated;

  useEffect(() => {
    if (isAuthenticated) hadSession.current = true;
  }, [isAuthenticated]);

  useEffect(() => {
    if (!needed) return;
    if (hadSession.current && !hasStoredSession()) {
      hadSession.current = false;
      showToast({ tone: "info", message: texts().sessionEnded });
    }
    const abort = new AbortController();
    void keepSigningIn(
      {
        exclusively,
        hasSession: hasStoredSession,
        signIn: () => signIn("anonymous"),
        pause: pauseBeforeRetry,
        onTrouble: setSignInFails,
      },
      abort.signal,
    );
    return () => abort.abort();
  }, [needed, signIn]);

  return isAuthenticated ? { kind: "ready" } : { kind: "signingIn", troubled: signInFails || renewalFails };
}
