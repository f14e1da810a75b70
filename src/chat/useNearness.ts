import { useCallback, useEffect, useRef, type RefObject } from "react";

/** How far beyond the view something still counts as near: further than a flick of the wheel. */
const NEAR = "200% 0px";

/** Is told whether the element is near the view, at first and at each change, with its height. */
export type OnNearness = (near: boolean, height: number) => void;
/** Returns a function that ends the observation. */
export type ObserveNearness = (element: Element, onNearness: OnNearness) => () => void;

/** Tells elements inside `scroller` whether they are near its view: one observer for all of them. */
export function useNearness(scroller: RefObject<HTMLElement | null>): ObserveNearness {
  const observer = useRef<IntersectionObserver | null>(null);
  const listeners = useRef(new Map<Element, OnNearness>());
  useEffect(
    () => () => {
      observer.current?.disconnect();
      observer.current = null;
    },
    [],
  );
  return useCallback(
    (element, onNearness) => {
      const told = listeners.current;
      observer.current ??= new IntersectionObserver(
        (entries) => {
          for (const { target, isIntersecting, boundingClientRect } of entries) {
            told.get(target)?.(isIntersecting, boundingClientRect.height);
          }
        },
        { root: scroller.current, rootMargin: NEAR },
      );
      const { current } = observer;
      told.set(element, onNearness);
      current.observe(element);
      return () => {
        told.delete(element);
        current.unobserve(element);
      };
    },
    [scroller],
  );
}
