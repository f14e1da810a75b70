import { useText } from "../i18n/catalogue.ts";
import styles from "./DropHint.module.css";

/** Shown while files are held over the page. */
export function DropHint() {
  const text = useText();
  return (
    <div className={styles.hint} aria-hidden="true">
      <span>{text.files.drop}</span>
    </div>
  );
}
