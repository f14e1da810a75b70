import { RotateCcw } from "lucide-react";
import { textOf, type Part } from "../../convex/shared/parts";
import { modelName, modelsStore } from "../composer/models.ts";
import { useText } from "../i18n/catalogue.ts";
import { useStore } from "../lib/store.ts";
import { CopyButton } from "../ui/CopyButton.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { BranchOff } from "../tree/BranchOff.tsx";
import { useChat } from "./ChatContext.ts";
import { endingHelp } from "./endings.ts";
import styles from "./MessageActions.module.css";
import { RetryWith } from "./RetryWith.tsx";
import { TimeStamp } from "./TimeStamp.tsx";
import type { Message } from "./types.ts";
import { UsageButton } from "./UsageButton.tsx";
import { useAnswerRequests } from "./useAnswerRequests.ts";
import { Variants } from "./Variants.tsx";

/** What can be done with a finished reply. */
export function AnswerActions({
  message,
  parts,
  last,
}: {
  message: Message;
  parts: readonly Part[];
  last: boolean;
}) {
  const text = useText();
  const copied = textOf(parts);
  // The note about its end offers this already, in words.
  const offered = last && endingHelp(message.endReason, parts.length > 0)?.canRetry === true;
  const { generating } = useChat();
  const { regenerate } = useAnswerRequests();
  const models = useStore(modelsStore);
  return (
    <div className={styles.actions}>
      {copied !== "" && <CopyButton label={text.copy} getText={() => copied} />}
      {!generating && !offered && (
        <>
          <IconButton label={text.regenerate} onClick={() => regenerate(message)}>
            <RotateCcw size={16} />
          </IconButton>
          <RetryWith message={message} />
        </>
      )}
      {message.usage !== null && <UsageButton message={message} />}
      {parts.length > 0 && <BranchOff message={message} />}
      <Variants message={message} />
      <span className={styles.meta}>
        {message.model !== null && <span>{modelName(models, message.model)}</span>}
        <TimeStamp at={message.endedAt ?? message._creationTime} />
      </span>
    </div>
  );
}
