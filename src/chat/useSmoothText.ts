import { startTransition, useEffect, useLayoutEffect, useRef, useState } from "react";
import { paintPace } from "./paintPace.ts";
import { nextPainted } from "./smoothing.ts";

/** ms that count for the first painting after a pause. */
const FIRST_STEP_MS = 16;
/** ms that count for one painting at most, so that a busy page does not jump. */
const MAX_STEP_MS = 200;

/**
 * `text` as it should be painted now. What is there when the component appears (a reload, another chat) is shown at
 * once; only growth is smoothed. `active: false` shows everything.
 *
 * Painting gives way: it is rendered as a transition, between which keys and frames come first, and the slower it is,
 * the longer the pause before the next.
 */
export function useSmoothText(text: string, active: boolean): string {
  const [painted, setPainted] = useState(text.length);
  if (!active && painted !== text.length) setPainted(text.length);
  /** When the last painting began; 0 after a pause. */
  const begun = useRef(0);

  useLayoutEffect(() => {
    if (begun.current === 0) return;
    const renderedMs = performance.now() - begun.current;
    return afterFrame((frameMs) => paintPace.note(renderedMs + frameMs));
  }, [painted]);

  useEffect(() => {
    if (painted >= text.length) {
      begun.current = 0;
      return;
    }
    // Without frames nobody watches.
    if (document.hidden) {
      const timer = setTimeout(() => setPainted(text.length), 0);
      return () => clearTimeout(timer);
    }
    const before = begun.current;
    const paint = () => {
      const now = performance.now();
      const elapsed = before === 0 ? FIRST_STEP_MS : Math.min(now - before, MAX_STEP_MS);
      begun.current = now;
      startTransition(() => setPainted((length) => nextPainted(length, text, elapsed)));
    };
    const timer = setTimeout(paint, before === 0 ? 0 : before + paintPace.interval() - performance.now());
    return () => clearTimeout(timer);
  }, [text, painted, active]);

  return active && painted < text.length ? text.slice(0, painted) : text;
}

/** Calls back after the next frame, with the ms that it took. Returns what takes the wish back. */
function afterFrame(callback: (frameMs: number) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    const began = performance.now();
    timer = setTimeout(() => callback(performance.now() - began), 0);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
