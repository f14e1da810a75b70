import { Square } from "lucide-react";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "../ui/cx.ts";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./ComposerButton.module.css";

interface Props {
  /** It stands beside a button that comes first. */
  quiet: boolean;
  stopping: boolean;
  onStop: () => void;
}

/** Stops the reply that is being written. */
export function StopButton({ quiet, stopping, onStop }: Props) {
  const text = useText();
  return (
    <IconButton
      label={text.stop}
      className={cx(styles.button, quiet && styles.quiet, stopping && styles.stopping)}
      onClick={onStop}
    >
      <Square size={14} fill="currentColor" />
    </IconButton>
  );
}
