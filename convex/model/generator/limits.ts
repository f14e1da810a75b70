import type { Problem } from "../../shared/problems";
import { firstTokenLimitMs, runLimitMs, silenceLimitMs } from "../settings";

/** Whose turn it is to say something. */
type Patience =
  | { kind: "nobody" }
  /** The model was asked and has not said a word: it may have to be loaded first. */
  | { kind: "firstWord" }
  | { kind: "nextWord" };

/** The limits of a run in time: all it may take, and how long the model may be silent before and between its words. */
export class Limits {
  readonly #overall: ReturnType<typeof setTimeout>;
  readonly #overAt: number;
  /** Read once: it is asked for with each word. */
  readonly #limitMs = { firstWord: firstTokenLimitMs(), nextWord: silenceLimitMs() };
  #patience: Patience = { kind: "nobody" };
  #heardAt = Date.now();
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(
    remainingMs: number,
    private readonly onOver: (problem: Problem) => void,
  ) {
    this.#overAt = Date.now() + remainingMs;
    this.#overall = setTimeout(() => onOver({ kind: "runLimit", limitMs: runLimitMs() }), remainingMs);
  }

  /** The model is asked. */
  asked(): void {
    this.#wait({ kind: "firstWord" });
  }

  /** Its server sent bytes, whatever they say: it is alive. */
  heard(): void {
    this.#heardAt = Date.now();
  }

  /** It said a word. */
  said(): void {
    if (this.#patience.kind === "nextWord") this.heard();
    else this.#wait({ kind: "nextWord" });
  }

  /** It is not the model's turn: tools are at work, or a request waits to be repeated. */
  pause(): void {
    this.#wait({ kind: "nobody" });
  }

  /** What is left of all the run may take. */
  remainingMs(): number {
    return this.#overAt - Date.now();
  }

  clear(): void {
    clearTimeout(this.#overall);
    clearTimeout(this.#silence);
  }

  #wait(patience: Patience): void {
    this.#patience = patience;
    this.#heardAt = Date.now();
    clearTimeout(this.#silence);
    if (patience.kind !== "nobody") this.#look(patience, this.#limitMs[patience.kind]);
  }

  /** Looks once the limit could be reached: to set a timer anew for each byte would cost more than the byte. */
  #look(patience: Patience & { kind: "firstWord" | "nextWord" }, ms: number): void {
    this.#silence = setTimeout(() => {
      const limitMs = this.#limitMs[patience.kind];
      const left = this.#heardAt + limitMs - Date.now();
      if (left > 0) this.#look(patience, left);
      else this.onOver({ kind: patience.kind === "firstWord" ? "noFirstWord" : "noWord", limitMs });
    }, ms);
  }
}
