/**
 * What a piece of markdown costs the page, known before anything parses it. Markdown, HTML and formulas can be made to cost
 * far more than their length, in parsers that cannot be interrupted; what is too heavy is shown as plain text.
 */

/** Costs of one plain character: a paragraph of everyday text that costs as much is rendered in about 50 ms. */
export const MAX_BLOCK_COST = 40_000;
/** Levels of lists and quotes in each other. */
export const MAX_DEPTH = 24;
/** Brackets or braces within each other, in one line or formula. */
export const MAX_NESTING = 60;
/** Characters without a space, in scripts that have them: libraries look for addresses from each place in such a word. */
export const MAX_WORD = 4_000;
/** Characters of one message that are looked at for markup at all. */
export const MAX_TEXT = 2_000_000;

/** Cost of a character beside its length. Elements cost more than letters, and a link or image most of all. */
const COST: Readonly<Record<string, number>> = {
  "*": 12,
  _: 12,
  "~": 12,
  "`": 8,
  "[": 12,
  "]": 40,
  "!": 2,
  "<": 60,
  "&": 12,
  "\\": 4,
  "|": 20,
  $: 60,
  "@": 20,
};
const COSTS = new Map(Object.entries(COST).map(([mark, cost]) => [mark.charCodeAt(0), cost]));
/** Cost of a line: it may be an item of a list. */
const LINE_COST = 12;
/** Cost of a character within a formula beside its length: each becomes an element or two. */
const FORMULA_COST = 7;
/** Cost of an address without marks around it, which becomes a link. */
const ADDRESS_COST = 60;
/** Cost of a character that joins, stacks or turns round what is beside it. */
const CONTROL_COST = 6;

const NEWLINE = 10;
const SPACE = 32;
const FIRST_COMBINING = 0x300;
const COMBINING_OR_CONTROL = /[\p{M}\u200d\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

export interface Weight {
  readonly cost: number;
  /** Shown as plain text, unless the reader asks for more. */
  readonly tooHeavy: boolean;
}

/** Weighs a block in one pass, which ends where it is known to be too heavy. */
export function weigh(block: string): Weight {
  const formulas = /\$\$|\\[[(]/.test(block);
  const lines = { depth: 0, cost: 0 };
  let cost = 0;
  let word = 0;
  let nesting = 0;
  for (let at = 0; at < block.length; at++) {
    const code = block.charCodeAt(at);
    if (at === 0 || block.charCodeAt(at - 1) === NEWLINE) {
      lines.depth = depthOfLine(block, at);
      cost += LINE_COST;
      if (!formulas) nesting = 0;
    }
    cost += 1 + (COSTS.get(code) ?? 0) + (formulas ? FORMULA_COST : 0);
    if (isOpening(code)) nesting++;
    else if (isClosing(code)) nesting = Math.max(0, nesting - 1);
    word = code > SPACE && code < 127 ? word + 1 : 0;
    if (code === COLON && block.startsWith("://", at)) cost += ADDRESS_COST;
    if (code === DOT && block.startsWith("www.", at - 3)) cost += ADDRESS_COST;
    if (code >= FIRST_COMBINING && COMBINING_OR_CONTROL.test(block.charAt(at))) cost += CONTROL_COST;
    if (cost > MAX_BLOCK_COST || lines.depth > MAX_DEPTH || nesting > MAX_NESTING || word > MAX_WORD) {
      return { cost: MAX_BLOCK_COST, tooHeavy: true };
    }
  }
  return { cost, tooHeavy: false };
}

const COLON = 58;
const DOT = 46;
const isOpening = (code: number) => code === 91 || code === 123 || code === 40;
const isClosing = (code: number) => code === 93 || code === 125 || code === 41;

/** How many lists and quotes the line that begins at `from` may stand in, by its indentation and its marks. */
function depthOfLine(text: string, from: number): number {
  let columns = 0;
  let marks = 0;
  for (let at = from; marks <= MAX_DEPTH; at++) {
    const code = text.charCodeAt(at);
    if (code === SPACE) columns++;
    else if (code === TAB) columns += 4;
    else if (code === GREATER) marks++;
    else if (isBullet(code) && isBlank(text.charCodeAt(at + 1))) marks++;
    else if (isDigit(code) && isDelimiter(text.charCodeAt(at + 1)) && isBlank(text.charCodeAt(at + 2)))
      marks++;
    // Indentation alone is code or a poem.
    else if (!isDigit(code) && !isDelimiter(code)) break;
  }
  return marks === 0 ? 0 : Math.max(marks, Math.ceil(columns / 2));
}

const GREATER = 62;
const TAB = 9;
const isBullet = (code: number) => code === 45 || code === 42 || code === 43;
const isDigit = (code: number) => code >= 48 && code <= 57;
const isDelimiter = (code: number) => code === DOT || code === 41;
const isBlank = (code: number) => code === SPACE || code === 9 || code === NEWLINE;
