import { MAX_PROMPT_CHARS } from "../../convex/shared/limits";
import { useText } from "../i18n/catalogue.ts";
import styles from "./LengthNote.module.css";

/** The share of the limit from which it is worth a word. */
const SHOWN_FROM = 0.8;

export function LengthNote({ length }: { length: number }) {
  const text = useText();
  const left = MAX_PROMPT_CHARS - length;
  if (length < MAX_PROMPT_CHARS * SHOWN_FROM) return null;
  return (
    <span className={styles.note} data-over={left < 0} role="status">
      {left >= 0 ? text.charactersLeft(left) : text.charactersOver(-left)}
    </span>
  );
}
