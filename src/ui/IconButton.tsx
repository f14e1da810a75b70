import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx.ts";
import styles from "./IconButton.module.css";

/** A button that is only an icon: its `label` is what assistive technology and the hover title say. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: { label: string; children: ReactNode } & ComponentProps<"button">) {
  return (
    <button type="button" title={label} {...rest} aria-label={label} className={cx(styles.button, className)}>
      {children}
    </button>
  );
}
