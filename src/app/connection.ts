import { useConvexConnectionState } from "convex/react";
import { useContext, useEffect, useState, useSyncExternalStore } from "react";
import { SessionContext } from "../session/session.ts";

/** What stands between the page and its server, when it lasts long enough to be said. */
export type ConnectionTrouble = "offline" | "reconnecting" | "signIn";

/** ms: a shorter break heals before one has read about it. */
const SAID_AFTER_MS = 1_500;

function subscribeOnline(listener: () => void) {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

const useOnline = () => useSyncExternalStore(subscribeOnline, () => navigator.onLine);

/** Whether what is sent now arrives. A browser that knows it is offline knows it before the socket does. */
export function useReachable(): boolean {
  const online = useOnline();
  const { isWebSocketConnected } = useConvexConnectionState();
  return online && isWebSocketConnected;
}

/** Whether `condition` has held for `ms`. */
function useLasts(condition: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!condition) return;
    const timer = setTimeout(() => setLasts(true), ms);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [condition, ms]);
  return condition && lasts;
}

export function useConnectionTrouble(): ConnectionTrouble | null {
  const online = useOnline();
  const session = useContext(SessionContext);
  const said = useLasts(!useReachable(), SAID_AFTER_MS);
  if (said) return online ? "reconnecting" : "offline";
  return session.kind === "signingIn" && session.troubled ? "signIn" : null;
}
