/** The ways models write maths, brought to the one that the parser knows: `$$`. Code is left alone. */

const CODE_OR_MATH =
  /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`)|\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)|(?<![\\$\w])\$(?![\s$])([^$\n]*?[^\s$\\])\$(?![\d$\w])/g;

/** Cheap test for "could hold maths", so that the maths renderer is loaded only then. */
export function mayHoldMath(markdown: string): boolean {
  return markdown.includes("$") || markdown.includes("\\(") || markdown.includes("\\[");
}

/**
 * `\[…\]`, `\(…\)` and `$…$` become `$$…$$`; on lines of its own where `\[` begins a line. A single dollar counts
 * only when nothing blank stands just inside it and no digit follows, so that prices ("$5 and $10") stay prices.
 */
export function normaliseMath(markdown: string): string {
  if (!mayHoldMath(markdown)) return markdown;
  return markdown.replace(
    CODE_OR_MATH,
    (whole: string, code?: string, display?: string, inline?: string, dollar?: string, offset?: number) => {
      if (code !== undefined) return whole;
      const lineStart = markdown.lastIndexOf("\n", (offset ?? 0) - 1) + 1;
      const ownLine = markdown.slice(lineStart, offset).trim() === "";
      if (display !== undefined && ownLine) return `$$\n${display.trim()}\n$$`;
      return `$$${(display ?? inline ?? dollar ?? "").trim()}$$`;
    },
  );
}
