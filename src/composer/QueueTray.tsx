import { useMutation } from "convex/react";
import { ChevronDown, Play } from "lucide-react";
import { useState } from "react";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { useText } from "../i18n/catalogue.ts";
import { useIsNarrow } from "../lib/useMediaQuery.ts";
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
  const narrow = useIsNarrow();
  const [opened, setOpened] = useState(false);
  if (queue === undefined || queue.length === 0) return null;
  const title = text.queueTitle(queue.length);
  const words = paused ? `${title} · ${text.queuePaused}` : title;
  return (
    <section className={styles.tray} aria-label={title}>
      <div className={styles.trayHead}>
        {narrow ? (
          // Beside its keyboard a phone has room for one line.
          <Button
            look="quiet"
            className={styles.fold}
            aria-expanded={opened}
            onClick={() => setOpened(!opened)}
          >
            {words}
            <ChevronDown size={14} aria-hidden="true" />
          </Button>
        ) : (
          <span>{words}</span>
        )}
        {paused && (
          <Button look="quiet" onClick={onResume}>
            <Play size={14} />
            {text.resumeQueue}
          </Button>
        )}
      </div>
      <ol className={styles.rows} hidden={narrow && !opened}>
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
