/** How one of the streaming APIs is read where a server does not keep to it. */
export interface Dialect {
  /** What the AI SDK is given in place of one value of the stream; nothing for one that says nothing. */
  take(value: unknown): Repaired;
  /** What it is given at the end of the stream. `done`: the server said so; `closed`: the connection ended. */
  end(by: "done" | "closed"): object[];
  /** Two values that follow one another, as one; null unless both are words of the same text and nothing else. */
  merged(one: object, other: object): object | null;
  /** The words of a value of the SDK's that holds nothing else; null for any other. */
  words(value: object): string | null;
  /**
   * Does a value that holds something else, of which `words` tells none, hold words too? It cannot be told how many of them the SDK's
   * provider makes known.
   */
  mixesWords(value: object): boolean;
  /** An error as the SDK takes it from the stream. */
  failure(error: unknown): object;
  /** `open`: more is to come. `complete`: the answer is, and what follows cannot fail it. `over`: nothing more is wanted. */
  readonly state: "open" | "complete" | "over";
}

/** The code of an error that is ours: a stream that just ended. */
export const BROKEN_OFF = "verbatim_broken_off";

export type Repaired =
  | { kind: "send"; values: object[] }
  /** A sign of life. */
  | { kind: "nothing" }
  | { kind: "skipped"; why: string }
  | { kind: "error"; error: unknown };

export const NOTHING: Repaired = { kind: "nothing" };

/** For the log. */
export const skippedValue = (why: string, value: unknown): Repaired => ({
  kind: "skipped",
  why: `${why}: ${JSON.stringify(value ?? null).slice(0, 200)}`,
});
