import { useEffect } from "react";
import { runAction } from "./actions.ts";
import { isTextBox, shortcutFor } from "./shortcuts.ts";

export function useShortcuts() {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      const typing = isTextBox(event.target);
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
