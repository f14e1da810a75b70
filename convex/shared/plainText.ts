/** What is left of markdown where nothing can be set, or where it is heard: words. Only to be shown or said: code may lose a mark too. In linear time. */
export function withoutMarks(markdown: string): string {
  return (
    markdown
      // Fences of code, and the lines under the heads of tables.
      .replace(/^[ \t]*(?:```|~~~).*$/gm, "")
      .replace(/^[ \t|:-]+$/gm, "")
      // What begins a heading, a quotation, an item.
      .replace(/^[ \t]*(?:#{1,6}|>|[-*+])[ \t]+(?:\[[ xX]\][ \t]+)?/gm, "")
      .replace(/!?\[([^[\]\n]*)\]\([^)\n]{0,2000}\)/g, "$1")
      .replace(/\*\*|__|~~|`/g, "")
      .replace(/(?<![\w*])\*(?=\S)([^*\n]+)\*(?![\w*])/g, "$1")
      .replace(/(?<![ \t])[ \t]*\|[ \t]*/g, " ")
  );
}
