import type { HighlightResult } from "streamdown";

/** What one token of code looks like: custom properties, so that a change of theme needs no new colouring. */
export interface CodeToken {
  readonly content: string;
  readonly style: Readonly<Record<string, string>>;
}

export interface HighlightRequest {
  readonly id: number;
  /** Which block of code it is: the requests of one that grows have the same. */
  readonly block: number;
  readonly code: string;
  readonly language: string;
  /** More of the block may come: the result is not worth keeping. */
  readonly incomplete: boolean;
}

export interface HighlightResponse extends LineChanges {
  readonly id: number;
  readonly block: number;
}

/** Lines of a block beside those that it had before: a growing block changes at its end. */
export interface LineChanges {
  /** How many lines at the beginning stay as they were. */
  readonly kept: number;
  /** All lines after those. */
  readonly lines: CodeToken[][];
}

/** The lines of the block that was coloured last. The highlighter and the page each keep them, so that only changes go from one to the other. */
export interface LastColoured {
  readonly block: number;
  readonly lines: CodeToken[][];
}

export function changesOf(last: LastColoured | null, block: number, lines: CodeToken[][]): LineChanges {
  const before = last?.block === block ? last.lines : [];
  const changed = lines.findIndex((line, at) => !sameLine(line, before[at] ?? NO_LINE));
  const kept = Math.min(changed === -1 ? lines.length : changed, before.length);
  return { kept, lines: lines.slice(kept) };
}

const NO_LINE: readonly CodeToken[] = [];

/** All lines after `changes`. Lines that were kept are the same objects. */
export const withChanges = (
  last: LastColoured | null,
  block: number,
  { kept, lines }: LineChanges,
): CodeToken[][] => [...(last?.block === block ? last.lines.slice(0, kept) : []), ...lines];

export function toLines({ tokens }: HighlightResult): CodeToken[][] {
  return tokens.map((line) =>
    line.map((token) => {
      const given = token.htmlStyle ?? {};
      const style: Record<string, string> = {};
      const set = (name: string, value: string | undefined) => {
        if (value !== undefined) style[name] = value;
      };
      set("--token-light", given["color"] ?? token.color);
      set("--token-dark", given["--shiki-dark"]);
      set("fontStyle", given["font-style"]);
      set("fontWeight", given["font-weight"]);
      return { content: token.content, style };
    }),
  );
}

/** Coloured lines followed by text that has come since, uncoloured. Lines that stay the same stay the same object. */
export function appendPlain(lines: readonly CodeToken[][], rest: string): CodeToken[][] {
  const [first = "", ...more] = rest.split("\n");
  const last = lines.at(-1) ?? [];
  const plain = (content: string): CodeToken => ({ content, style: {} });
  return [...lines.slice(0, -1), [...last, plain(first)], ...more.map((line) => [plain(line)])];
}

/** Whether two lines look the same: a new colouring makes new objects of all of them. */
export function sameLine(a: readonly CodeToken[], b: readonly CodeToken[]): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every((token, at) => {
        const other = b[at];
        return (
          other !== undefined &&
          token.content === other.content &&
          token.style["--token-light"] === other.style["--token-light"] &&
          token.style["fontStyle"] === other.style["fontStyle"] &&
          token.style["fontWeight"] === other.style["fontWeight"]
        );
      }))
  );
}
