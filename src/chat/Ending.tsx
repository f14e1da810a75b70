import { CircleStop, RotateCcw, StepForward, TriangleAlert } from "lucide-react";
import { useText } from "../i18n/catalogue.ts";
import { Button } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import { useChat } from "./ChatContext.ts";
import styles from "./Ending.module.css";
import { endingDetail, endingHelp, endingText } from "./endings.ts";
import { RetryWith } from "./RetryWith.tsx";
import type { Message } from "./types.ts";
import { useAnswerRequests } from "./useAnswerRequests.ts";

/** How a reply ended, in words, if it did not end by itself, and what can be done about it. */
export function Ending({
  message,
  last,
  hasContent,
}: {
  message: Message;
  last: boolean;
  hasContent: boolean;
}) {
  const text = useText();
  const { generating } = useChat();
  const { regenerate, continueAnswer } = useAnswerRequests();
  const help = endingHelp(message.endReason, hasContent);
  const words = endingText(message, hasContent, text);
  const detail = endingDetail(message);
  if (help === null || words === null) return null;
  const offers = last && !generating;
  return (
    <div className={cx(styles.ending, help.tone === "warn" && styles.warn)} role="note">
      {help.tone === "warn" ? (
        <TriangleAlert size={16} aria-hidden="true" />
      ) : (
        <CircleStop size={16} aria-hidden="true" />
      )}
      <div className={styles.words}>
        <p>{words}</p>
        {detail !== null && <p className={styles.detail}>{detail}</p>}
      </div>
      {offers && (
        <div className={styles.offers}>
          {help.canContinue && (
            <Button onClick={() => continueAnswer(message)}>
              <StepForward size={16} />
              {text.continueAnswer}
            </Button>
          )}
          {help.canRetry && (
            <span className={styles.retry}>
              <Button onClick={() => regenerate(message)}>
                <RotateCcw size={16} />
                {text.retry}
              </Button>
              <RetryWith message={message} />
            </span>
          )}
        </div>
      )}
    </div>
  );
}
