/** Where the last finished sentence or line after `from` ends; `from` when there is none. */
export function finishedLength(text: string, from: number): number {
  const rest = text.slice(from);
  const ends = [...rest.matchAll(/[.!?…:;。！？](?=\s|$)|\n/gu)];
  const last = ends.at(-1);
  return last === undefined ? from : from + last.index + last[0].length;
}
