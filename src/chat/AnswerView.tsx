import { memo } from "react";
import { useText } from "../i18n/catalogue.ts";
import { Spoken } from "../ui/Spoken.tsx";
import { AnswerActions } from "./AnswerActions.tsx";
import styles from "./AnswerView.module.css";
import { Ending } from "./Ending.tsx";
import { Liveness } from "./Liveness.tsx";
import { PartView } from "./PartView.tsx";
import { Sources } from "./Sources.tsx";
import { SpokenProgress } from "./SpokenProgress.tsx";
import { isLive, type Message } from "./types.ts";
import { useAnswer } from "./useAnswer.ts";

/** A reply: its parts while they come, how it ended, and what can be done with it. */
export const AnswerView = memo(function AnswerView({ message, last }: { message: Message; last: boolean }) {
  const text = useText();
  const { parts, tail } = useAnswer(message);
  const live = isLive(message);
  const shown = parts.filter((part) => part.type !== "source-url");
  return (
    <article className={styles.answer} aria-busy={live} data-status={message.status}>
      <h2 className={styles.heading}>
        <Spoken>{text.replySaid}</Spoken>
      </h2>
      {shown.map((part, index) => (
        <PartView
          key={part.position}
          part={part}
          messageId={message._id}
          growing={live && index === shown.length - 1}
        />
      ))}
      <Sources parts={parts} />
      {live && <Liveness tail={tail} empty={shown.length === 0} />}
      <SpokenProgress parts={parts} live={live} />
      {!live && <Ending message={message} last={last} hasContent={shown.length > 0} />}
      {!live && <AnswerActions message={message} parts={parts} />}
    </article>
  );
});
