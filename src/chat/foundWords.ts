import { createStore } from "../lib/store.ts";

/** What was searched for when a message was opened from the results; its words are marked there for a moment. */
export const searchedFor = createStore("");

/** ms that the marks stay: long enough to be found by eye. */
const MARKED_MS = 6_000;
/** Named in base.css. */
const HIGHLIGHT = "found";

/** The ranges of `root` that hold a word which begins as one of `words` does. */
function rangesOf(root: Element, query: string): Range[] {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const escaped = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})`, "giu");
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const ranges: Range[] = [];
  while (texts.nextNode() !== null) {
    for (const match of (texts.currentNode.nodeValue ?? "").matchAll(pattern)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, match.index);
      range.setEnd(texts.currentNode, match.index + match[0].length);
      ranges.push(range);
    }
  }
  return ranges;
}

/** Marks the words that were searched for in a turn, also in text that is rendered later. Returns what takes the marks away. */
export function markFoundWords(turn: Element): () => void {
  const query = searchedFor.get();
  searchedFor.set("");
  // Older browsers mark the turn alone.
  if (query === "" || typeof Highlight === "undefined") return () => undefined;
  const mark = () => void CSS.highlights.set(HIGHLIGHT, new Highlight(...rangesOf(turn, query)));
  const observer = new MutationObserver(mark);
  observer.observe(turn, { childList: true, subtree: true, characterData: true });
  mark();
  const stop = () => {
    clearTimeout(timer);
    observer.disconnect();
    CSS.highlights.delete(HIGHLIGHT);
  };
  const timer = setTimeout(stop, MARKED_MS);
  return stop;
}
