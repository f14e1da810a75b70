import { memo, Suspense, useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { Spoken } from "../ui/Spoken.tsx";
import { lazyPart } from "../ui/lazyPart.ts";
import { AnswerActions } from "./AnswerActions.tsx";
import styles from "./AnswerView.module.css";
import { sourcesOf } from "./citedSources.ts";
import { Ending } from "./Ending.tsx";
import { FollowUps } from "./FollowUps.tsx";
import { Liveness } from "./Liveness.tsx";
import { PartView } from "./PartView.tsx";
import { SpokenProgress } from "./SpokenProgress.tsx";
import { isLive, type Message } from "./types.ts";
import { useAnswer } from "./useAnswer.ts";
import { useRunStart } from "./useRunStart.ts";

/** Few replies have any. */
const Sources = lazyPart(async () => (await import("./Sources.tsx")).Sources);

const ignore = () => undefined;

interface Props {
  message: Message;
  last: boolean;
  /** One of several side by side, which say and offer together what a single one does itself. */
  compared?: boolean;
}

/** A reply: its parts while they come, how it ended, and what can be done with it. */
export const AnswerView = memo(function AnswerView({ message, last, compared = false }: Props) {
  const text = useText();
  const { parts, tail } = useAnswer(message);
  useRunStart(tail);
  const live = isLive(message);
  const sources = sourcesOf(parts);
  const shown = parts.filter((part) => !part.type.startsWith("source-"));
  // As text, which is compared by what it says: merging creates new objects.
  const cited = sources.length === 0 ? "" : JSON.stringify(sources);
  // Actions and follow-ups appear after the reply's last word.
  const [painting, setPainting] = useState(false);
  const over = !live && !painting;
  const cut = message.endReason !== null && message.endReason !== "finished";
  return (
    <article className={styles.answer} aria-busy={!over} data-status={tail?.state ?? message.status}>
      {/* One of several has the name of its model as its heading. */}
      {!compared && (
        <h2 className={styles.heading}>
          <Spoken>{text.replySaid}</Spoken>
        </h2>
      )}
      {shown.map((part, index) => (
        <PartView
          key={part.position}
          part={part}
          messageId={message._id}
          growing={live && index === shown.length - 1}
          cited={cited}
          cut={cut && index === shown.length - 1}
          onPainting={index === shown.length - 1 ? setPainting : ignore}
        />
      ))}
      {sources.length > 0 && (
        <ErrorBoundary fallback={null}>
          <Suspense fallback={null}>
            <Sources sources={sources} />
          </Suspense>
        </ErrorBoundary>
      )}
      {live && <Liveness tail={tail} empty={shown.length === 0} />}
      {!compared && <SpokenProgress parts={parts} live={live} message={message} />}
      {over && <Ending message={message} last={last} hasContent={shown.length > 0} />}
      {over && !compared && <AnswerActions message={message} parts={parts} last={last} />}
      {over && last && <FollowUps key={message._id} answer={message} />}
    </article>
  );
});
