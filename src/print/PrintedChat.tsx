import { useEffect, useMemo, useRef, useState } from "react";
import { toTurns } from "../chat/turns.ts";
import { TurnView } from "../chat/TurnView.tsx";
import type { Message } from "../chat/types.ts";
import { OnPaper } from "../markdown/paper.ts";
import styles from "./PrintSheet.module.css";
import { whenStill } from "./whenStill.ts";

/** Turns that are put up in one piece. */
const STEP = 4;

/**
 * A whole chat for the printer: put up step by step, so that the page stays usable, and printed when all of it is there. `onPut` is told
 * of how many messages; `onDone` is called when the browser's dialog was closed.
 */
export function PrintedChat({
  title,
  newestFirst,
  onPut,
  onDone,
}: {
  title: string;
  newestFirst: readonly Message[];
  onPut: (messages: number) => void;
  onDone: () => void;
}) {
  const element = useRef<HTMLElement>(null);
  const turns = useMemo(() => toTurns(newestFirst, [], false), [newestFirst]);
  const [put, setPut] = useState(STEP);
  const complete = put >= turns.length;

  useEffect(() => {
    const turnsPut = turns.slice(0, put);
    onPut(
      turnsPut.reduce(
        (sum, { prompt, answer }) => sum + Number(prompt !== null) + Number(answer !== null),
        0,
      ),
    );
    if (put >= turns.length) return;
    const timer = setTimeout(() => setPut(put + STEP), 0);
    return () => clearTimeout(timer);
  }, [turns, put, onPut]);

  useEffect(() => {
    if (!complete || element.current === null) return;
    const stop = new AbortController();
    void whenStill(element.current, stop.signal).then(() => {
      if (stop.signal.aborted) return;
      window.addEventListener("afterprint", onDone, { once: true });
      window.print();
    });
    return () => {
      stop.abort();
      window.removeEventListener("afterprint", onDone);
    };
  }, [complete, onDone]);

  return (
    <main ref={element} className={styles.printed} data-printed>
      <h1 className={styles.title} dir="auto">
        {title}
      </h1>
      <OnPaper value={true}>
        {turns.slice(0, put).map((turn) => (
          <TurnView key={turn.key} turn={turn} last={false} anchored={false} wanted={false} />
        ))}
      </OnPaper>
    </main>
  );
}
