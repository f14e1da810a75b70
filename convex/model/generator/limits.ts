import { silenceLimitMs } from "../settings";

/** The two limits of a run in time: all it may take, and how long the provider may be silent. */
export class Limits {
  #overall: ReturnType<typeof setTimeout>;
  #silence: ReturnType<typeof setTimeout> | undefined;
  readonly #overAt: number;
  readonly #silenceMs = silenceLimitMs();

  constructor(
    remainingMs: number,
    private readonly onOver: (message: string) => void,
  ) {
    this.#overAt = Date.now() + remainingMs;
    this.#overall = setTimeout(() => onOver("The reply took longer than is allowed."), remainingMs);
    this.heard({ toolsAreRunning: false });
  }

  /** The provider said something. While tools run it is not its turn. */
  heard(state: { toolsAreRunning: boolean }): void {
    clearTimeout(this.#silence);
    if (state.toolsAreRunning) return;
    const ms = this.#silenceMs;
    const seconds = Math.round(ms / 1000);
    this.#silence = setTimeout(() => this.onOver(`The model has sent nothing for ${seconds} seconds.`), ms);
  }

  /** Nobody is asked to say anything, until `heard`. */
  pauseSilence(): void {
    clearTimeout(this.#silence);
  }

  /** What is left of all the run may take. */
  remainingMs(): number {
    return this.#overAt - Date.now();
  }

  clear(): void {
    clearTimeout(this.#overall);
    clearTimeout(this.#silence);
  }
}
