/** The ways models write maths, brought to the one that the parser knows: `$$`. Code is left alone. */

const CODE = /```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|`[^`\n]*`/;
/** All of a line but white space. The parser takes what stands within one line for maths within a sentence. */
const OWN_LINE = /(?<=(?:^|\n)[ \t]*)\$\$(?!\$)(?<line>[^$\n]+)\$\$[ \t]*(?![^\n])/;
/** Only where it opens: whether and where it is closed is looked up once for all of them. */
const OPENING = /\\(?<opening>[[(])/;
const DOLLAR = /(?<![\\$\w])\$(?![\s$])(?<dollar>[^$\n]*?[^\s$\\])\$(?![\d$\w])/;

const CODE_OR_MATH = [CODE, OWN_LINE, OPENING, DOLLAR].map((pattern) => pattern.source).join("|");

/** Cheap test for the characters that all maths is written with. Prices and shell variables pass it too. */
const hasMathMarks = (markdown: string): boolean =>
  markdown.includes("$") || markdown.includes("\\(") || markdown.includes("\\[");

interface Formula {
  readonly begin: number;
  readonly end: number;
  readonly source: string;
  readonly form: "line" | "brackets" | "inline";
}

/** Finds a string from a place on; as `indexOf`. */
export type FindString = (text: string, wanted: string, from: number) => number;
const findString: FindString = (text, wanted, from) => text.indexOf(wanted, from);

/** The formulas of a text that are not written with bare `$$`. `find` is replaced by tests that count its steps. */
export function* findFormulas(markdown: string, find: FindString = findString): Generator<Formula> {
  const pattern = new RegExp(CODE_OR_MATH, "g");
  // Where the next closing is, so that no stretch without one is searched again for each opening in it.
  const closings = { "\\]": -1, "\\)": -1 };
  const closingFrom = (mark: keyof typeof closings, from: number): number => {
    if (closings[mark] < from) {
      const at = find(markdown, mark, from);
      closings[mark] = at === -1 ? Infinity : at;
    }
    return closings[mark];
  };
  for (let match = pattern.exec(markdown); match !== null; match = pattern.exec(markdown)) {
    const begin = match.index;
    const { line, opening, dollar } = match.groups ?? {};
    if (opening !== undefined) {
      // At least one character is between them.
      const close = closingFrom(opening === "[" ? "\\]" : "\\)", begin + 3);
      if (close === Infinity) continue;
      pattern.lastIndex = close + 2;
      const source = markdown.slice(begin + 2, close);
      yield { begin, end: close + 2, source, form: opening === "[" ? "brackets" : "inline" };
    } else if (line !== undefined || dollar !== undefined) {
      const form = line === undefined ? "inline" : "line";
      yield { begin, end: begin + match[0].length, source: line ?? dollar ?? "", form };
    }
  }
}

/** Whether a formula has begun, so that the maths renderer is loaded only then, and not for a price. */
export function mayHoldMath(markdown: string): boolean {
  if (!hasMathMarks(markdown)) return false;
  return markdown.includes("$$") || findFormulas(markdown).next().done === false;
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
  let line = { begin: 0, seenTo: 0 };
  for (const { begin, end, source, form } of findFormulas(markdown)) {
    const newline = markdown.slice(line.seenTo, begin).lastIndexOf("\n");
    line = { begin: newline === -1 ? line.begin : line.seenTo + newline + 1, seenTo: begin };
    const lead = markdown.slice(line.begin, begin);
    const display = form === "line" || (form === "brackets" && lead.trim() === "");
    normalised += markdown.slice(from, begin);
    normalised += display ? `$$\n${lead}${source.trim()}\n${lead}$$` : `$$${source.trim()}$$`;
    from = end;
  }
  return normalised + markdown.slice(from);
}
