import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModelV3 } from "@ai-sdk/provider";

/** OpenAI's own API, by its Responses endpoint. */
export const OPENAI_URL = "https://api.openai.com/v1";

export function openaiModel(modelId: string, apiKey: string): LanguageModelV3 {
  // The address is given, so that a setting meant for compatible servers cannot redirect the key.
  return createOpenAI({ apiKey, baseURL: OPENAI_URL }).responses(modelId);
}

/** OpenAI lists everything it has; these are the names of models that one can chat with. */
export function isChatModel(id: string): boolean {
  return (
    /^(gpt-|o\d|chatgpt-)/.test(id) &&
    !/(audio|realtime|transcribe|tts|image|search|instruct|embedding|moderation|codex)/.test(id)
  );
}
