import { useMutation } from "convex/react";
import { Check, Square } from "lucide-react";
import { useId } from "react";
import { api } from "../../convex/_generated/api";
import { textOf } from "../../convex/shared/parts";
import { reportFailure } from "../app/failures.ts";
import { AnswerView } from "../chat/AnswerView.tsx";
import { isLive, type Message } from "../chat/types.ts";
import { goOnWriting } from "../composer/focusComposer.ts";
import { useText } from "../i18n/catalogue.ts";
import { pageLocale } from "../lib/pageLocale.ts";
import { useNow } from "../lib/useNow.ts";
import { useViewerQuery } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import { CopyButton } from "../ui/CopyButton.tsx";
import { keepFocus } from "../ui/keepFocus.ts";
import { Spoken } from "../ui/Spoken.tsx";
import { knownCost } from "../usage/money.ts";
import { nameOf, secondsOf, stateText } from "./columnState.ts";
import styles from "./ComparisonView.module.css";

/** One model's reply: its name, how it goes, what it took and cost as far as that is known, its words, and what can be done. */
export function Column({ answer }: { answer: Message }) {
  const text = useText();
  const heading = useId();
  const live = isLive(answer);
  const name = nameOf(answer);
  const stop = useMutation(api.streaming.stopAnswer);
  const keep = useMutation(api.messages.keep);
  const copied = textOf(answer.parts);
  const usage = useViewerQuery(api.usage.ofAnswer, live ? "skip" : { messageId: answer._id });
  const cost = usage === undefined ? null : knownCost(usage);
  return (
    <div className={styles.column} role="group" aria-labelledby={heading}>
      <header className={styles.head}>
        <h3 id={heading} className={styles.name} title={name}>
          {name}
        </h3>
        <p className={styles.state}>
          <span>{stateText(answer, text)}</span>
          {live ? (
            <Elapsed answer={answer} />
          ) : (
            <span>{formatSeconds(secondsOf(answer, answer.endedAt), text)}</span>
          )}
          {answer.usage?.outputTokens !== undefined && (
            <span>{text.compare.tokens(answer.usage.outputTokens.toLocaleString(pageLocale()))}</span>
          )}
          {cost !== null && <span>{cost}</span>}
        </p>
        <Spoken role="status">{live ? "" : text.compare.ended(name, stateText(answer, text))}</Spoken>
      </header>
      <div className={styles.reply}>
        <AnswerView message={answer} last={false} compared />
      </div>
      <footer ref={keepFocus} className={styles.foot}>
        <Button
          aria-label={text.compare.keepOf(name)}
          onClick={() => void keep({ messageId: answer._id }).then(goOnWriting, reportFailure)}
        >
          <Check size={16} />
          {text.compare.keep}
        </Button>
        {live && (
          <Button
            look="quiet"
            aria-label={text.compare.stopOf(name)}
            onClick={() => void stop({ messageId: answer._id }).catch(reportFailure)}
          >
            <Square size={14} />
            {text.stop}
          </Button>
        )}
        {!live && copied !== "" && <CopyButton label={text.copy} getText={() => copied} />}
      </footer>
    </div>
  );
}

const formatSeconds = (seconds: number | null, text: ReturnType<typeof useText>): string =>
  seconds === null
    ? ""
    : text.compare.seconds(
        seconds.toLocaleString(pageLocale(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
      );

/** Seconds since it began, as far as the clocks agree. */
function Elapsed({ answer }: { answer: Message }) {
  const text = useText();
  const now = useNow(1_000);
  const seconds = secondsOf(answer, now);
  return (
    <span aria-hidden="true">
      {seconds === null ? "" : text.compare.seconds(String(Math.floor(seconds)))}
    </span>
  );
}
