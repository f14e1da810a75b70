import { useId } from "react";
import { CopyButton } from "../ui/CopyButton.tsx";
import styles from "./Owner.module.css";
import { useOwnerTexts } from "./ownerTexts.ts";

/** A link that is shown once. It takes the focus, and is marked as a whole: what comes next is copying it. */
export function LinkField({ address, hint }: { address: string; hint: string }) {
  const text = useOwnerTexts();
  const id = useId();
  return (
    <div className={`${styles.field} ${styles.wide}`}>
      <label htmlFor={id}>{text.link}</label>
      <div className={styles.side}>
        <input
          id={id}
          className={styles.input}
          value={address}
          readOnly
          autoFocus
          aria-describedby={`${id}-hint`}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton getText={() => address} label={text.copyLink} />
      </div>
      <span id={`${id}-hint`} className={styles.hint}>
        {hint}
      </span>
    </div>
  );
}
