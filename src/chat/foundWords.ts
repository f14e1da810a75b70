import { createStore } from "../lib/store.ts";

/** When a message is opened from search results, the words searched for are highlighted in it for a moment. */
export const searchedFor = createStore("");

/** ms for which the highlights stay: long enough to be spotted. */
const MARKED_MS = 6_000;
/** Named in base.css. */
const HIGHLIGHT = "found";

/** The ranges in `root` of words that begin with one of `words`. */
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

/** Highlights the words searched for in a turn, including text rendered later. Returns a function that removes the highlights. */
export function markFoundWords(turn: Element): () => void {
  const query = searchedFor.get();
  searchedFor.set("");
  // Older browsers highlight only the turn.
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
