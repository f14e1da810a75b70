import type { Problem } from "../../shared/problems";
import type { FinishReason, Usage } from "../validators";
import { meaningOf, type FinishMeaning } from "./finishWords";

/** How a generation ended, as the two ending mutations take it. */
export type GenerationEnd =
  | {
      endReason: "finished" | "lengthLimit" | "contentFilter";
      finishReason: FinishReason;
      /** The server's own word. */
      rawFinishReason?: string;
      usage: Usage;
      problem?: Problem;
    }
  | FailedEnd;

export type FailedEnd = {
  endReason: "providerError" | "timedOut" | "crashed";
  /** Why, where it is none of the problems. */
  errorMessage?: string;
  problem?: Problem;
  rawFinishReason?: string;
  usage?: Usage;
};

/** What a model has said in a run. */
export type SaidInAll = {
  /** Words, pictures, anything that answers; also when it goes on from words that were there. */
  answer: boolean;
  thoughts: boolean;
  /** Rounds of tool calls, and how many one run may have. */
  toolRounds: number;
  maxRounds: number;
};

/** Characters of a server's own word that are kept. */
const MAX_WORD_CHARS = 60;

/** What a provider's finish reason means. `raw` is the provider's own word, undefined when it gave none. [G12] */
export function endOf(
  finishReason: FinishReason,
  raw: string | undefined,
  usage: Usage,
  said: SaidInAll,
): GenerationEnd {
  const word = raw?.slice(0, MAX_WORD_CHARS);
  const complete = { finishReason, ...(word !== undefined && { rawFinishReason: word }), usage };
  const failed = (problem: Problem): FailedEnd => ({
    endReason: "providerError",
    problem,
    ...(word !== undefined && { rawFinishReason: word }),
    usage,
  });
  const meaning = meaningOfFinish(finishReason, raw);
  switch (meaning) {
    case "finished":
      if (said.answer) return { endReason: "finished", ...complete };
      return failed({ kind: said.thoughts ? "onlyThoughts" : "empty" });
    case "toolCalls": {
      if (said.toolRounds < said.maxRounds) return failed({ kind: "endWord", words: word ?? finishReason });
      return {
        endReason: "lengthLimit",
        ...complete,
        problem: { kind: "toolRounds", rounds: said.toolRounds },
      };
    }
    case "lengthLimit":
      return { endReason: "lengthLimit", ...complete };
    case "contentFilter":
      return {
        endReason: "contentFilter",
        ...complete,
        ...(isRefusal(raw) && { problem: { kind: "refused" } }),
      };
    case "providerError":
    case "unknown":
      return failed({ kind: "endWord", words: word ?? finishReason });
    case "brokenOff":
      return failed({ kind: "brokenOff" });
    default:
      return meaning satisfies never;
  }
}

/** A refusal comes without a word of the provider's (Responses), or with this one. */
const isRefusal = (raw: string | undefined): boolean => raw === undefined || raw === "refusal";

/** The provider's word goes first: what the SDK makes of a word that it does not know is "other". */
function meaningOfFinish(finishReason: FinishReason, raw: string | undefined): FinishMeaning | "brokenOff" {
  const meaning = raw === undefined ? "unknown" : meaningOf(raw);
  if (meaning !== "unknown") return meaning;
  switch (finishReason) {
    case "stop":
      return "finished";
    case "tool-calls":
      return "toolCalls";
    case "length":
      return "lengthLimit";
    case "content-filter":
      return "contentFilter";
    case "error":
      return "providerError";
    case "other":
      // A stream that closed without saying that it is finished.
      return raw === undefined ? "brokenOff" : "unknown";
    default:
      return finishReason satisfies never;
  }
}
