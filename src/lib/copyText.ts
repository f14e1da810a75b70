/** Puts text into the clipboard; only within a person's gesture. Rejects when the browser does not allow it. */
export async function copyText(text: string): Promise<void> {
  // Absent on plain http from another machine, whatever its type says.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard) await clipboard.writeText(text);
  else copyBySelection(text);
}

/** The way of before the clipboard's interface: what is selected is copied. The focus stays where it is. */
function copyBySelection(text: string): void {
  const selection = getSelection();
  const before = Array.from({ length: selection?.rangeCount ?? 0 }, (_, i) => selection?.getRangeAt(i));
  const holder = document.createElement("span");
  holder.textContent = text;
  // Not to be seen, and not `display: none`, which cannot be selected.
  holder.style.cssText = "position: fixed; clip-path: inset(50%); white-space: pre; user-select: text";
  holder.ariaHidden = "true";
  document.body.append(holder);
  // As it is, without what a selection of a page makes of it: markup, other line ends.
  const put = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData?.setData("text/plain", text);
  };
  document.addEventListener("copy", put, { capture: true });
  try {
    selection?.selectAllChildren(holder);
    // Deprecated, and the only way there is.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    if (!document.execCommand("copy")) throw new Error("The browser did not copy");
  } finally {
    document.removeEventListener("copy", put, { capture: true });
    holder.remove();
    selection?.removeAllRanges();
    for (const range of before) if (range) selection?.addRange(range);
  }
}
