import { memo, Suspense, useEffect, useRef } from "react";
import { useText } from "../i18n/catalogue.ts";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { lazyPart } from "../ui/lazyPart.ts";
import { AnswerView } from "./AnswerView.tsx";
import { useChat } from "./ChatContext.ts";
import { EntryView } from "./EntryView.tsx";
import { PromptView } from "./PromptView.tsx";
import type { Turn } from "./turns.ts";
import type { Message } from "./types.ts";
import styles from "./TurnView.module.css";

/** Few chats are that long. */
const ContextLine = lazyPart(async () => (await import("../usage/ContextLine.tsx")).ContextLine);

const ComparisonView = lazyPart(async () => (await import("../compare/ComparisonView.tsx")).ComparisonView);

/** Are there several answers of which none was kept yet? */
const isOpenComparison = (prompt: Message | null, answer: Message): prompt is Message =>
  prompt?.comparison?.keptId === undefined && prompt?.comparison?.answerIds.includes(answer._id) === true;

const ignore = () => undefined;

interface Props {
  turn: Turn;
  last: boolean;
  /** As tall as the view, so that its prompt can be at the top; the reply fills the empty space. */
  anchored: boolean;
  /** The chat was opened at this turn, which is highlighted for a moment. */
  wanted: boolean;
}

/** A prompt and its reply. */
export const TurnView = memo(
  function TurnView({ turn, last, anchored, wanted }: Props) {
    const text = useText();
    const { prompt, answer, entry } = turn;
    const { contextStart, summaryId, summarisedTo } = useChat();
    const beginsContext =
      prompt !== null && prompt.sequence === contextStart && prompt.parentMessageId !== null;
    const element = useRef<HTMLDivElement>(null);
    useEffect(() => {
      if (!wanted || element.current === null) return;
      const { current } = element;
      let stop: (() => void) | undefined;
      void import("./foundWords.ts").then(({ markFoundWords }) => {
        if (element.current === current) stop = markFoundWords(current);
      }, ignore);
      return () => stop?.();
    }, [wanted]);
    return (
      // A group, not a region: hundreds of landmarks would be useless.
      <div
        ref={element}
        role="group"
        className={styles.turn}
        data-turn={turn.key}
        data-last={last}
        data-anchored={anchored}
        data-wanted={wanted}
        aria-label={text.exchange}
      >
        {beginsContext && (
          <ErrorBoundary fallback={null}>
            <Suspense fallback={null}>
              <ContextLine
                summaryId={summaryId}
                isWhole={summarisedTo !== null && summarisedTo >= contextStart}
              />
            </Suspense>
          </ErrorBoundary>
        )}
        {prompt !== null && <PromptView message={prompt} />}
        {entry !== null && <EntryView entry={entry} />}
        {answer !== null &&
          (last && isOpenComparison(prompt, answer) ? (
            <ErrorBoundary fallback={<AnswerView message={answer} last />}>
              <Suspense fallback={null}>
                <ComparisonView prompt={prompt} />
              </Suspense>
            </ErrorBoundary>
          ) : (
            <AnswerView key={answer.variant} message={answer} last={last} />
          ))}
      </div>
    );
  },
  (before, after) =>
    before.last === after.last &&
    before.anchored === after.anchored &&
    before.wanted === after.wanted &&
    before.turn.prompt === after.turn.prompt &&
    before.turn.answer === after.turn.answer &&
    before.turn.entry === after.turn.entry,
);
