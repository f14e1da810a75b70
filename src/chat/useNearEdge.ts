import { useCallback, useEffect, useRef, type RefObject } from "react";

/** How far beyond the view the next page is loaded. */
const AHEAD = "1600px 0px";

/**
 * A ref for the element at an edge of what is loaded: more is loaded when it comes near the view. It is checked again whenever
 * `loaded` changes, since one page may not fill the distance.
 */
export function useNearEdge(
  scroller: RefObject<HTMLElement | null>,
  loaded: unknown,
  canLoad: boolean,
  load: () => void,
) {
  const observer = useRef<IntersectionObserver | null>(null);
  const latest = useRef({ canLoad, load });
  useEffect(() => {
    latest.current = { canLoad, load };
  });
  return useCallback(
    (element: HTMLElement | null) => {
      observer.current?.disconnect();
      observer.current = null;
      if (element === null) return;
      observer.current = new IntersectionObserver(
        (seen) => {
          if (seen.some((entry) => entry.isIntersecting) && latest.current.canLoad) latest.current.load();
        },
        { root: scroller.current, rootMargin: AHEAD },
      );
      observer.current.observe(element);
    },
    // The observer does not use `loaded`; a change of it calls for a new observer.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [scroller, loaded],
  );
}
