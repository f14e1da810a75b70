const FOCUSABLE = ["input", "textarea", "select", "button", "a[href]", "summary", "[tabindex='0']"]
  .map((kind) => `${kind}:not(:disabled)`)
  .join();

function firstIn(node: Node): HTMLElement | null {
  if (!(node instanceof Element) || !node.isConnected) return null;
  const found = node.matches(FOCUSABLE) ? node : node.querySelector(FOCUSABLE);
  return found instanceof HTMLElement ? found : null;
}

/** What has come in the place of what has gone, or else is beside it. */
function successor(changes: readonly MutationRecord[]): HTMLElement | null {
  const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
  for (const node of added) {
    const found = firstIn(node);
    if (found !== null) return found;
  }
  for (const { nextSibling, previousSibling } of changes) {
    for (let node = nextSibling; node !== null; node = node.nextSibling) {
      const found = firstIn(node);
      if (found !== null) return found;
    }
    for (let node = previousSibling; node !== null; node = node.previousSibling) {
      const found = firstIn(node);
      if (found !== null) return found;
    }
  }
  return null;
}

/**
 * For the `ref` of a part whose controls give way to others: somebody who used one by the keyboard goes on at what came in its place, and
 * not at the beginning of the page. A control that was off for a moment gets the focus back.
 */
export function keepFocus(part: HTMLElement | null): (() => void) | undefined {
  if (part === null) return undefined;
  let last: HTMLElement | null = null;
  const onFocusIn = ({ target }: FocusEvent) => {
    last = target instanceof HTMLElement && target !== part ? target : null;
  };
  const onFocusOut = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget instanceof Node && !part.contains(relatedTarget)) last = null;
  };
  const observer = new MutationObserver((changes) => {
    const { activeElement } = document;
    const isNowhere = activeElement === null || activeElement === document.body || activeElement === part;
    if (last === null || !isNowhere) return;
    if (!last.isConnected) {
      (successor(changes) ?? firstIn(part))?.focus();
    } else if (!last.matches(":disabled")) {
      last.focus();
    }
  });
  part.addEventListener("focusin", onFocusIn);
  part.addEventListener("focusout", onFocusOut);
  observer.observe(part, { childList: true, subtree: true, attributeFilter: ["disabled"] });
  return () => {
    observer.disconnect();
    part.removeEventListener("focusin", onFocusIn);
    part.removeEventListener("focusout", onFocusOut);
  };
}
