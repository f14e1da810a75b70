import { useAuthActions } from "@convex-dev/auth/react";
import { useConvexAuth, useQuery } from "convex/react";
import { useEffect, useRef, useState } from "react";
import { api } from "../../convex/_generated/api";
import { failureData } from "../../convex/shared/errors";
import { texts } from "../i18n/catalogue.ts";
import { pauseBeforeRetry } from "../lib/backoff.ts";
import { useStore } from "../lib/store.ts";
import { dismissToasts, showToast } from "../ui/toasts.ts";
import { keepSigningIn } from "./keepSigningIn.ts";
import { lastSession, noteSession } from "./lastSession.ts";
import { renewalTroubled } from "./SessionClient.ts";
import { openSharedValue } from "./sharedValue.ts";
import { findSession, markSignIn, type SignInMark } from "./signInMark.ts";
import { withLease, type Lease } from "./withLease.ts";

/** Names the stored session; known here so that a tab can see that another one has signed in. */
export const SESSION_NAMESPACE = "verbatim";
const TOKEN_KEY = `__convexAuthJWT_${SESSION_NAMESPACE}`;
const REFRESH_KEY = `__convexAuthRefreshToken_${SESSION_NAMESPACE}`;
const LOCK_NAME = "verbatim:guest-sign-in";
const MARK_NAME = "verbatim:sign-in-mark";

/** The provider by which a door opens without a question. */
const PROVIDERS = { machine: "owner", guest: "anonymous" } as const;

/**
 * `locked`: the person has to say who they are; `hasEnded`: because their session has ended; `goOnAsGuest`: what they can do instead, where guests
 * are let in.
 */
export type Session =
  | { kind: "ready" }
  | { kind: "signingIn"; troubled: boolean }
  | { kind: "locked"; hasEnded: boolean; goOnAsGuest: (() => void) | null };

function isStored(key: string): boolean {
  try {
    return localStorage.getItem(key) !== null;
  } catch {
    return false;
  }
}

/** A token alone is none: it cannot be renewed, and when the server refuses it nothing will come of it. */
const hasStoredSession = (): boolean => isStored(TOKEN_KEY) && isStored(REFRESH_KEY);

/**
 * Whether there is a session, which another tab has made: then this one takes it up. The event that tells it so is lost to a tab that was only being
 * opened when it came, and would be waited for without end.
 */
async function takeUpSession(): Promise<boolean> {
  if (!(await findSession(hasStoredSession, openMark()))) return false;
  const stored = { key: TOKEN_KEY, newValue: localStorage.getItem(TOKEN_KEY), storageArea: localStorage };
  dispatchEvent(new StorageEvent("storage", stored));
  return true;
}

/** ms in which another tab, which is storing a session, has stored the rest of it. */
const STORING_MS = 1_000;

async function exclusively(task: () => Promise<void>): Promise<void> {
  // Absent on plain http from another machine.
  if ("locks" in navigator) await navigator.locks.request(LOCK_NAME, task);
  else await withLease(openSharedValue<Lease>(LOCK_NAME), task);
}

const openMark = () => openSharedValue<SignInMark>(MARK_NAME);

const isRefusal = (error: unknown): boolean => failureData(error)?.code === "NOT_ALLOWED";

/**
 * The person's session. Whenever there is none (first visit, expired, signed out elsewhere) the server says how one comes in: on the
 * owner's own machine, and where guests are let in, without a question, but for who had an account here. A session that has ended is said to
 * have ended where something of it is gone. [G14] What is typed or waiting to be sent is kept outside of the session and is not touched.
 */
export function useSession(): Session {
  const { isLoading, isAuthenticated } = useConvexAuth();
  const { signIn, signOut } = useAuthActions();
  const [signInFails, setSignInFails] = useState(false);
  const [isRefused, setRefused] = useState(false);
  const renewalFails = useStore(renewalTroubled);
  const [hadSessionAtFirst] = useState(() => isStored(TOKEN_KEY));
  const hadSession = useRef(hadSessionAtFirst);
  const [hasEnded, setHasEnded] = useState(false);
  const [hadAccount, setHadAccount] = useState(() => lastSession() === "account");
  const needed = !isLoading && !isAuthenticated;
  const door = useQuery(api.accounts.door, needed ? {} : "skip")?.kind;

  const goOnAsGuest = () => {
    noteSession("guest");
    setHadAccount(false);
  };

  useEffect(() => {
    if (isAuthenticated) hadSession.current = true;
  }, [isAuthenticated]);

  useEffect(() => {
    if (!needed || door === undefined) return;
    if (hadSession.current && !hasStoredSession()) {
      hadSession.current = false;
      setHasEnded(true);
      // They name chats of who may be somebody else.
      if (door !== "machine") dismissToasts();
      const wasGuest = lastSession() === "guest";
      setHadAccount(!wasGuest);
      if (!wasGuest) noteSession("account");
      else if (door === "guest") showToast({ tone: "info", message: texts().sessionEnded });
      if (hadAccount === wasGuest) return;
    }
    if (door === "locked" || (door === "guest" && hadAccount)) {
      // What is left of a session would be taken for the new one.
      const timer = setTimeout(() => {
        if (isStored(TOKEN_KEY) && !hasStoredSession()) void signOut();
      }, STORING_MS);
      return () => clearTimeout(timer);
    }
    const abort = new AbortController();
    void keepSigningIn(
      {
        exclusively,
        hasSession: takeUpSession,
        signIn: async () => {
          if (isStored(TOKEN_KEY)) await signOut();
          await signIn(PROVIDERS[door]);
          if (door === "guest") noteSession("guest");
          await markSignIn(openMark());
        },
        isRefusal,
        onRefusal: () => setRefused(true),
        pause: pauseBeforeRetry,
        onTrouble: setSignInFails,
      },
      abort.signal,
    );
    return () => abort.abort();
  }, [needed, door, hadAccount, signIn, signOut]);

  if (isAuthenticated) return { kind: "ready" };
  if (needed && (door === "locked" || isRefused)) return { kind: "locked", hasEnded, goOnAsGuest: null };
  if (needed && door === "guest" && hadAccount) return { kind: "locked", hasEnded, goOnAsGuest };
  return { kind: "signingIn", troubled: signInFails || renewalFails };
}
