/** Characters of a text that are laid out together. */
const CHUNK_CHARS = 4_000;

/**
 * Cuts a long text where its lines end, or if they don't, at a space or anywhere between two characters: pieces of at most
 * `CHUNK_CHARS`. A text that grows is cut in the same places.
 */
export function toChunks(text: string): string[] {
  if (text.length <= CHUNK_CHARS) return [text];
  const chunks: string[] = [];
  for (let from = 0; from < text.length;) {
    const to = from + CHUNK_CHARS >= text.length ? text.length : cutBefore(text, from, from + CHUNK_CHARS);
    chunks.push(text.slice(from, to));
    from = to;
  }
  return chunks;
}

function cutBefore(text: string, from: number, to: number): number {
  const piece = text.slice(from, to);
  for (const mark of ["\n", " "]) {
    const at = piece.lastIndexOf(mark);
    if (at !== -1) return from + at + 1;
  }
  const last = text.charCodeAt(to - 1);
  return last >= 0xd800 && last <= 0xdbff ? to - 1 : to;
}
