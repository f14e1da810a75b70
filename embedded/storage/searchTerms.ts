/**
 * How text is split into the terms of a search index, as Convex does it (Tantivy's default): at everything that
 * is neither letter nor digit, in lower case, and without words that are longer than people search for.
 */

/** Bytes of UTF-8. Longer words are not indexed. */
const MAX_TERM_BYTES = 32;
/** Further words of a search are not looked at. */
const MAX_QUERY_TERMS = 16;

export function splitTerms(text: string): string[] {
  const words = text.match(/[\p{Alphabetic}\p{Number}]+/gu) ?? [];
  return words.filter((word) => Buffer.byteLength(word) <= MAX_TERM_BYTES).map((word) => word.toLowerCase());
}

/** The terms of what somebody searches for. The last one is also taken as the beginning of a word. */
export function splitQuery(text: string): { terms: string[]; prefix: string | null } {
  const terms = splitTerms(text).slice(0, MAX_QUERY_TERMS);
  const prefix = terms.at(-1) ?? null;
  return { terms: [...new Set(terms.slice(0, -1))], prefix };
}
