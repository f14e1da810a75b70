import { useReachable } from "../app/connection.ts";
import { useText } from "../i18n/catalogue.ts";
import { restoreDraft } from "../composer/draftStore.ts";
import { draftKeyOf } from "../composer/draftKeys.ts";
import { dropFromOutbox, retryInOutbox, type OutboxEntry } from "../composer/outbox.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./EntryView.module.css";
import { Liveness } from "./Liveness.tsx";
import { PromptBubble } from "./PromptBubble.tsx";

/** A prompt on its way, shown at once, and what can be done if it does not arrive. */
export function EntryView({ entry }: { entry: OutboxEntry }) {
  return (
    <>
      <PromptBubble content={entry.content} files={entry.files} />
      <EntryState entry={entry} />
    </>
  );
}

function EntryState({ entry }: { entry: OutboxEntry }) {
  const text = useText();
  const reachable = useReachable();
  const id = entry.clientMessageId;
  const putBack = () => {
    restoreDraft(draftKeyOf(entry.taskId), entry.content, id);
    dropFromOutbox([id]);
  };
  switch (entry.state.kind) {
    case "accepted":
      return <Liveness tail={null} empty />;
    case "sending":
      return reachable ? (
        <Liveness tail={null} empty />
      ) : (
        <p className={styles.note} role="status">
          {text.waitingForConnection}
        </p>
      );
    case "busy":
      return (
        <div className={styles.state} role="alert">
          <p className={styles.note}>{text.sendBusy}</p>
          <Button onClick={() => retryInOutbox(id, "queue")}>{text.queueIt}</Button>
          <Button onClick={() => retryInOutbox(id, "interrupt")}>{text.stopAndSend}</Button>
          <Button look="quiet" onClick={putBack}>
            {text.discard}
          </Button>
        </div>
      );
    case "failed":
      return (
        <div className={styles.state} role="alert">
          <p className={styles.failed}>
            {text.sendFailed} {entry.state.message}
          </p>
          <Button onClick={() => retryInOutbox(id)}>{text.retry}</Button>
          <Button look="quiet" onClick={putBack}>
            {text.discard}
          </Button>
        </div>
      );
    default:
      return entry.state satisfies never;
  }
}
