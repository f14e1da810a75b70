import { useEffect, useEffectEvent } from "react";
import { isTextBox } from "../app/shortcuts.ts";

/**
 * Escape is for the reply that is being written wherever it is pressed, unless a menu, a dialog or a text box takes it: those mark
 * the event as handled. The composer does so itself.
 */
export function useStopKey(generating: boolean, onEscape: () => void) {
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented && !isTextBox(event.target)) onEscape();
  });
  useEffect(() => {
    if (!generating) return;
    const listening = new AbortController();
    window.addEventListener("keydown", (event) => pressed(event), { signal: listening.signal });
    return () => listening.abort();
  }, [generating]);
}
