import { useCallback, useSyncExternalStore } from "react";

export function useMediaQuery(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
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
