import styles from "./Wordmark.module.css";

/** The name, as it is always written: an opening quotation mark, then the word. */
export const Wordmark = () => (
  <span className={styles.wordmark} dir="ltr">
    <span className={styles.quote} aria-hidden="true">
      “
    </span>
    Verbatim
  </span>
);
