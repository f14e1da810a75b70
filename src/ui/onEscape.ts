import type { KeyboardEvent } from "react";

/** For `onKeyDown` of a form that came up in place: Escape closes it, and nothing around it. */
export const onEscape =
  (close: () => void) =>
  (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
