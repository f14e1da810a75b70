import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModelV3 } from "@ai-sdk/provider";
import { withReasoningSummaries } from "./reasoningSummaries";
import { OPENAI_URL } from "./settings";
import type { Line } from "./wire/replyReader";
import { tolerantFetch } from "./wire/tolerantFetch";

/** A model of OpenAI's own API, by its Responses endpoint. `line` hears of every byte that it sends. */
export function openaiModel(modelId: string, apiKey: string, line: Line): LanguageModelV3 {
  // The address is given, so that a setting meant for compatible servers cannot redirect the key.
  const provider = createOpenAI({ apiKey, baseURL: OPENAI_URL, fetch: tolerantFetch("responses", line) });
  return withReasoningSummaries(provider.responses(modelId));
}
