/** Where a selection begins and ends, as the person made it. */
type Ends = Pick<Selection, "anchorNode" | "anchorOffset" | "focusNode" | "focusOffset">;

/** Whether the text before an end of the selection is still what it was. */
function isBefore(node: Node, { target, oldValue }: MutationRecord, offset: number): boolean {
  return target !== node || (node.nodeValue ?? "").startsWith((oldValue ?? "").slice(0, offset));
}

/**
 * Keeps what is selected in `part` while text grows: a text whose characters are set anew takes the ends of a selection in it back to its
 * beginning, though only its end is new. Returns a function that lets go.
 */
export function keepSelection(part: HTMLElement): () => void {
  let kept: Ends | null = null;

  const restore = (changes: readonly MutationRecord[]) => {
    const selection = document.getSelection();
    if (kept === null || selection === null) return;
    const { anchorNode, anchorOffset, focusNode, focusOffset } = kept;
    // Somebody else may have moved it meanwhile, to another text.
    if (anchorNode === null || focusNode === null) return;
    if (selection.anchorNode !== anchorNode || selection.focusNode !== focusNode) return;
    const isMoved = selection.anchorOffset !== anchorOffset || selection.focusOffset !== focusOffset;
    const isSame = changes.every(
      (change) => isBefore(anchorNode, change, anchorOffset) && isBefore(focusNode, change, focusOffset),
    );
    if (isMoved && isSame) selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
  };
  const observer = new MutationObserver(restore);

  const onSelection = () => {
    const selection = document.getSelection();
    const isHere =
      selection !== null && (part.contains(selection.anchorNode) || part.contains(selection.focusNode));
    if (!isHere || selection.isCollapsed) {
      kept = null;
      observer.disconnect();
      return;
    }
    const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
    if (kept === null) observer.observe(part, { subtree: true, characterDataOldValue: true });
    kept = { anchorNode, anchorOffset, focusNode, focusOffset };
  };
  document.addEventListener("selectionchange", onSelection);
  return () => {
    document.removeEventListener("selectionchange", onSelection);
    observer.disconnect();
  };
}
