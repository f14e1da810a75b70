import { useMutation } from "convex/react";
import { ChevronRight } from "lucide-react";
import { api } from "../../convex/_generated/api";
import { isToolEnded, type ToolPart as ToolPartData } from "../../convex/shared/parts";
import { reportFailure } from "../app/failures.ts";
import { useText } from "../i18n/catalogue.ts";
import { CodeText } from "../markdown/CodeText.tsx";
import { Button } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import styles from "./Disclosure.module.css";
import type { Message } from "./types.ts";
import { useDisclosure } from "./useDisclosure.ts";

const asText = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value, null, 2);

/** A tool call of the model: its name and state, and on demand its input and output. */
export function ToolPart({ part, messageId }: { part: ToolPartData; messageId: Message["_id"] }) {
  const text = useText();
  const cancel = useMutation(api.streaming.cancelToolCall);
  const disclosure = useDisclosure(`${messageId}:${part.toolCallId}`);
  const ended = isToolEnded(part.state);
  return (
    <details className={styles.disclosure} {...disclosure}>
      <summary className={styles.summary}>
        <ChevronRight size={16} className={styles.chevron} aria-hidden="true" />
        <span className={styles.name}>{part.toolName}</span>
        <span
          className={cx(styles.state, !ended && styles.shimmer, part.state === "failed" && styles.failed)}
        >
          {text.toolStates[part.state]}
        </span>
      </summary>
      {!ended && (
        <Button
          onClick={() => {
            cancel({ messageId, toolCallId: part.toolCallId }).catch(reportFailure);
          }}
        >
          {text.cancelTool}
        </Button>
      )}
      {part.input !== undefined && (
        <>
          <h3 className={styles.label}>{text.toolInput}</h3>
          <CodeText code={asText(part.input)} language="json" />
        </>
      )}
      {part.output !== undefined && (
        <>
          <h3 className={styles.label}>{text.toolOutput}</h3>
          <CodeText code={asText(part.output)} language="json" />
        </>
      )}
      {part.errorText !== undefined && <p className={styles.failed}>{part.errorText}</p>}
    </details>
  );
}
