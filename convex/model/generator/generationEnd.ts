import type { FinishReason, Usage } from "../validators";

/** How a generation ended, as the two ending mutations take it. */
export type GenerationEnd =
  | {
      endReason: "finished" | "lengthLimit" | "contentFilter";
      finishReason: FinishReason;
      usage: Usage;
    }
  | {
      endReason: "providerError" | "timedOut" | "crashed";
      errorMessage: string;
      usage?: Usage;
    };

/** What a provider's finish reason means. `raw` is the provider's own word, undefined when it gave none. [G12] */
export function endOf(finishReason: FinishReason, raw: string | undefined, usage: Usage): GenerationEnd {
  switch (finishReason) {
    case "stop":
    case "tool-calls":
      return { endReason: "finished", finishReason, usage };
    case "length":
      return { endReason: "lengthLimit", finishReason, usage };
    case "content-filter":
      return { endReason: "contentFilter", finishReason, usage };
    case "error":
      return { endReason: "providerError", errorMessage: "The model reported an error.", usage };
    case "other":
      // A stream that closed without saying that it is finished.
      if (raw === undefined) {
        const errorMessage = "The connection to the model ended before the reply was complete.";
        return { endReason: "providerError", errorMessage, usage };
      }
      return { endReason: "finished", finishReason, usage };
    default:
      return finishReason satisfies never;
  }
}
