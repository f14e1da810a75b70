import { useEffect, useRef, useState, type CSSProperties } from "react";
import { api } from "../../convex/_generated/api";
import type { Message } from "../chat/types.ts";
import { useText } from "../i18n/catalogue.ts";
import { cx } from "../ui/cx.ts";
import { useViewerQuery } from "../session/session.ts";
import { Column } from "./Column.tsx";
import { nameOf } from "./columnState.ts";
import styles from "./ComparisonView.module.css";

const NO_ANSWERS: readonly Message[] = [];

/** The replies of several models to one prompt: side by side, or one beside the other to be swiped where there is no room. */
export function ComparisonView({ prompt }: { prompt: Message }) {
  const text = useText();
  const answers = useViewerQuery(api.messages.listCompared, { promptMessageId: prompt._id }) ?? NO_ANSWERS;
  const columns = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(0);

  useEffect(() => {
    const element = columns.current;
    if (element === null) return;
    const look = () => {
      // From right to left, it counts down from 0.
      const along = Math.abs(element.scrollLeft) / Math.max(1, element.scrollWidth - element.clientWidth);
      setSeen(Math.round(along * (element.children.length - 1)));
    };
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, []);

  // Where one is seen at a time, a short reply has no empty space below it because another is long.
  useEffect(() => {
    const element = columns.current;
    const column = element?.children[seen];
    if (!(column instanceof HTMLElement)) return;
    const measure = () => element?.style.setProperty("--seen-height", `${column.offsetHeight}px`);
    const observer = new ResizeObserver(measure);
    observer.observe(column);
    return () => observer.disconnect();
  }, [seen, answers.length]);

  const show = (index: number) =>
    columns.current?.children[index]?.scrollIntoView({
      block: "nearest",
      inline: "start",
      behavior: "smooth",
    });
  const count = prompt.comparison?.answerIds.length ?? answers.length;
  return (
    <section
      className={styles.comparison}
      style={{ "--columns": count } as CSSProperties}
      aria-label={text.compare.sideBySide}
    >
      <div className={styles.dots}>
        {answers.map((answer, index) => (
          <button
            key={answer._id}
            type="button"
            className={cx(styles.dot, index === seen && styles.seen)}
            aria-label={nameOf(answer)}
            aria-current={index === seen}
            onClick={() => show(index)}
          />
        ))}
      </div>
      <div ref={columns} className={styles.columns}>
        {answers.map((answer) => (
          <Column key={answer._id} answer={answer} />
        ))}
      </div>
    </section>
  );
}
