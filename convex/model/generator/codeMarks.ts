const FENCE = /^ {0,3}(```|~~~)/;

/** Characters at the beginning of a line by which a fence is known. */
const HEAD_CHARS = 6;

/** Whether a place in Markdown that arrives piece by piece lies in code: between backticks of a line, or in a fenced block. */
export class CodeMarks {
  #head = "";
  #isBlank = true;
  #ticks = 0;
  #inFence = false;

  /** Behind all that was read: is nothing in this line, and is it code? */
  get place(): { isLineStart: boolean; isCode: boolean } {
    return { isLineStart: this.#isBlank, isCode: this.#inFence || this.#ticks % 2 === 1 };
  }

  read(text: string): void {
    const lines = text.split("\n");
    lines.forEach((piece, index) => {
      if (index > 0) this.#endLine();
      this.#head = (this.#head + piece.slice(0, HEAD_CHARS)).slice(0, HEAD_CHARS);
      this.#isBlank &&= piece.trim() === "";
      for (let at = piece.indexOf("`"); at !== -1; at = piece.indexOf("`", at + 1)) this.#ticks += 1;
    });
  }

  copy(): CodeMarks {
    const copy = new CodeMarks();
    copy.#head = this.#head;
    copy.#isBlank = this.#isBlank;
    copy.#ticks = this.#ticks;
    copy.#inFence = this.#inFence;
    return copy;
  }

  #endLine(): void {
    if (FENCE.test(this.#head)) this.#inFence = !this.#inFence;
    this.#head = "";
    this.#isBlank = true;
    this.#ticks = 0;
  }
}
