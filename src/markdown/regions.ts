import { weigh } from "./weight.ts";

/** A stretch of markdown, cut at blank lines outside of fenced code. */
export interface Region {
  readonly text: string;
  /** Not to be given to any parser. */
  readonly tooHeavy: boolean;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * Cuts out what is too heavy before anything parses the text: neighbouring paragraphs of one kind are one region. Nothing is lost: joined,
 * the regions are the text. Each character is visited a fixed number of times.
 */
export function toRegions(markdown: string): Region[] {
  const regions: { text: string; tooHeavy: boolean }[] = [];
  for (const paragraph of toParagraphs(markdown)) {
    const tooHeavy = !FENCE.test(paragraph) && weigh(paragraph).tooHeavy;
    const last = regions.at(-1);
    if (last?.tooHeavy === tooHeavy) last.text += paragraph;
    else regions.push({ text: paragraph, tooHeavy });
  }
  return regions;
}

/** Pieces that end with their blank lines; fenced code is one piece. */
export function* toParagraphs(markdown: string): Generator<string> {
  let begin = 0;
  let fence: string | null = null;
  for (let at = 0; at < markdown.length;) {
    const newline = markdown.indexOf("\n", at);
    const end = newline === -1 ? markdown.length : newline + 1;
    const lead = leadOf(markdown, at);
    const head = lead === "text" ? "" : markdown.slice(at, Math.min(end, at + MAX_FENCE));
    const mark = lead === "fence" ? FENCE.exec(head)?.[1] : undefined;
    if (fence !== null) {
      const closes = mark !== undefined && mark.startsWith(fence) && head.trim() === mark;
      if (closes) {
        yield markdown.slice(begin, end);
        begin = end;
        fence = null;
      }
    } else if (mark !== undefined) {
      if (at > begin) yield markdown.slice(begin, at);
      begin = at;
      fence = mark;
    } else if (lead === "blank" && head.trim() === "" && end - at < MAX_FENCE) {
      yield markdown.slice(begin, end);
      begin = end;
    }
    at = end;
  }
  if (begin < markdown.length) yield markdown.slice(begin);
}

/** Characters of a line that are looked at for a fence. */
const MAX_FENCE = 1_000;

/** What a line may be, by its first character: most are neither, and not looked at further. */
function leadOf(text: string, from: number): "fence" | "blank" | "text" {
  let at = from;
  while (text[at] === " " || text[at] === "\t") at++;
  const first = text[at];
  if (first === "`" || first === "~") return "fence";
  return first === "\n" || first === undefined ? "blank" : "text";
}
