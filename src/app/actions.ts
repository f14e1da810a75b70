import { focusComposer } from "../composer/focusComposer.ts";
import { getPreferences, isDark, setPreferences } from "../preferences/preferences.ts";
import { isNarrow } from "../lib/useMediaQuery.ts";
import { closeOverlay, currentOverlay, openOverlay } from "./overlays.ts";
import { currentRoute, navigate } from "./route.ts";
import type { ShortcutAction } from "./shortcuts.ts";

export type AppAction = ShortcutAction | "toggleTheme" | "archive";

/** Does what a shortcut or a command of the palette names. */
export function runAction(action: AppAction) {
  switch (action) {
    case "palette":
    case "settings":
    case "shortcuts":
      openOverlay(action);
      return;
    case "print":
      // Elsewhere than in a chat, what the page shows is all there is.
      if (currentRoute().kind === "chat") openOverlay("print");
      else window.print();
      return;
    case "newChat":
      closeOverlay();
      navigate({ kind: "newChat" });
      requestAnimationFrame(focusComposer);
      return;
    case "archive":
      closeOverlay();
      navigate({ kind: "archive" });
      return;
    case "sidebar":
      if (isNarrow()) {
        if (currentOverlay() === "drawer") closeOverlay();
        else openOverlay("drawer");
        return;
      }
      closeOverlay();
      setPreferences({ sidebarOpen: !getPreferences().sidebarOpen });
      return;
    case "focusComposer":
      closeOverlay();
      requestAnimationFrame(focusComposer);
      return;
    case "toggleTheme":
      setPreferences({ theme: isDark() ? "light" : "dark" });
      return;
    default:
      action satisfies never;
  }
}
