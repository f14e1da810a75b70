const FOCUSABLE = ["input", "textarea", "select", "button", "a[href]", "summary", "[tabindex='0']"]
  .map((kind) => `${kind}:not(:disabled)`)
  .join();

function firstIn(node: Node): HTMLElement | null {
  if (!(node instanceof HTMLElement) || !node.isConnected) return null;
  return node.matches(FOCUSABLE) ? node : node.querySelector<HTMLElement>(FOCUSABLE);
}

/** Where a form begins that has come up: not at its Cancel, where it has nothing to fill in. */
const startOf = (node: Node): HTMLElement | null =>
  (node instanceof HTMLFormElement && node.isConnected
    ? (node.querySelector<HTMLElement>("input, textarea, select") ??
      node.querySelector<HTMLElement>("[type=submit]"))
    : null) ?? firstIn(node);

const nameOf = (control: HTMLElement) => control.getAttribute("aria-label") ?? control.textContent;

/**
 * What has come in the place of what has gone, or else is beside it. `openedBy`: the name of what gave way before, which may be back:
 * a form that is closed leads to the button that opened it.
 */
function successor(changes: readonly MutationRecord[], openedBy: string | null): HTMLElement | null {
  const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
  for (const node of added) {
    if (!(node instanceof HTMLElement)) continue;
    const controls = [node, ...node.querySelectorAll<HTMLElement>(FOCUSABLE)];
    const back = controls.find((control) => control.matches(FOCUSABLE) && nameOf(control) === openedBy);
    if (back?.isConnected === true) return back;
  }
  for (const node of added) {
    const found = startOf(node);
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
  let openedBy: string | null = null;
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
      const gone = nameOf(last);
      const next = successor(changes, openedBy) ?? firstIn(part) ?? part.closest<HTMLElement>("[tabindex]");
      openedBy = gone;
      next?.focus();
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
