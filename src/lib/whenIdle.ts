/** ms: where the browser cannot tell when it has nothing to do (Safari). */
const SOON_MS = 500;

/** Calls back once, when the page has nothing else to do. */
export function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(work);
  else setTimeout(work, SOON_MS);
}
