import { ArrowUp, ListPlus, Square } from "lucide-react";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "../ui/cx.ts";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./ComposerButton.module.css";

interface Props {
  kind: "send" | "queue" | "stop";
  disabled: boolean;
  stopping: boolean;
  onStop: () => void;
}

/** The one button: sends, queues while a reply is being written, and stops it when nothing is typed. */
export function ComposerButton({ kind, disabled, stopping, onStop }: Props) {
  const text = useText();
  switch (kind) {
    case "stop":
      return (
        <IconButton
          label={text.stop}
          className={cx(styles.button, stopping && styles.stopping)}
          onClick={onStop}
        >
          <Square size={14} fill="currentColor" />
        </IconButton>
      );
    case "queue":
      return (
        <IconButton type="submit" label={text.queueIt} className={styles.button} disabled={disabled}>
          <ListPlus size={18} />
        </IconButton>
      );
    case "send":
      return (
        <IconButton type="submit" label={text.send} className={styles.button} disabled={disabled}>
          <ArrowUp size={18} />
        </IconButton>
      );
    default:
      return kind satisfies never;
  }
}
