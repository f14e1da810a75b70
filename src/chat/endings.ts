import type { Catalogue } from "../i18n/catalogue.ts";
import type { EndReason } from "./types.ts";

/** What helps after an end that did not come by itself. */
export interface EndingHelp {
  readonly canContinue: boolean;
  readonly canRetry: boolean;
  readonly tone: "quiet" | "warn";
  /** The message stored with the end says more than the words for its reason. */
  readonly hasDetail: boolean;
}

/** Null for an answer that ended by itself: there is nothing to say. */
export function endingHelp(reason: EndReason | null, hasContent: boolean): EndingHelp | null {
  switch (reason) {
    case null:
    case "finished":
      return null;
    case "stopped":
      return { canContinue: hasContent, canRetry: !hasContent, tone: "quiet", hasDetail: false };
    case "lengthLimit":
    case "timedOut":
      return { canContinue: hasContent, canRetry: !hasContent, tone: "quiet", hasDetail: false };
    case "crashed":
      return { canContinue: hasContent, canRetry: true, tone: "warn", hasDetail: false };
    case "providerError":
      return { canContinue: hasContent, canRetry: true, tone: "warn", hasDetail: true };
    case "contentFilter":
      return { canContinue: false, canRetry: true, tone: "warn", hasDetail: false };
    default:
      return reason satisfies never;
  }
}

/** How an answer ended, in words; null if there is nothing to say. */
export function endingText(reason: EndReason | null, hasContent: boolean, text: Catalogue): string | null {
  if (reason === null || reason === "finished") return null;
  return reason === "providerError" && !hasContent ? text.noReply : text.ends[reason];
}
