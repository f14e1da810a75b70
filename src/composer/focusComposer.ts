export const COMPOSER_ID = "composer";

/** Puts the caret at the end of the message that is being written. */
export function focusComposer() {
  const field = document.getElementById(COMPOSER_ID);
  if (!(field instanceof HTMLTextAreaElement)) return;
  field.focus();
  // After the text that a caller has just put there is painted.
  requestAnimationFrame(() => field.setSelectionRange(field.value.length, field.value.length));
}
