/** The ways models write maths, brought to the one that the parser knows: `$$`. Code is left alone. */

const CODE = /```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`/;
/** All of a line but white space. The parser takes what stands within one line for maths within a sentence. */
const OWN_LINE = /(?<=(?:^|\n)[ \t]*)\$\$(?!\$)(?<line>[^$\n]+)\$\$[ \t]*(?![^\n])/;
const BRACKETS = /\\\[(?<brackets>[\s\S]+?)\\\]/;
const PARENTHESES = /\\\((?<parentheses>[\s\S]+?)\\\)/;
const DOLLAR = /(?<![\\$\w])\$(?![\s$])(?<dollar>[^$\n]*?[^\s$\\])\$(?![\d$\w])/;

const CODE_OR_MATH = new RegExp(
  [CODE, OWN_LINE, BRACKETS, PARENTHESES, DOLLAR].map((pattern) => pattern.source).join("|"),
  "g",
);

/** Cheap test for the characters that all maths is written with. Prices and shell variables pass it too. */
const hasMathMarks = (markdown: string): boolean =>
  markdown.includes("$") || markdown.includes("\\(") || markdown.includes("\\[");

/** Whether a formula has begun, so that the maths renderer is loaded only then, and not for a price. */
export function mayHoldMath(markdown: string): boolean {
  if (!hasMathMarks(markdown)) return false;
  if (markdown.includes("$$")) return true;
  for (const { groups } of markdown.matchAll(CODE_OR_MATH)) {
    const { line, brackets, parentheses, dollar } = groups ?? {};
    if ((line ?? brackets ?? parentheses ?? dollar) !== undefined) return true;
  }
  return false;
}

/**
 * `\[…\]`, `\(…\)` and `$…$` become `$$…$$`; on lines of its own where `\[` begins a line, or `$$…$$` is one. A single
 * dollar counts only when nothing blank stands just inside it and no digit follows, so that prices ("$5 and $10") stay
 * prices.
 */
export function normaliseMath(markdown: string): string {
  if (!hasMathMarks(markdown)) return markdown;
  let normalised = "";
  let from = 0;
  for (const match of markdown.matchAll(CODE_OR_MATH)) {
    const { line, brackets, parentheses, dollar } = match.groups ?? {};
    const formula = line ?? brackets ?? parentheses ?? dollar;
    if (formula === undefined) continue;
    const lead = markdown.slice(markdown.lastIndexOf("\n", match.index - 1) + 1, match.index);
    const display = line !== undefined || (brackets !== undefined && lead.trim() === "");
    normalised += markdown.slice(from, match.index);
    normalised += display ? `$$\n${lead}${formula.trim()}\n${lead}$$` : `$$${formula.trim()}$$`;
    from = match.index + match[0].length;
  }
  return normalised + markdown.slice(from);
}
