/**
 * Text whose every token is the time at which it was sent, so that whoever reads it, in whatever process of this machine, knows how
 * long it took.
 */

/** Milliseconds after which times repeat: four digits of base 36, 28 minutes. */
const CYCLE_MS = 36 ** 4;

/** A token of five characters, which is what an English one has. */
export function timedToken(): string {
  return (Date.now() % CYCLE_MS).toString(36).padStart(4, "0") + " ";
}

export const TOKEN_LENGTH = 5;

/** Reads a growing text of such tokens. */
export class TimedTextReader {
  private read = 0;

  /** The text is now `text`: for each token that is new, how many milliseconds it took. */
  delaysOf(text: string): number[] {
    const now = Date.now() % CYCLE_MS;
    const delays: number[] = [];
    for (; this.read + TOKEN_LENGTH <= text.length; this.read += TOKEN_LENGTH) {
      const sentAt = Number.parseInt(text.slice(this.read, this.read + TOKEN_LENGTH - 1), 36);
      delays.push((now - sentAt + CYCLE_MS) % CYCLE_MS);
    }
    return delays;
  }
}
