import type { ComponentProps } from "react";
import styles from "./GrowingTextarea.module.css";

/** A text box as tall as its text, up to a limit. The unseen copy below it gives the height, in every browser. */
export function GrowingTextarea({
  value,
  ...rest
}: { value: string } & Omit<ComponentProps<"textarea">, "value">) {
  return (
    <div className={styles.grow} data-copy={`${value}\n`}>
      <textarea {...rest} value={value} rows={1} dir="auto" className={styles.field} />
    </div>
  );
}
