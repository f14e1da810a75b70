import { useMutation } from "convex/react";
import { ChevronRight } from "lucide-react";
import { api } from "../../convex/_generated/api";
import { isToolEnded, type ToolPart as ToolPartData, type ToolState } from "../../convex/shared/parts";
import { reportFailure } from "../app/failures.ts";
import { useToolTexts } from "../i18n/toolTexts.ts";
import { CodeText } from "../markdown/CodeText.tsx";
import { Button } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import { keepFocus } from "../ui/keepFocus.ts";
import styles from "./Disclosure.module.css";
import { ToolApproval } from "./ToolApproval.tsx";
import { toolTitle } from "./toolTitle.ts";
import type { Message } from "./types.ts";
import { useDisclosure } from "./useDisclosure.ts";

const asText = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value, null, 2);

/** What a person may want to look into. */
const TROUBLE: readonly ToolState[] = ["failed", "timedOut", "unknown"];

/** Seconds that a call has taken; null when it is not known, or too short to be told. */
function secondsOf({ startedAt, endedAt }: ToolPartData): number | null {
  if (startedAt === undefined || endedAt === undefined) return null;
  const seconds = (endedAt - startedAt) / 1000;
  return seconds < 0.05 ? null : seconds;
}

interface Props {
  part: ToolPartData;
  messageId: Message["_id"];
}

/** A tool call of the model, which may have to be allowed first. */
export const ToolPart = ({ part, messageId }: Props) => (
  <div ref={keepFocus}>
    {part.state === "awaitingApproval" ? (
      <ToolApproval part={part} messageId={messageId} />
    ) : (
      <ToolCall part={part} messageId={messageId} />
    )}
  </div>
);

/** Its name, state and duration, and on demand its input and output. It can be cancelled. */
function ToolCall({ part, messageId }: Props) {
  const text = useToolTexts();
  const cancel = useMutation(api.streaming.cancelToolCall);
  const disclosure = useDisclosure(`${messageId}:${part.toolCallId}`);
  const { toolCallId, toolName, state } = part;
  const seconds = secondsOf(part);
  const isRunning = !isToolEnded(state);
  return (
    <div className={styles.tool}>
      <details className={styles.disclosure} {...disclosure}>
        <summary className={styles.summary}>
          <ChevronRight size={16} className={styles.chevron} aria-hidden="true" />
          <span className={styles.name}>{toolTitle(toolName, text)}</span>
          <span
            className={cx(
              styles.state,
              isRunning && styles.shimmer,
              TROUBLE.includes(state) && styles.failed,
            )}
          >
            {text.states[state]}
            {seconds !== null && ` · ${text.seconds(seconds)}`}
          </span>
        </summary>
        {part.input !== undefined && (
          <>
            <h3 className={styles.label}>{text.input}</h3>
            <CodeText code={asText(part.input)} language="json" />
          </>
        )}
        {part.output !== undefined && (
          <>
            <h3 className={styles.label}>{text.output}</h3>
            <CodeText code={asText(part.output)} language="json" />
          </>
        )}
        {part.errorText !== undefined && <p className={styles.failed}>{part.errorText}</p>}
        {state === "unknown" && <p>{text.unknown}</p>}
      </details>
      {isRunning && part.providerExecuted !== true && (
        <Button look="quiet" onClick={() => void cancel({ messageId, toolCallId }).catch(reportFailure)}>
          {text.cancel}
        </Button>
      )}
    </div>
  );
}
