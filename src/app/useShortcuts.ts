import { useEffect } from "react";
import { runAction } from "./actions.ts";
import { shortcutFor } from "./shortcuts.ts";

const TYPING = "input, textarea, select, [contenteditable]";

export function useShortcuts() {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      const typing = event.target instanceof Element && event.target.closest(TYPING) !== null;
      const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
      const action = shortcutFor({ key, ctrlKey, metaKey, shiftKey, altKey, typing });
      if (action === null) return;
      event.preventDefault();
      runAction(action);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
