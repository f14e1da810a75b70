import { useText } from "../i18n/catalogue.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./Notice.module.css";

/** Said when one sends while a reply is being written: what can be done about it. */
export function BusyNotice({ onQueue, onInterrupt }: { onQueue: () => void; onInterrupt: () => void }) {
  const text = useText();
  return (
    <div className={styles.notice} role="alert">
      <p>
        {text.sendBusy}. {text.sendBusyChoice}
      </p>
      <div className={styles.buttons}>
        <Button look="primary" onClick={onQueue}>
          {text.queueIt}
          <kbd className={styles.key}>↵</kbd>
        </Button>
        <Button onClick={onInterrupt}>{text.stopAndSend}</Button>
      </div>
    </div>
  );
}
