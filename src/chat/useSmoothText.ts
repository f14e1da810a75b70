import { useEffect, useRef, useState } from "react";
import { nextPainted, paintInterval } from "./smoothing.ts";

/** ms that count for the first frame after a pause. */
const FIRST_FRAME_MS = 16;
/** ms that count for a frame at most, so that a busy page does not jump. */
const LONGEST_FRAME_MS = 200;

/**
 * `text` as it should be painted now. What is there when the component appears (a reload, another chat) is shown at
 * once; only growth is smoothed. `active: false` shows everything.
 */
export function useSmoothText(text: string, active: boolean): string {
  const [painted, setPainted] = useState(text.length);
  if (!active && painted !== text.length) setPainted(text.length);
  const progress = useRef({ painted: text.length, at: 0 });

  useEffect(() => {
    const state = progress.current;
    if (!active) state.painted = text.length;
    if (state.painted >= text.length) return;
    const show = (length: number) => {
      state.painted = length;
      setPainted(length);
    };
    if (document.hidden) {
      // No frames are painted, and nobody watches.
      const timer = setTimeout(() => show(text.length), 0);
      return () => clearTimeout(timer);
    }
    let frame = 0;
    const paint = (now: number) => {
      const elapsed = state.at === 0 ? FIRST_FRAME_MS : now - state.at;
      if (state.at === 0 || elapsed >= paintInterval(text.length)) {
        state.at = now;
        show(nextPainted(state.painted, text, Math.min(elapsed, LONGEST_FRAME_MS)));
      }
      if (state.painted < text.length) frame = requestAnimationFrame(paint);
      else state.at = 0;
    };
    frame = requestAnimationFrame(paint);
    return () => cancelAnimationFrame(frame);
  }, [text, active]);

  return active && painted < text.length ? text.slice(0, painted) : text;
}
