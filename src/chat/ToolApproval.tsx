import { useMutation } from "convex/react";
import { useId, useState } from "react";
import { api } from "../../convex/_generated/api";
import type { ToolPart } from "../../convex/shared/parts";
import { reportFailure } from "../app/failures.ts";
import { useToolTexts } from "../i18n/toolTexts.ts";
import { CodeText } from "../markdown/CodeText.tsx";
import { Button } from "../ui/Button.tsx";
import styles from "./ToolApproval.module.css";
import { toolTitle } from "./toolTitle.ts";
import type { Message } from "./types.ts";

/** A call that waits for its person: with all that it would be called with, and two answers. The first answer of any device counts. */
export function ToolApproval({ part, messageId }: { part: ToolPart; messageId: Message["_id"] }) {
  const text = useToolTexts();
  const answer = useMutation(api.approvals.answer);
  const [sending, setSending] = useState(false);
  const heading = useId();
  const { toolCallId, toolName, input } = part;
  const send = (approved: boolean) => {
    setSending(true);
    // The run that goes on is started by the page that shows it.
    answer({ messageId, toolCallId, approved })
      .catch(reportFailure)
      .finally(() => setSending(false));
  };
  return (
    <section className={styles.approval} aria-labelledby={heading}>
      {/* Spoken when it is asked: the reply waits for it. */}
      <div role="alert">
        <h3 id={heading} className={styles.heading}>
          {text.mayI(toolTitle(toolName, text))}
        </h3>
      </div>
      {input !== undefined && (
        <div className={styles.input}>
          <CodeText
            code={typeof input === "string" ? input : JSON.stringify(input, null, 2)}
            language="json"
          />
        </div>
      )}
      <div className={styles.buttons}>
        <Button look="primary" disabled={sending} onClick={() => send(true)}>
          {text.allow}
        </Button>
        <Button disabled={sending} onClick={() => send(false)}>
          {text.refuse}
        </Button>
      </div>
    </section>
  );
}
