import { ArrowUp, ListPlus } from "lucide-react";
import { useText } from "../i18n/catalogue.ts";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./ComposerButton.module.css";

/** Submits the composer: `queues` while a reply is being written. */
export function ComposerButton({ queues, disabled }: { queues: boolean; disabled: boolean }) {
  const text = useText();
  return (
    <IconButton
      type="submit"
      label={queues ? text.queueIt : text.send}
      className={styles.button}
      disabled={disabled}
    >
      {queues ? <ListPlus size={18} /> : <ArrowUp size={18} />}
    </IconButton>
  );
}
