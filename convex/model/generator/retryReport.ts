import { internal } from "../../_generated/api";
import { log } from "../log";
import type { Retry } from "../validators";
import type { GeneratorCtx } from "./generatorCtx";

/** Tells the page that the model is asked again, one write after the other. What cannot be told is no failure of the answer. */
export class RetryReport {
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly ctx: Pick<GeneratorCtx, "runMutation">,
    private readonly runId: string,
  ) {}

  tell(retry: Retry | null): void {
    const { runId } = this;
    this.#last = this.#last.then(async () => {
      try {
        await this.ctx.runMutation(internal.streamingResponses.reportRetry, { runId, retry });
      } catch (error) {
        log("STREAMING", `That run ${runId} asks the model again could not be told: ${String(error)}`);
      }
    });
  }

  /** When all is written. Never rejects. */
  settled(): Promise<void> {
    return this.#last;
  }
}
