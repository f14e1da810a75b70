import { useEffect, useRef, useState, type RefObject } from "react";
import { flushSync } from "react-dom";
import { slices } from "./slices.ts";

/**
 * Whether something of this cost (see weight.ts) may be rendered in full: at once if there is time, else when its turn has come.
 * Until then the element that `ref` is put on holds its plain form.
 */
export function useTurn<E extends Element>(cost: number): { ready: boolean; ref: RefObject<E | null> } {
  const ref = useRef<E>(null);
  const [ready, setReady] = useState(() => slices.take(cost));
  useEffect(() => {
    if (ready || ref.current === null) return;
    return slices.wait(ref.current, cost, () => flushSync(() => setReady(true)));
  }, [ready, cost]);
  return { ready, ref };
}
