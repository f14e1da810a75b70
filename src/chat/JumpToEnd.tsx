import { ArrowDown } from "lucide-react";
import { useText } from "../i18n/catalogue.ts";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./JumpToEnd.module.css";

/** Back to the newest words after reading elsewhere. */
export function JumpToEnd({ shown, onJump }: { shown: boolean; onJump: () => void }) {
  const text = useText();
  if (!shown) return null;
  return (
    <IconButton label={text.jumpToEnd} className={styles.jump} onClick={onJump}>
      <ArrowDown size={18} />
    </IconButton>
  );
}
