import { useMutation } from "convex/react";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { api } from "../../convex/_generated/api";
import { failureData } from "../../convex/shared/errors";
import { reportFailure } from "../app/failures.ts";
import type { Attachment } from "../files/draftFiles.ts";
import { KeptFiles } from "../files/KeptFiles.tsx";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "../ui/cx.ts";
import { IconButton } from "../ui/IconButton.tsx";
import { draftKeyOf } from "./draftKeys.ts";
import { newId, restoreDraft } from "./draftStore.ts";
import styles from "./Notice.module.css";
import type { QueuedPrompt } from "./queueOptimistic.ts";

/** Changes a waiting prompt. If it was sent meanwhile, the new wording goes to the composer instead of being lost. */
export function QueuedEditor({ prompt, onDone }: { prompt: QueuedPrompt; onDone: () => void }) {
  const text = useText();
  const edit = useMutation(api.queue.edit);
  const [wording, setWording] = useState(prompt.content);
  const [kept, setKept] = useState<readonly Attachment[]>(prompt.attachments);
  const save = () => {
    const content = wording.trim();
    if (content === "" && kept.length === 0) return;
    const attachmentIds = kept.map(({ _id }) => _id);
    edit({ queuedPromptId: prompt._id, content, attachmentIds }).then(onDone, (error: unknown) => {
      reportFailure(error);
      if (failureData(error)?.code !== "NOT_FOUND") return;
      restoreDraft(draftKeyOf(prompt.taskId), wording, newId());
      onDone();
    });
  };
  return (
    <li className={cx(styles.row, styles.editing)}>
      <KeptFiles files={kept} onChange={setKept} />
      <textarea
        className={styles.edit}
        aria-label={text.editLabel}
        rows={2}
        dir="auto"
        // The person has just asked to type here.
        autoFocus
        value={wording}
        onChange={(event) => setWording(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Escape") onDone();
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            save();
          }
        }}
      />
      <IconButton label={text.save} onClick={save}>
        <Check size={16} />
      </IconButton>
      <IconButton label={text.cancel} onClick={onDone}>
        <X size={16} />
      </IconButton>
    </li>
  );
}
