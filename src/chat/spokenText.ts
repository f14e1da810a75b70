/** UTF-16 units of one announcement: nobody listens to more, and a live region that holds a whole book slows the page down. */
const MAX_SPOKEN = 2_000;

/**
 * What is announced of a finished piece of a reply: all of it, or its first sentences (the first words, if one sentence alone is
 * longer) and then `rest`, which says where the others are.
 */
export function spokenPart(piece: string, rest: string): string {
  if (piece.length <= MAX_SPOKEN) return piece;
  const start = piece.slice(0, MAX_SPOKEN);
  const to = finishedLength(start, 0) || start.search(/\s\S*$/u);
  // No space either: at least no character is cut in two.
  const first = to > 0 ? start.slice(0, to) : start.replace(/[\uD800-\uDBFF]$/, "");
  return `${first.trimEnd()} ${rest}`;
}

/** Where the last finished sentence or line after `from` ends; `from` when there is none. */
export function finishedLength(text: string, from: number): number {
  const rest = text.slice(from);
  const ends = [...rest.matchAll(/[.!?…:;。！？](?=\s|$)|\n/gu)];
  const last = ends.at(-1);
  return last === undefined ? from : from + last.index + last[0].length;
}
