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

/** Says when the server cannot be reached. Nothing is blocked by it: one can read, type and send meanwhile. */
export function ConnectionState() {
  const text = useText();
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  const { isWebSocketConnected } = useConvexConnectionState();
  const session = useContext(SessionContext);
  const broken = !online || !isWebSocketConnected;
  const [said, setSaid] = useState(false);
  useEffect(() => {
    if (!broken) {
      setSaid(false);
      return;
    }
    const timer = setTimeout(() => setSaid(true), SAID_AFTER_MS);
    return () => clearTimeout(timer);
  }, [broken]);

  const signInTrouble = session.kind === "signingIn" && session.troubled;
  const message =
    broken && said ? (online ? text.reconnecting : text.offline) : signInTrouble ? text.signInFailed : null;
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
