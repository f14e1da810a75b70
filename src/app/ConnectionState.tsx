import { useConvexConnectionState } from "convex/react";
import { CloudOff } from "lucide-react";
import { useContext, useEffect, useState, useSyncExternalStore } from "react";
import { useText } from "../i18n/catalogue.ts";
import { SessionContext } from "../session/session.ts";
import styles from "./ConnectionState.module.css";

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

/** Says when the server cannot be reached. Nothing is blocked by it: one can read, type and send meanwhile. */
export function ConnectionState() {
  const text = useText();
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  const { isWebSocketConnected } = useConvexConnectionState();
  const session = useContext(SessionContext);
  const broken = !online || !isWebSocketConnected;
  const said = useLasts(broken, SAID_AFTER_MS);
  const signInTrouble = session.kind === "signingIn" && session.troubled;
  const message = said
    ? online
      ? text.reconnecting
      : text.offline
    : signInTrouble
      ? text.signInFailed
      : null;
  return (
    <div role="status" className={styles.place}>
      {message !== null && (
        <span className={styles.pill}>
          <CloudOff size={14} aria-hidden="true" />
          {message}
        </span>
      )}
    </div>
  );
}
