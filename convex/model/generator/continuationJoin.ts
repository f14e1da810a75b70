/**
 * Joins what a model says when it is asked to go on to what was there. Models are told to repeat nothing and often do: the word that was cut, its
 * line, the last sentences, the mark that opens a code block. Such a beginning is dropped while it streams.
 *
 * Text is held back only while it is the same as something at the end of what was there; the first character that differs decides. A
 * beginning that may be meant is kept: a doubled word can be seen and a missing one cannot.
 */

/** Characters at the end of what was there that are looked for. */
const MAX_REPEATED = 2_000;

/**
 * Letters and digits that a repetition has at least, wherever it begins. Ideographs and kana say more each; so do syllables of Hangul, and
 * letters of scripts that count their vowels as marks.
 */
const MIN_LETTERS = 16;
const MIN_IDEOGRAPHS = 4;
const MIN_SYLLABLES = 8;

/** The same where it leads into the word that was cut, and where the whole cut line is repeated and goes on. */
const MIN_LETTERS_INTO_WORD = 4;
const MIN_LINE_LETTERS = 2;

/** Of the cut line where its code block was opened once more: what follows is likely to begin with that line, also with the whole of it. */
const MIN_FENCED_LETTERS = 1;
const MIN_FENCED_LINE_LETTERS = 4;

/** Of the cut word alone: where the model goes on within the word, and where it does not. */
const MIN_WORD_START = 2;
const MIN_WORD = 3;

const BEGINS_WITH_LETTER = /^[\p{L}\p{N}\p{M}_]/u;
/** "haha", "哈哈": more of it may be meant. */
const PERIODIC = /^(.+?)\1+$/su;
const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;
const SYLLABLES =
  /[\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Devanagari}]/gu;
/** An item of a list without a word yet; one with words; one with a number, of which there are no two. */
const LIST_MARK = /^(?:[-*+]|\d+[.)]) +$/;
const LIST_ITEM = /^(?:[-*+]|\d+[.)]) +[\p{L}\p{N}]/u;
const NUMBERED_ITEM = /^\d+[.)] +[\p{L}\p{N}]/u;
/** Words of other scripts are not told apart by spaces. */
const SPACED_WORD_END =
  /(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{N}\p{M}_])+$/u;

