import { wellFormed } from "../../shared/text";

/** Puts together the characters of which a stream sends the halves one by one: emoji in two pieces of JSON. */
export class WholeCharacters {
  #half = "";

  /** The text as far as its characters are whole. */
  push(piece: string): string {
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    const isHalf = last >= 0xd800 && last <= 0xdbff;
    this.#half = isHalf ? text.slice(-1) : "";
    return wellFormed(isHalf ? text.slice(0, -1) : text);
  }

  /** What is left at the end: half a character is shown as one that is none. */
  end(): string {
    const rest = wellFormed(this.#half);
    this.#half = "";
    return rest;
  }
}
