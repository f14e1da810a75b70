/**
 * Even painting of text that arrives in steps. Data is never delayed: what is known is kept whole and only its
 * painting lags, by less than about `CATCH_UP_MS`, and what was once painted is never painted again.
 */

/** ms in which a backlog is painted: about two flushes of the server, so that steady input looks steady. */
const CATCH_UP_MS = 220;
/** Characters per ms at least, so that the last few do not crawl. */
const MIN_RATE = 0.06;
/** Characters: beyond this the text is shown at once (a tab that slept, a very fast model). */
const MAX_BACKLOG = 3_000;

/** How many characters of `text` to show, `elapsedMs` after `painted` of them were shown. */
export function nextPainted(painted: number, text: string, elapsedMs: number): number {
  const backlog = text.length - painted;
  if (backlog <= 0) return text.length;
  if (backlog > MAX_BACKLOG) return text.length;
  const step = Math.max(1, Math.round(Math.max(MIN_RATE, backlog / CATCH_UP_MS) * elapsedMs));
  return wholeCharacter(text, Math.min(text.length, painted + step));
}

/** Never cuts a surrogate pair in two. */
function wholeCharacter(text: string, length: number): number {
  const last = text.charCodeAt(length - 1);
  return last >= 0xd800 && last <= 0xdbff && length < text.length ? length + 1 : length;
}
