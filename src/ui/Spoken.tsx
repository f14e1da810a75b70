import type { ComponentProps } from "react";
import styles from "./Spoken.module.css";

/** Text for assistive technology only. */
export const Spoken = (props: ComponentProps<"span">) => <span {...props} className={styles.spoken} />;
