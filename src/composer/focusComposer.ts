export const COMPOSER_ID = "composer";

/**
 * For a press of what then disappears: the next key is for the composer. Where one presses with a finger, a keyboard on the screen would
 * cover what comes.
 */
export function goOnWriting() {
  if (window.matchMedia("(pointer: fine)").matches) document.getElementById(COMPOSER_ID)?.focus();
}

/** Puts the caret at the end of the message that is being written. */
export function focusComposer() {
  const field = document.getElementById(COMPOSER_ID);
  if (!(field instanceof HTMLTextAreaElement)) return;
  field.focus();
  // After the text that a caller has just put there is painted.
  requestAnimationFrame(() => field.setSelectionRange(field.value.length, field.value.length));
}
