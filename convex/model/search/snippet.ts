import { withoutMarks } from "../../shared/plainText";
import { wellFormed } from "../../shared/text";

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
