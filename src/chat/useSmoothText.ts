import { useEffect, useRef, useState } from "react";
import { nextPainted, paintInterval } from "./smoothing.ts";

/**
 * `text` as it should be painted now. What is there when the component appears (a reload, another chat) is shown at
 * once; only growth is smoothed. `active: false` shows everything.
 */
export function useSmoothText(text: string, active: boolean): string {
  const [painted, setPainted] = useState(text.length);
  const progress = useRef({ painted: text.length, at: 0 });
  const latest = useRef(text);

  useEffect(() => {
    latest.current = text;
    if (!active) {
      progress.current.painted = text.length;
      setPainted(text.length);
      return;
    }
    if (document.hidden || progress.current.painted >= text.length) {
      progress.current.painted = Math.max(progress.current.painted, document.hidden ? text.length : 0);
      setPainted(progress.current.painted);
      return;
    }
    let frame = 0;
    const paint = (now: number) => {
      const state = progress.current;
      const elapsed = state.at === 0 ? 16 : now - state.at;
      if (elapsed >= paintInterval(latest.current.length) || state.at === 0) {
        state.at = now;
        state.painted = nextPainted(state.painted, latest.current, Math.min(elapsed, 200));
        setPainted(state.painted);
      }
      if (state.painted < latest.current.length) frame = requestAnimationFrame(paint);
      else state.at = 0;
    };
    frame = requestAnimationFrame(paint);
    return () => cancelAnimationFrame(frame);
  }, [text, active]);

  return active && painted < text.length ? text.slice(0, painted) : text;
}
