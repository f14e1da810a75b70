import { useRef, type KeyboardEvent } from "react";
import { MAX_TITLE_CHARS } from "../../convex/shared/limits";
import { useText } from "../i18n/catalogue.ts";
import styles from "./ChatRow.module.css";

/** Edits a title in place: Enter or leaving keeps it, Escape does not. `onDone(null)` means unchanged. */
export function RenameField({ title, onDone }: { title: string; onDone: (title: string | null) => void }) {
  const text = useText();
  const cancelled = useRef(false);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") cancelled.current = true;
    if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
  };
  return (
    <input
      className={styles.rename}
      aria-label={text.renameLabel}
      defaultValue={title}
      maxLength={MAX_TITLE_CHARS}
      dir="auto"
      // The person has just asked to type here.
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        const next = event.currentTarget.value.trim();
        onDone(cancelled.current || next === "" || next === title ? null : next);
      }}
    />
  );
}
