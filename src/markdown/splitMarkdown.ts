import { parseMarkdownIntoBlocks } from "streamdown";
import type { SplitBlocks } from "./blocks.ts";
import { toParagraphs, toRegions } from "./regions.ts";
import { MAX_BLOCK_COST, MAX_TEXT, weigh } from "./weight.ts";

/** Blocks of a text that are rendered one by one; beyond, neighbours are put together, so that their number stays small. */
const MAX_SINGLE_BLOCKS = 300;
/** Characters of blocks that were put together. */
const JOINED_CHARS = 2_000;
/** Characters of a text that are split by the parser's own rules; what follows is only cut between paragraphs. */
const MAX_PARSED_SPLIT = 32_000;
/** Characters of a formula between `$$` that may hold blank lines. */
const MAX_OPEN_FORMULA = 10_000;

/**
 * Splits markdown into blocks that can be rendered apart. What is too heavy to be parsed is a block of its own. Joined, the blocks are
 * the text; the time it takes grows with its length alone.
 */
export const splitMarkdown: SplitBlocks = (markdown) => {
  if (markdown.length > MAX_TEXT) return [markdown];
  return toRegions(markdown).flatMap(({ text, tooHeavy }) => (tooHeavy ? [text] : splitLight(text)));
};

function splitLight(text: string): string[] {
  if (text.length <= MAX_PARSED_SPLIT) return splitParsed(text);
  const [head = "", ...rest] = cutBetweenParagraphs(text, MAX_PARSED_SPLIT, JOINED_CHARS);
  return [...splitParsed(head), ...rest];
}

/** Cuts where a paragraph begins that continues nothing, once a piece has its length; soon after, at any paragraph. */
function cutBetweenParagraphs(text: string, firstChars: number, chars: number): string[] {
  const pieces: string[] = [];
  let open = "";
  for (const paragraph of toParagraphs(text)) {
    const wanted = pieces.length === 0 ? firstChars : chars;
    if (open.length >= wanted && (!CONTINUES.test(paragraph) || open.length >= wanted + MAX_OVERHANG)) {
      pieces.push(open);
      open = "";
    }
    open += paragraph;
  }
  return open === "" ? pieces : [...pieces, open];
}

/** A paragraph that may belong to a list or an element above it. */
const CONTINUES = /^(?:[ \t]|[-*+>]|\d+[.)]|<)/;
/** Characters that a piece may be longer to keep a list whole. */
const MAX_OVERHANG = 4_000;

/** `blocks`, of which those after the first few hundred are put together by neighbours. A growing text's are put together alike. */
export function joinMany(blocks: readonly string[]): readonly string[] {
  if (blocks.length <= MAX_SINGLE_BLOCKS) return blocks;
  const joined = blocks.slice(0, MAX_SINGLE_BLOCKS);
  let open = "";
  for (const block of blocks.slice(MAX_SINGLE_BLOCKS)) {
    open += block;
    if (open.length < JOINED_CHARS) continue;
    joined.push(open);
    open = "";
  }
  return open === "" ? joined : [...joined, open];
}

function splitParsed(text: string): string[] {
  const blocks = splitMasked(text, maskFormulas);
  // Footnotes and definitions of links make one block of a text. If that is too much, they are left as they are written.
  const linked = blocks.length === 1 && text.length > MAX_BLOCK_COST / 8 && weigh(text).tooHeavy;
  return joinFormulas(linked ? splitMasked(text, (part) => maskLinks(maskFormulas(part))) : blocks);
}

/** Stands for a mark that the splitter shall not see: a letter, so that all else stays what it is. */
const MASK = "\u00a4";
/** The splitter counts dollars again for each block that it joins. */
const maskFormulas = (text: string) => text.replaceAll("$$", MASK + MASK);
const maskLinks = (text: string) => text.replaceAll("[^", `[${MASK}`).replaceAll("]:", `]${MASK}`);

/** Splits what `mask` makes of a text, which keeps its length, and cuts the text where that was cut. */
function splitMasked(text: string, mask: (text: string) => string): string[] {
  const masked = parseMarkdownIntoBlocks(mask(text));
  const length = masked.reduce((sum, block) => sum + block.length, 0);
  if (length !== text.length) return parseMarkdownIntoBlocks(text);
  let at = 0;
  return masked.map((block) => text.slice(at, (at += block.length)));
}

/** A formula between `$$` that holds blank lines is one block. */
function joinFormulas(blocks: readonly string[]): string[] {
  const joined: string[] = [];
  let open = false;
  let length = 0;
  for (const block of blocks) {
    const isCode = /^ {0,3}(```|~~~)/.test(block);
    const last = joined.at(-1);
    if (last !== undefined && open && !isCode && length < MAX_OPEN_FORMULA)
      joined[joined.length - 1] = last + block;
    else {
      joined.push(block);
      open = false;
      length = 0;
    }
    length += block.length;
    if (!isCode && countFormulaMarks(block) % 2 === 1) open = !open;
  }
  return joined;
}

const countFormulaMarks = (block: string): number => block.split("$$").length - 1;
