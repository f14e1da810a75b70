import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV3 } from "@ai-sdk/provider";

/** A model of any server with OpenAI's chat API: Ollama, LM Studio, vLLM, llama.cpp, … */
export function openaiCompatibleModel(
  modelId: string,
  server: { baseURL: string; apiKey: string | null },
): LanguageModelV3 {
  return createOpenAICompatible({
    name: "openai-compatible",
    baseURL: server.baseURL,
    includeUsage: true,
    ...(server.apiKey !== null && { apiKey: server.apiKey }),
  }).chatModel(modelId);
}
