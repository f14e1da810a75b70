import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModelV3 } from "@ai-sdk/provider";
import { OPENAI_URL } from "./settings";

/** A model of OpenAI's own API, by its Responses endpoint. */
export function openaiModel(modelId: string, apiKey: string): LanguageModelV3 {
  // The address is given, so that a setting meant for compatible servers cannot redirect the key.
  return createOpenAI({ apiKey, baseURL: OPENAI_URL }).responses(modelId);
}
