/** Which pieces of a text a query means. */

export interface Piece {
  readonly text: string;
  readonly matched: boolean;
}

const wordsOf = (query: string) => query.trim().split(/\s+/).filter(Boolean);

/** Every word of the query begins a word of the text. */
export function matchesQuery(text: string, query: string): boolean {
  const words = wordsOf(text.toLocaleLowerCase());
  return wordsOf(query.toLocaleLowerCase()).every((part) => words.some((word) => word.startsWith(part)));
}

/** The text in pieces; those are `matched` with which a word begins as a word of the query does. */
export function markMatches(text: string, query: string): Piece[] {
  const parts = wordsOf(query).map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  if (parts.length === 0) return [{ text, matched: false }];
  const beginning = new RegExp(`(?<![\\p{L}\\p{N}])(${parts.join("|")})`, "giu");
  // `split` with one group alternates: what is between the matches, and the matches.
  return text
    .split(beginning)
    .map((piece, index) => ({ text: piece, matched: index % 2 === 1 }))
    .filter((piece) => piece.text !== "");
}
