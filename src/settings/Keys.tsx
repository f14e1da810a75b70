import styles from "./SettingsSheet.module.css";

const MOD = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** A combination of keys as it is printed on them. */
export const Keys = ({ keys }: { keys: readonly string[] }) => (
  <span className={styles.keys}>
    {keys.map((key) => (
      <kbd key={key} className={styles.key}>
        {key === "mod" ? MOD : key}
      </kbd>
    ))}
  </span>
);
