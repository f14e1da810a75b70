import { CloudOff } from "lucide-react";
import { useText } from "../i18n/catalogue.ts";
import styles from "./ConnectionState.module.css";
import { useConnectionTrouble } from "./connection.ts";

/** Says, in a word, when the server cannot be reached. */
export function ConnectionState() {
  const text = useText();
  const trouble = useConnectionTrouble();
  return (
    <div role="status" className={styles.place}>
      {trouble !== null && (
        <span className={styles.pill} title={text.connectionNotes[trouble]}>
          <CloudOff size={14} aria-hidden="true" />
          {text.connection[trouble]}
        </span>
      )}
    </div>
  );
}

/** What that means for who is writing. Nothing is blocked by it: one can read, type and send meanwhile. */
export function ConnectionNote() {
  const text = useText();
  const trouble = useConnectionTrouble();
  // Reconnecting takes moments, and the word in the header says all there is to say.
  if (trouble === null || trouble === "reconnecting") return null;
  return <p className={styles.note}>{text.connectionNotes[trouble]}</p>;
}
