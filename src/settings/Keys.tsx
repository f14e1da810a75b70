import { useText } from "../i18n/catalogue.ts";
import styles from "./SettingsSheet.module.css";

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** A combination of keys as it is printed on them. */
export function Keys({ keys }: { keys: readonly string[] }) {
  const { keyNames } = useText();
  const nameOf = (key: string) => (key === "mod" && isMac ? "⌘" : (keyNames[key] ?? key));
  return (
    <span className={styles.keys}>
      {keys.map((key) => (
        <kbd key={key} className={styles.key}>
          {nameOf(key)}
        </kbd>
      ))}
    </span>
  );
}
