import { useSyncExternalStore } from "react";

const subscribe = (listener: () => void) => {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
};

/** Whether the tab is one that can be looked at. */
export const usePageVisible = (): boolean => useSyncExternalStore(subscribe, () => !document.hidden);
