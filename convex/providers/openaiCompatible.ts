import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV3, LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { wrapLanguageModel } from "ai";
import { withChatExtras } from "./chatExtras";
import { authorization, type ModelServer } from "./settings";
import { streamThrough } from "./streamThrough";
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
  return withChatExtras(withSignatures(provider.chatModel(modelId)));
}

/** The package reads Gemini's signatures under its own name, and sends those that it finds under Google's. */
function withSignatures(model: LanguageModelV3): LanguageModelV3 {
  const renamed = (): TransformStream<LanguageModelV3StreamPart, LanguageModelV3StreamPart> =>
    new TransformStream({
      transform(part, controller) {
        const signature = part.type === "tool-call" ? signatureIn(part) : undefined;
        controller.enqueue(
          part.type === "tool-call" && signature !== undefined
            ? { ...part, providerMetadata: { google: { thoughtSignature: signature } } }
            : part,
        );
      },
    });
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v3",
      wrapStream: streamThrough((stream) => stream.pipeThrough(renamed())),
    },
  });
}

type ToolCall = Extract<LanguageModelV3StreamPart, { type: "tool-call" }>;

function signatureIn({ providerMetadata = {} }: ToolCall): string | undefined {
  const found = Object.values(providerMetadata).find(
    ({ thoughtSignature }) => thoughtSignature !== undefined,
  );
  return typeof found?.["thoughtSignature"] === "string" ? found["thoughtSignature"] : undefined;
}
