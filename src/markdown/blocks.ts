/**
 * Splits growing markdown into blocks without looking again at what is finished. A full split costs the whole text
 * at each paint; this one keeps all blocks but the last few and splits only from there.
 */

/**
 * Blocks at the end that later text can still change: a paragraph may become a heading by the line under it, a
 * list may swallow what follows a blank line.
 */
const UNSETTLED_BLOCKS = 3;

export type SplitBlocks = (markdown: string) => string[];

/**
 * `split` must be local: cutting its input at a block boundary far enough from the end gives the same blocks. Where
 * that is not so (footnotes make it return one block), the single block is never settled and the split stays whole.
 */
export function createIncrementalSplit(split: SplitBlocks): SplitBlocks {
  let settledText = "";
  let settled: string[] = [];
  return (markdown) => {
    if (!markdown.startsWith(settledText)) {
      settledText = "";
      settled = [];
    }
    const rest = split(markdown.slice(settledText.length));
    const blocks = [...settled, ...rest];
    const finished = rest.slice(0, Math.max(0, rest.length - UNSETTLED_BLOCKS));
    if (finished.length > 0) {
      settled = [...settled, ...finished];
      settledText += finished.join("");
    }
    return blocks;
  };
}