/** The mark that opens a code block, with its language and the end of its line; and the beginning of one. */
const OPENING_FENCE = /^\s*(?:`{3,}|~{3,})[ \t]*([\w+#.-]+)[^\n`]*\n/;
const OPENING_FENCE_BEGUN = /^\s*(?:`{0,2}|~{0,2}|(?:`{3,}|~{3,})[ \t]*(?:[\w+#.-][^\n`]*)?)$/;

const lettersIn = (text: string): number => text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
const countIn = (text: string, letters: RegExp): number => text.match(letters)?.length ?? 0;

/** A line that may become the mark that opens a code block, and what says that it is made once more. */
const CUT_FENCE = /^ {0,3}(?:`+|~+)[\w+#.-]*$/;
const MARK = /^(?:`{3,}|~{3,})/;
const MARK_BEGUN = /^(?:`{1,2}|~{1,2})$/;

/** The code block in which this text ends. */
function openBlock(text: string): { mark: string; language: string } | null {
  let open: { mark: string; language: string } | null = null;
  for (const line of text.split("\n")) {
    const [, mark, rest = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (mark === undefined) continue;
    if (open === null) open = { mark, language: rest.trim().split(/\s/)[0] ?? "" };
    else if (mark.startsWith(open.mark) && rest.trim() === "") open = null;
  }
  return open;
}

export class ContinuationJoin {
  #held = "";
  #isOver = false;
  /** Of a code block that is open and might be opened once more. */
  #language: string | null;
  /** It was opened once more. */
  #isReopened = false;
  readonly #end: string;
  /** Does the answer begin where `#end` does? */
  readonly #isWhole: boolean;
  readonly #cutLine: string;
  readonly #isFenceCut: boolean;

  /** `before`: what was there, or the end of it. */
  constructor(before: string) {
    this.#end = before.slice(-MAX_REPEATED);
    this.#isWhole = this.#end.length === before.length;
    const lineAt = before.lastIndexOf("\n") + 1;
    this.#cutLine = before.slice(lineAt);
    this.#isFenceCut = CUT_FENCE.test(this.#cutLine) && openBlock(before.slice(0, lineAt)) === null;
    // Of a block without a language its beginning may be an end.
    this.#language = this.#isFenceCut ? null : openBlock(before)?.language || null;
  }

  /** What of the text so far is new; "" while that cannot be told. */
  push(text: string): string {
    if (this.#isOver) return text;
    this.#held += text;
    this.#dropFence();
    if (this.#isUndecided()) return "";
    return this.end();
  }

  /** What is still held, without what is repeated. */
  end(): string {
    if (this.#isOver) return "";
    this.#isOver = true;
    const rest = this.#held.slice(this.#repeated());
    this.#held = "";
    return rest;
  }

  /** In a code block that was not closed, one that is opened is the same. */
  #dropFence(): void {
    if (this.#language === null) return;
    const [fence, language] = OPENING_FENCE.exec(this.#held) ?? [];
    if (fence === undefined && OPENING_FENCE_BEGUN.test(this.#held)) return;
    if (fence !== undefined && language === this.#language) {
      this.#held = this.#held.slice(fence.length);
      this.#isReopened = true;
    }
    this.#language = null;
  }

  #isUndecided(): boolean {
    if (this.#language !== null) return true;
    const said = this.#held.trimStart();
    if (said === "" || (this.#isFenceCut && MARK_BEGUN.test(said))) return true;
    for (let from = this.#end.indexOf(said); from !== -1; from = this.#end.indexOf(said, from + 1)) {
      // As it is at its very end, the next character tells whether the cut word goes on.
      if (this.#mayBegin(from)) return true;
    }
    return false;
  }

  /** Could a repetition begin here? Not within a word. */
  #mayBegin(from: number): boolean {
    return !SPACED_WORD_END.test(this.#end.slice(0, from)) || !BEGINS_WITH_LETTER.test(this.#end.slice(from));
  }

  /** How many characters at the beginning of what is held were there already. */
  #repeated(): number {
    const said = this.#held.trimStart();
    const blank = this.#held.length - said.length;
    const line = this.#repeatedMark(said);
    if (line !== null) return line;
    for (let length = Math.min(said.length, this.#end.length); length > 0; length--) {
      const overlap = said.slice(0, length);
      if (!this.#end.endsWith(overlap)) continue;
      const from = this.#end.length - length;
      if (!this.#mayBegin(from)) continue;
      if (blank === 0 && this.#isCutWord(overlap, said.slice(length))) return length;
      const space = this.#held.slice(0, blank);
      if (this.#isRepetition(overlap, from, said.slice(length))) return blank + length;
      if (this.#isCutLine(overlap, from, { space, rest: said.slice(length) })) return blank + length;
    }
    return 0;
  }

  /** A cut line without words: "- " and then "- Milk"; a mark of code; the indentation with which a block goes on that is opened once more. */
  #repeatedMark(said: string): number | null {
    const line = this.#cutLine;
    const blank = this.#held.length - said.length;
    if (this.#isFenceCut) {
      const mark = line.trimStart();
      return MARK.test(said) && said.startsWith(mark) ? blank + mark.length : null;
    }
    if (LIST_MARK.test(line.trimStart())) {
      return said.startsWith(line.trimStart()) ? blank + line.trimStart().length : null;
    }
    const isIndentation = this.#isReopened && line.trim() === "" && line.length === blank;
    return isIndentation && this.#held.startsWith(line) ? blank : null;
  }

  /** The word that was cut, begun once more: "bro" and then "brown". After a space it is another word. */
  #isCutWord(overlap: string, rest: string): boolean {
    if (SPACED_WORD_END.exec(this.#end)?.[0] !== overlap || /^\d+$/.test(overlap)) return false;
    return lettersIn(overlap) >= (BEGINS_WITH_LETTER.test(rest) ? MIN_WORD_START : MIN_WORD);
  }

  /** Long enough to be no accident, and nothing that was there twice already, like rows of a table or closing brackets. */
  #isRepetition(overlap: string, from: number, rest: string): boolean {
    if (this.#isAmongEqual(overlap, from)) return false;
    const letters = lettersIn(overlap);
    if (letters >= MIN_LETTERS || countIn(overlap, IDEOGRAPHS) >= MIN_IDEOGRAPHS) return true;
    if (countIn(overlap, SYLLABLES) >= MIN_SYLLABLES) return true;
    const goesOn = SPACED_WORD_END.test(this.#end) && BEGINS_WITH_LETTER.test(rest);
    return goesOn && /\s/.test(overlap) && letters >= MIN_LETTERS_INTO_WORD;
  }

  #isAmongEqual(overlap: string, from: number): boolean {
    return this.#end.slice(0, from).trimEnd().endsWith(overlap.trim()) || PERIODIC.test(overlap);
  }

  /** The whole line that was cut, said once more. `space`: what was said before it. */
  #isCutLine(overlap: string, from: number, { space, rest }: { space: string; rest: string }): boolean {
    if (this.#isAmongEqual(overlap, from)) return false;
    const before = this.#end.slice(0, from);
    const isLineStart = /\n[ \t]*$/.test(before) || (before === "" && this.#isWhole);
    if (!isLineStart || overlap.includes("\n") || rest === "") return false;
    const letters = lettersIn(overlap);
    const isSameSpace = space === /[ \t]*$/.exec(before)?.[0];
    // "Bye" and then " Bye, dear".
    if (!isSameSpace && !space.includes("\n") && space !== "" && !/\s/.test(overlap)) return false;
    if (/^\s*\n/.test(rest)) {
      if (this.#isReopened) return letters >= MIN_FENCED_LINE_LETTERS;
      // What comes after a whole line begins with its end, or it is the line itself; two equal lines may be meant.
      return (isSameSpace || NUMBERED_ITEM.test(overlap)) && letters >= MIN_LINE_LETTERS;
    }
    if (LIST_ITEM.test(overlap)) return true;
    return letters >= (this.#isReopened ? MIN_FENCED_LETTERS : MIN_LINE_LETTERS);
  }
}
