import { isTextBox } from "../app/shortcuts.ts";

/** ms without wheel, touch, key or pointer events after which a gesture is over. */
const GESTURE_MS = 180;

const SCROLL_KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "]);

/** Whether the reader is moving the view by hand: scroll events alone don't say who caused them. */
export interface ReaderGesture {
  readonly isActive: () => boolean;
  /** A finger or a mouse button is down on the view. */
  readonly isPressed: () => boolean;
  /** The gesture goes on, e.g. by momentum, and so ends later. */
  readonly extend: () => void;
  readonly stop: () => void;
}

interface GestureEvents {
  /** The wheel turned up: known before the scroll event, so that the next frame doesn't pull back. */
  readonly onWheelUp: () => void;
  readonly onEnd: () => void;
}

/** Watches the reader's input on `view` until `stop`. */
export function watchGestures(view: HTMLElement, { onWheelUp, onEnd }: GestureEvents): ReaderGesture {
  const listening = new AbortController();
  let activeUntil = 0;
  let pressed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const extend = () => {
    activeUntil = performance.now() + GESTURE_MS;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!pressed) onEnd();
    }, GESTURE_MS);
  };
  const release = () => {
    if (!pressed) return;
    pressed = false;
    extend();
  };

  const passive = { passive: true, signal: listening.signal };
  view.addEventListener(
    "wheel",
    (event) => {
      extend();
      if (event.deltaY < 0) onWheelUp();
    },
    passive,
  );
  view.addEventListener("touchmove", extend, passive);
  view.addEventListener("pointerdown", () => void (pressed = true), passive);
  window.addEventListener("pointerup", release, passive);
  window.addEventListener("pointercancel", release, passive);
  window.addEventListener(
    "keydown",
    ({ key, target }) => {
      if (SCROLL_KEYS.has(key) && !isTextBox(target)) extend();
    },
    passive,
  );

  return {
    isActive: () => pressed || performance.now() < activeUntil,
    isPressed: () => pressed,
    extend,
    stop: () => {
      listening.abort();
      clearTimeout(timer);
    },
  };
}
