import type { ComponentProps } from "react";
import styles from "./GrowingTextarea.module.css";

/** Firefox has no such text boxes yet. */
const SIZES_ITSELF = typeof CSS !== "undefined" && CSS.supports("field-sizing", "content");

/**
 * A text box as tall as its text, up to a limit. Where the browser does not see to that, an unseen copy of the text gives
 * the height; it costs a second layout at each key press.
 */
export function GrowingTextarea({
  value,
  ...rest
}: { value: string } & Omit<ComponentProps<"textarea">, "value">) {
  return (
    <div className={styles.grow} data-copy={SIZES_ITSELF ? undefined : `${value}\n`}>
      <textarea {...rest} value={value} rows={1} dir="auto" className={styles.field} />
    </div>
  );
}
