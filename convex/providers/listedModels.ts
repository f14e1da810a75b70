import type { ModelFacts } from "../shared/modelFacts";
import { asArray, asRecord, asText } from "./wire/json";

/** `no`: the server says so. `unlikely`: its name says so. */
export type CanChat = "yes" | "unlikely" | "no";

export type ListedModel = { id: string; canChat: CanChat; facts: ModelFacts };

/** Names of models that embed, hear, speak, draw, sort or judge, and do not chat. */
const OTHER_USE =
  /(^|[^a-z])(text-)?embed|embedding|(^|[/_-])(bge|e5|gte|minilm|mpnet|paraphrase|rerank(er)?|whisper|parakeet|tts|orpheus|dall-e|sdxl|flux|clip|bark|xtts|kokoro|piper|parler|musicgen|moderation|guard)([/_.:-]|\d|$)|stable-diffusion|reranker|transcribe|speech|text-to-|omni-moderation|llama-guard/i;

/** What the server says of a model, where it says anything: OpenRouter, Together, Mistral, LM Studio, GitHub Models. */
export function canChat(id: string, entry: unknown): CanChat {
  const record = asRecord(entry);
  const outputs = asArray(asRecord(record?.architecture)?.output_modalities ?? record?.output_modalities);
  if (outputs.length > 0) return outputs.includes("text") ? "yes" : "no";
  const completes = asRecord(record?.capabilities)?.completion_chat;
  if (typeof completes === "boolean") return completes ? "yes" : "no";
  const kind = asText(record?.type) ?? asText(record?.task) ?? "";
  if (/^(chat|chat-completion|language|code|llm|vlm)$/i.test(kind)) return "yes";
  if (/^(embeddings?|rerank|image|audio|video|moderation|transcribe|speech)$/i.test(kind)) return "no";
  return looksLikeChat(id) ? "yes" : "unlikely";
}

/** By its name alone. */
export const looksLikeChat = (id: string): boolean => !OTHER_USE.test(id);

/** Models in the order in which they are offered: those that the server says cannot chat are left out; doubtful ones come last. */
export function offered(models: readonly ListedModel[]): string[] {
  const likely = models.filter(({ canChat }) => canChat === "yes").map(({ id }) => id);
  const doubtful = models.filter(({ canChat }) => canChat === "unlikely").map(({ id }) => id);
  return [...new Set([...likely, ...doubtful])];
}

/** OpenAI lists everything it has; these are the names of models that one can chat with. */
export function isOpenaiChatModel(id: string): boolean {
  return (
    /^(gpt-|o\d|chatgpt-)/.test(id) &&
    !/(audio|realtime|transcribe|tts|image|search|instruct|embedding|moderation|codex)/.test(id)
  );
}
