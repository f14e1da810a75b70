import type { ComponentProps } from "react";
import styles from "./Button.module.css";
import { cx } from "./cx.ts";

type Look = "primary" | "plain" | "quiet" | "danger";

/** A button with words. */
export function Button({ look = "plain", className, ...rest }: { look?: Look } & ComponentProps<"button">) {
  return <button type="button" {...rest} className={cx(styles.button, styles[look], className)} />;
}
