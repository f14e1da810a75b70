/** What a server's finish reason means; `unknown` for a word that nobody has told us. */
export type FinishMeaning =
  "finished" | "toolCalls" | "lengthLimit" | "contentFilter" | "providerError" | "unknown";

/** Words as servers send them, in lower case and with underscores. Who sends what is said where it is not OpenAI's. */
const MEANINGS: Record<Exclude<FinishMeaning, "unknown">, readonly string[]> = {
  finished: [
    "stop",
    "end_turn", // Anthropic behind proxies
    "stop_sequence",
    "eos", // Together, text-generation-inference
    "eos_token",
    "end",
    "complete", // Cohere
    "completed",
    "normal", // Baidu
  ],
  toolCalls: ["tool_calls", "tool_call", "function_call", "tool_use"],
  lengthLimit: [
    "length",
    "max_tokens", // Anthropic, Gemini, Cohere
    "max_output_tokens",
    "max_length",
    "model_length", // Mistral: the context is full
    "model_context_window_exceeded", // Anthropic, Z.ai
    "context_length_exceeded",
  ],
  contentFilter: [
    "content_filter",
    "content_filtered",
    "refusal", // Anthropic; and ours for an answer of refusals
    "sensitive", // Z.ai
    "safety", // Gemini, with the next ones
    "recitation",
    "blocklist",
    "prohibited_content",
    "spii",
    "image_safety",
    "guardrail_intervened", // Bedrock
    "error_toxic", // Cohere
  ],
  providerError: [
    "error", // OpenRouter, Mistral
    "network_error", // Z.ai
    "insufficient_system_resource", // DeepSeek
    "abort", // vLLM, Z.ai
    "aborted",
    "cancelled",
    "canceled",
    "timeout",
    "error_limit", // Cohere
    "malformed_function_call", // Gemini, with the next ones
    "unexpected_tool_call",
    "finish_reason_unspecified",
    "other",
    "load", // Ollama: the model was loaded and nothing was asked of it
    "unload",
  ],
};

const BY_WORD = new Map(
  Object.entries(MEANINGS).flatMap(([meaning, words]) =>
    words.map((word) => [word, meaning as FinishMeaning]),
  ),
);

/** Also for Python's names of enumerations, "FinishReason.STOP". [G12] */
export function meaningOf(word: string): FinishMeaning {
  const plain = word.trim().replace(/^.*\./, "").toLowerCase().replaceAll("-", "_");
  return BY_WORD.get(plain) ?? "unknown";
}

/** Does the word say that the answer came to an end, be it a limit's or a filter's? */
export function isEnd(word: string): boolean {
  const meaning = meaningOf(word);
  return meaning !== "providerError" && meaning !== "unknown";
}
