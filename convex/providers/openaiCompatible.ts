import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV3 } from "@ai-sdk/provider";
import { withChatExtras } from "./chatExtras";
import { authorization, type ModelServer } from "./settings";
import type { Line } from "./wire/replyReader";
import { tolerantFetch } from "./wire/tolerantFetch";

/** A model of any server with OpenAI's chat API: Ollama, LM Studio, vLLM, llama.cpp, … `line` hears of every byte that it sends. */
export function openaiCompatibleModel(modelId: string, server: ModelServer, line: Line): LanguageModelV3 {
  const provider = createOpenAICompatible({
    name: "openai-compatible",
    baseURL: server.baseURL,
    includeUsage: true,
    headers: authorization(server),
    ...(server.query !== undefined && { queryParams: Object.fromEntries(new URLSearchParams(server.query)) }),
    fetch: tolerantFetch("chat", line),
  });
  return withChatExtras(provider.chatModel(modelId));
}
