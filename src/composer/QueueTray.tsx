import { useMutation } from "convex/react";
import { Play } from "lucide-react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { useText } from "../i18n/catalogue.ts";
import { useViewerQuery } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./Notice.module.css";
import { changeQueue } from "./queueOptimistic.ts";
import { QueuedRow } from "./QueuedRow.tsx";

/** The prompts that wait for the live reply to end: the same in every tab. Nothing when none waits. */
export function QueueTray({
  taskId,
  paused,
  onResume,
}: {
  taskId: Id<"tasks">;
  paused: boolean;
  onResume: () => void;
}) {
  const text = useText();
  const queue = useViewerQuery(api.queue.list, { taskId });
  const move = useMutation(api.queue.move).withOptimisticUpdate((local, { queuedPromptId, toIndex }) => {
    changeQueue(local, taskId, (prompts) => {
      const moved = prompts.find((prompt) => prompt._id === queuedPromptId);
      if (moved === undefined) return prompts;
      return prompts.filter((prompt) => prompt !== moved).toSpliced(toIndex, 0, moved);
    });
  });
  if (queue === undefined || queue.length === 0) return null;
  return (
    <section className={styles.tray} aria-label={text.queueTitle(queue.length)}>
      <div className={styles.trayHead}>
        <span>
          {text.queueTitle(queue.length)}
          {paused && ` · ${text.queuePaused}`}
        </span>
        {paused && (
          <Button look="quiet" onClick={onResume}>
            <Play size={14} />
            {text.resumeQueue}
          </Button>
        )}
      </div>
      <ol className={styles.rows}>
        {queue.map((prompt, index) => (
          <QueuedRow
            key={prompt.clientMessageId}
            prompt={prompt}
            first={index === 0}
            last={index === queue.length - 1}
            onMove={(by) => {
              // It may just have been sent: then there is nothing to move, and the tray already shows it.
              move({ queuedPromptId: prompt._id, toIndex: index + by }).catch(() => undefined);
            }}
          />
        ))}
      </ol>
    </section>
  );
}
