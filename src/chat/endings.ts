import type { EndReason } from "./types.ts";

/** What helps after an end that was not the answer's own. */
export interface EndingHelp {
  readonly canContinue: boolean;
  readonly canRetry: boolean;
  readonly tone: "quiet" | "warn";
}

/** Null for an answer that came to its own end: there is nothing to say. */
export function endingHelp(reason: EndReason | null, hasContent: boolean): EndingHelp | null {
  switch (reason) {
    case null:
    case "finished":
      return null;
    case "stopped":
      return { canContinue: hasContent, canRetry: !hasContent, tone: "quiet" };
    case "lengthLimit":
    case "timedOut":
      return { canContinue: hasContent, canRetry: !hasContent, tone: "quiet" };
    case "crashed":
    case "providerError":
      return { canContinue: hasContent, canRetry: true, tone: "warn" };
    case "contentFilter":
      return { canContinue: false, canRetry: true, tone: "warn" };
    default:
      return reason satisfies never;
  }
}
