import { wellFormed } from "../shared/text";

/** Characters of a hit's text, and how many of them come before the word that was found. */
const SNIPPET_CHARS = 160;
const SNIPPET_LEAD = 40;

/** The text around the first place where a word of the query stands, on one line, without marks of markdown. */
export function snippet(markdown: string, query: string): string {
  const text = withoutMarks(markdown).replace(/\s+/g, " ").trim();
  const lower = text.toLowerCase();
  const places = query
    .toLowerCase()
    .split(/\s+/)
    .map((word) => lower.indexOf(word))
    .filter((place) => place >= 0);
  const from = Math.max(0, Math.min(...places, text.length) - SNIPPET_LEAD);
  const start = places.length === 0 ? 0 : from;
  const cut = wellFormed(text.slice(start, start + SNIPPET_CHARS));
  return `${start > 0 ? "…" : ""}${cut}${start + SNIPPET_CHARS < text.length ? "…" : ""}`;
}

/** What is left of markdown where nothing can be set: words. Only for display: code may lose a mark too. */
function withoutMarks(markdown: string): string {
  return (
    markdown
      // Fences of code, and the lines under the heads of tables.
      .replace(/^[ \t]*(?:```|~~~).*$/gm, "")
      .replace(/^[ \t|:-]+$/gm, "")
      // What begins a heading, a quotation, an item.
      .replace(/^[ \t]*(?:#{1,6}|>|[-*+])[ \t]+(?:\[[ xX]\][ \t]+)?/gm, "")
      .replace(/!?\[([^\]\n]*)\]\([^)\n]*\)/g, "$1")
      .replace(/\*\*|__|~~|`/g, "")
      .replace(/(?<![\w*])\*(?=\S)([^*\n]+)\*(?![\w*])/g, "$1")
      .replace(/[ \t]*\|[ \t]*/g, " ")
  );
}
