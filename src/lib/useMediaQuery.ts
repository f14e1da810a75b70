import { useCallback, useMemo, useSyncExternalStore } from "react";

export function useMediaQuery(query: string): boolean {
  // Kept: components ask at each rendering, which may be at each key press.
  const list = useMemo(() => window.matchMedia(query), [query]);
  const subscribe = useCallback(
    (listener: () => void) => {
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [list],
  );
  return useSyncExternalStore(subscribe, () => list.matches);
}

/** The width under which the list of chats is a drawer; the same figure stands in app/Frame.module.css. */
const NARROW = "(max-width: 55.99rem)";
export const useIsNarrow = () => useMediaQuery(NARROW);
/** The same outside components, at this moment. */
export const isNarrow = (): boolean => window.matchMedia(NARROW).matches;

/** Asked for at each frame, so the list is kept. */
let reducedMotion: MediaQueryList | undefined;
export const prefersReducedMotion = (): boolean =>
  (reducedMotion ??= window.matchMedia("(prefers-reduced-motion: reduce)")).matches;
