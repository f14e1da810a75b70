import { CodeMarks } from "./codeMarks";

/** `thoughts`: all text before was the model thinking, because only the end of its thoughts was marked. */
export type Said =
  { kind: "text"; text: string } | { kind: "reasoning"; text: string } | { kind: "thoughts" };

/** DeepSeek, Qwen and most others; Gemma and Gemini say `thought`. */
const NAMES = ["think", "thinking", "thought"] as const;
const OPENING = NAMES.map((name) => `<${name}>`);
const CLOSING = NAMES.map((name) => `</${name}>`);
const TAGS = /<(\/?)(think|thinking|thought)>/g;

type Mode =
  /** Nothing but spaces yet. */
  | { kind: "start" }
  | { kind: "text" }
  | { kind: "thinking"; closing: string; begun: boolean }
  /** Empty lines after the thoughts belong to neither. */
  | { kind: "afterThoughts" };

/**
 * Tells a model's thoughts from its words, where its server does not: `<think>…</think>`, split anywhere. Some templates put the opening
 * tag into the prompt, so that only `</think>` arrives; then all before it were thoughts, if they may be taken back.
 *
 * A tag opens at the beginning of the text or of a line, and none counts in code: answers may be about these tags.
 */
export class ThinkTags {
  #mode: Mode = { kind: "start" };
  /** What cannot be told yet: a part of a tag, or spaces. */
  #held = "";
  readonly #code = new CodeMarks();
  #mayTakeBack: boolean;

  constructor(options: { mayTakeBack: boolean }) {
    this.#mayTakeBack = options.mayTakeBack;
  }

  push(piece: string): Said[] {
    this.#held += piece;
    const said: Said[] = [];
    while (this.#step(said));
    return said;
  }

  /** What is still held, at the end of the text. */
  end(): Said[] {
    const [mode, rest] = [this.#mode, this.#held];
    this.#held = "";
    switch (mode.kind) {
      case "start":
        return rest.trim() === "" ? [] : [{ kind: "text", text: rest }];
      case "text":
        return rest === "" ? [] : [{ kind: "text", text: rest }];
      case "thinking": {
        const text = mode.begun ? rest.trimEnd() : rest.trim();
        return text === "" ? [] : [{ kind: "reasoning", text }];
      }
      case "afterThoughts":
        return [];
      default:
        return mode satisfies never;
    }
  }

  /** One step; false when more must come first. */
  #step(said: Said[]): boolean {
    const mode = this.#mode;
    switch (mode.kind) {
      case "start":
        return this.#start(said);
      case "text":
        return this.#text(said);
      case "thinking":
        return this.#thinking(mode, said);
      case "afterThoughts": {
        this.#held = this.#held.trimStart();
        if (this.#held === "") return false;
        this.#mode = { kind: "start" };
        return true;
      }
      default:
        return mode satisfies never;
    }
  }

  #start(said: Said[]): boolean {
    const words = this.#held.trimStart();
    const opening = OPENING.find((tag) => words.startsWith(tag));
    if (opening !== undefined) {
      this.#think(opening);
      this.#held = words.slice(opening.length);
      return true;
    }
    const closing = this.#mayTakeBack ? CLOSING.find((tag) => words.startsWith(tag)) : undefined;
    if (closing !== undefined) {
      this.#mayTakeBack = false;
      this.#mode = { kind: "afterThoughts" };
      this.#held = words.slice(closing.length);
      return true;
    }
    if (words === "" || [...OPENING, ...CLOSING].some((tag) => tag.startsWith(words))) return false;
    this.#mode = { kind: "text" };
    return this.#text(said);
  }

  #text(said: Said[]): boolean {
    const code = this.#code.copy();
    let readTo = 0;
    for (const match of this.#held.matchAll(TAGS)) {
      const [tag, slash] = match;
      code.read(this.#held.slice(readTo, match.index));
      readTo = match.index;
      const { place } = code;
      const opens = slash === "" && place.isLineStart && !place.isCode;
      const closes = slash === "/" && this.#mayTakeBack && !place.isCode;
      if (!opens && !closes) continue;
      this.#say(said, this.#held.slice(0, match.index));
      this.#held = this.#held.slice(match.index + tag.length);
      if (opens) this.#think(tag);
      else {
        said.push({ kind: "thoughts" });
        this.#mayTakeBack = false;
        this.#mode = { kind: "afterThoughts" };
      }
      return true;
    }
    const keep = beginningOfTag(this.#held, [...OPENING, ...CLOSING]);
    this.#say(said, this.#held.slice(0, this.#held.length - keep));
    this.#held = this.#held.slice(this.#held.length - keep);
    return false;
  }

  #thinking(mode: Extract<Mode, { kind: "thinking" }>, said: Said[]): boolean {
    const at = this.#held.indexOf(mode.closing);
    const until = at === -1 ? this.#held.length - beginningOfTag(this.#held, [mode.closing]) : at;
    const raw = this.#held.slice(0, until);
    const from = mode.begun ? 0 : raw.length - raw.trimStart().length;
    // Spaces at the end are told with the word after them, and those before the closing tag not at all.
    const text = raw.slice(from).trimEnd();
    if (text !== "") {
      said.push({ kind: "reasoning", text });
      mode.begun = true;
    }
    this.#held = this.#held.slice(at === -1 ? from + text.length : at + mode.closing.length);
    if (at !== -1) this.#mode = { kind: "afterThoughts" };
    return at !== -1;
  }

  #say(said: Said[], text: string): void {
    if (text === "") return;
    this.#code.read(text);
    said.push({ kind: "text", text });
  }

  #think(opening: string): void {
    this.#mode = { kind: "thinking", closing: opening.replace("<", "</"), begun: false };
    this.#mayTakeBack = false;
  }
}

/** How many of the last characters may be the beginning of a tag. */
function beginningOfTag(text: string, tags: readonly string[]): number {
  const from = text.lastIndexOf("<");
  if (from === -1) return 0;
  const end = text.slice(from);
  return tags.some((tag) => tag.length > end.length && tag.startsWith(end)) ? end.length : 0;
}

/** A whole text without the model's thoughts in it. */
export function withoutThoughts(text: string): string {
  const tags = new ThinkTags({ mayTakeBack: true });
  let words: string[] = [];
  for (const said of [...tags.push(text), ...tags.end()]) {
    if (said.kind === "thoughts") words = [];
    else if (said.kind === "text") words.push(said.text);
  }
  return words.join("");
}
