import { problemText, quotedWords, type Problem } from "../../convex/shared/problems";
import type { Catalogue } from "../i18n/catalogue.ts";
import { pageLocale } from "../lib/pageLocale.ts";
import type { EndReason, Message } from "./types.ts";

/** What helps after an end that did not come by itself. */
export interface EndingHelp {
  readonly canContinue: boolean;
  readonly canRetry: boolean;
  readonly tone: "quiet" | "warn";
}

/** Null for an answer that ended by itself: there is nothing to say. */
export function endingHelp(reason: EndReason | null, hasContent: boolean): EndingHelp | null {
  switch (reason) {
    case null:
    case "finished":
      return null;
    case "stopped":
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

type Ended = Pick<Message, "endReason" | "problem">;

/** How an answer ended, in words, and what to do about it; null if there is nothing to say. */
export function endingText(
  { endReason, problem }: Ended,
  hasContent: boolean,
  text: Catalogue,
): string | null {
  if (endReason === null || endReason === "finished") return null;
  if (problem !== null) return problemText(problem, text.problems, whenToTryAgain(problem, text));
  if (!hasContent && endReason === "providerError") return text.noReply;
  if (!hasContent && endReason === "contentFilter") return text.withheldReply;
  return text.ends[endReason];
}

/** Node says so when a connection ends, which the page has said better. */
const WORDS_OF_A_LOST_CONNECTION = /^(terminated|other side closed|socket hang up|fetch failed)$/i;

/** Sentences of the server (`convex/model/runs/giveUp.ts`) that say in English what `ends` says in the reader's language. */
export const SAID_BY_THE_END: readonly (string | null)[] = [
  "The reply was interrupted before it was complete.",
  "The reply took longer than is allowed.",
];

/** What the words about its end cannot say: those of the model's server, or of whoever ended it. Null if there are none. */
export function endingDetail({
  endReason,
  problem,
  errorMessage,
}: Ended & Pick<Message, "errorMessage">): string | null {
  const words = problem === null ? null : quotedWords(problem);
  if (problem !== null) return words === null || WORDS_OF_A_LOST_CONNECTION.test(words) ? null : words;
  return endReason === "stopped" || SAID_BY_THE_END.includes(errorMessage) ? null : errorMessage;
}

/** Behind "Try again"; null when nobody said when, or it is past. */
function whenToTryAgain({ retryAt }: Problem, text: Catalogue): string | null {
  if (retryAt === undefined || retryAt <= Date.now()) return null;
  const time = new Date(retryAt);
  return Number.isNaN(time.getTime())
    ? null
    : text.tryAfter(time.toLocaleTimeString(pageLocale(), { hour: "2-digit", minute: "2-digit" }));
}
