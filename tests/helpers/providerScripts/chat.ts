/** Providers with chat completions. Forms: OpenRouter's documents of streaming, reasoning and errors; xAI's and DeepSeek's references. */
import { call, chunksOf, DONE, usage } from "./chatChunks.ts";
import { data, PNG, SOURCES, TEXT, THOUGHTS, type ProviderScript, type Refusal } from "./providerScript.ts";

const STORED = { text: TEXT, thoughts: THOUGHTS, sources: SOURCES, pictures: 0 };

const router = chunksOf({
  ...{ id: "gen-1", provider: "Anthropic", model: "anthropic/claude-sonnet-4.5" },
  ...{ object: "chat.completion.chunk", created: 1_790_000_000 },
});
const routerThoughts = router.each(THOUGHTS, (reasoning) => ({
  ...{ role: "assistant", content: "", reasoning },
  reasoning_details: [{ type: "reasoning.text", text: reasoning, format: "anthropic-claude-v1", index: 0 }],
}));
const routerSigned = router.chunk({
  content: "",
  reasoning: null,
  reasoning_details: [
    { type: "reasoning.text", signature: "EqQBCkYIARgC", format: "anthropic-claude-v1", index: 0 },
  ],
});
const routerError = (status: number, kind: Refusal["kind"], message: string, metadata?: object): Refusal => ({
  ...{ status, kind },
  body: { error: { message, code: status, ...(metadata && { metadata }) }, user_id: "user_1" },
});

export const openrouter: ProviderScript = {
  config: { kind: "openrouter" },
  model: "anthropic/claude-sonnet-4.5",
  list: {
    data: [
      {
        ...{
          id: "anthropic/claude-sonnet-4.5",
          name: "Anthropic: Claude Sonnet 4.5",
          context_length: 1_000_000,
        },
        architecture: {
          input_modalities: ["text", "image", "file"],
          output_modalities: ["text"],
          tokenizer: "Claude",
        },
        pricing: {
          prompt: "0.000003",
          completion: "0.000015",
          input_cache_read: "0.0000003",
          web_search: "0.01",
        },
        top_provider: { context_length: 1_000_000, max_completion_tokens: 64_000, is_moderated: false },
        supported_parameters: ["max_tokens", "reasoning", "include_reasoning", "tools", "temperature"],
      },
    ],
  },
  rich:
    ": OPENROUTER PROCESSING\n\n" +
    routerThoughts +
    routerSigned +
    ": OPENROUTER PROCESSING\n\n" +
    router.each(TEXT, (content) => ({ role: "assistant", content })) +
    router.chunk({
      ...{ role: "assistant", content: "" },
      annotations: SOURCES.map((url, n) => ({
        type: "url_citation",
        url_citation: { url, title: `Source ${n + 1}`, content: "…", start_index: 0, end_index: 5 },
      })),
    }) +
    router.chunk({
      ...{ role: "assistant", content: "" },
      images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` }, index: 0 }],
    }) +
    router.chunk({ role: "assistant", content: "" }, "stop", { native_finish_reason: "end_turn" }) +
    router.chunk({ role: "assistant", content: "" }, null, usage({ cost: 0.0004, is_byok: false })) +
    DONE,
  stored: { ...STORED, pictures: 1 },
  tool: (name, input) =>
    routerThoughts +
    routerSigned +
    router.chunk(call(name, input, "toolu_01")) +
    router.chunk({}, "tool_calls") +
    DONE,
  refusal: router.chunk({ content: "" }, "content_filter") + DONE,
  broken: (secret) =>
    routerThoughts +
    router.each("So far", (content) => ({ content })) +
    router.chunk({ content: "" }, "error", {
      error: { code: 502, message: `Provider disconnected unexpectedly (Bearer ${secret})` },
    }),
  refusals: (secret) => [
    routerError(401, "key", `No auth credentials found ${secret}`),
    routerError(
      402,
      "credit",
      `This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 1234. ${secret}`,
      { provider_name: null },
    ),
    routerError(400, "modelMissing", `lab/model-9 is not a valid model ID ${secret}`),
    routerError(404, "modelMissing", `No endpoints found for lab/model-9. ${secret}`),
    routerError(
      403,
      "flagged",
      `Your chosen model requires moderation and your input was flagged ${secret}`,
      {
        ...{ reasons: ["violence"], flagged_input: "…", provider_name: "OpenAI", model_slug: "openai/gpt" },
      },
    ),
    routerError(429, "rateLimit", "Provider returned error", {
      ...{ raw: `google/gemini is temporarily rate-limited upstream. Please retry shortly. ${secret}` },
      provider_name: "Google",
    }),
    routerError(502, "serverDown", `Provider returned error ${secret}`),
    routerError(
      400,
      "contextTooLong",
      `This endpoint's maximum context length is 131072 tokens. However, you requested about 200000 tokens. ${secret}`,
    ),
  ],
};

const grok = chunksOf({
  ...{ id: "9d3f-grok", object: "chat.completion.chunk", created: 1_790_000_000, model: "grok-4.3" },
  system_fingerprint: "fp_1",
});
const grokThoughts = grok.each(THOUGHTS, (reasoning_content) => ({
  role: "assistant",
  content: "",
  reasoning_content,
}));
const grokError = (status: number, kind: Refusal["kind"], code: string, error: string): Refusal => ({
  ...{ status, kind, body: { code, error } },
});

export const xai: ProviderScript = {
  config: { kind: "xai" },
  model: "grok-4.3",
  list: {
    models: [
      {
        ...{ id: "grok-4.3", object: "model", created: 1_790_000_000, owned_by: "xai", version: "1.0.0" },
        ...{ input_modalities: ["text", "image"], output_modalities: ["text"], aliases: ["grok-latest"] },
        ...{ prompt_text_token_price: 12_500, cached_prompt_text_token_price: 2_000 },
        completion_text_token_price: 25_000,
      },
    ],
  },
  rich:
    grokThoughts +
    grok.each(TEXT, (content) => ({ role: "assistant", content })) +
    grok.chunk({ role: "assistant", content: "" }, "stop") +
    data({
      ...{ id: "9d3f-grok", object: "chat.completion.chunk", choices: [], citations: SOURCES },
      ...usage({
        prompt_tokens_details: { text_tokens: 12, cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 16 },
        num_sources_used: 2,
      }),
    }) +
    DONE,
  stored: STORED,
  tool: (name, input) => grokThoughts + grok.chunk(call(name, input)) + grok.chunk({}, "tool_calls") + DONE,
  refusal:
    grok.chunk({ role: "assistant", content: "", refusal: "I can’t help with that." }) +
    grok.chunk({}, "stop") +
    DONE,
  broken: (secret) =>
    grokThoughts +
    grok.each("So far", (content) => ({ content })) +
    data({
      code: "The service is currently unavailable",
      error: `Service temporarily unavailable. ${secret}`,
    }),
  refusals: (secret) => [
    grokError(
      400,
      "key",
      "Client specified an invalid argument",
      `Incorrect API key provided: ${secret}. You can obtain an API key from https://console.x.ai.`,
    ),
    grokError(
      403,
      "credit",
      "The caller does not have permission to execute the specified operation",
      `Your newly created team doesn't have any credits yet. You can purchase credits on https://console.x.ai/team/1. ${secret}`,
    ),
    grokError(
      404,
      "modelMissing",
      "Some requested entity was not found",
      `The model grok-9 does not exist or your team 1 does not have access to it. ${secret}`,
    ),
    grokError(
      400,
      "contextTooLong",
      "Client specified an invalid argument",
      `This model's maximum prompt length is 131072 but the request contains 150000 tokens. ${secret}`,
    ),
    grokError(
      429,
      "rateLimit",
      "Some resource has been exhausted",
      `Too many requests for team 1. ${secret}`,
    ),
    grokError(
      503,
      "serverProblem",
      "The service is currently unavailable",
      `The model is at capacity. ${secret}`,
    ),
  ],
};

const seek = chunksOf({
  ...{ id: "5f1-seek", object: "chat.completion.chunk", created: 1_790_000_000, model: "deepseek-v4-pro" },
  system_fingerprint: "fp_prod",
});
const seekThoughts =
  seek.chunk({ role: "assistant", content: null, reasoning_content: "" }) +
  seek.each(THOUGHTS, (reasoning_content) => ({ content: null, reasoning_content }));
const seekError = (status: number, kind: Refusal["kind"], type: string, message: string): Refusal => ({
  ...{ status, kind, body: { error: { message, type, param: null, code: "invalid_request_error" } } },
});

export const deepseek: ProviderScript = {
  config: { kind: "deepseek" },
  model: "deepseek-v4-pro",
  list: {
    object: "list",
    data: ["deepseek-v4-pro", "deepseek-flash"].map((id) => ({ id, object: "model", owned_by: "deepseek" })),
  },
  rich:
    ": keep-alive\n\n: keep-alive\n\n" +
    seekThoughts +
    seek.each(TEXT, (content) => ({ content, reasoning_content: null })) +
    seek.chunk({ content: "", reasoning_content: null }, "stop", {
      ...usage({
        ...{ prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 8 },
        completion_tokens_details: { reasoning_tokens: 16 },
      }),
    }) +
    DONE,
  stored: { ...STORED, sources: [] },
  tool: (name, input) =>
    seekThoughts + seek.chunk(call(name, input, "call_00_a")) + seek.chunk({}, "tool_calls") + DONE,
  refusal: seek.chunk({ content: "" }, "content_filter") + DONE,
  broken: (secret) =>
    seekThoughts +
    seek.each("So far", (content) => ({ content })) +
    data({ error: { message: `Server busy, key ${secret}`, type: "server_error", code: null, param: null } }),
  refusals: (secret) => [
    seekError(401, "key", "authentication_error", `Authentication Fails, Your api key: ${secret} is invalid`),
    seekError(402, "credit", "unknown_error", `Insufficient Balance ${secret}`),
    seekError(400, "modelMissing", "invalid_request_error", `Model Not Exist ${secret}`),
    seekError(
      400,
      "contextTooLong",
      "invalid_request_error",
      `This model's maximum context length is 131072 tokens. However, you requested 200000 tokens. ${secret}`,
    ),
    seekError(422, "badRequest", "invalid_request_error", `Failed to deserialize the JSON body ${secret}`),
    seekError(429, "rateLimit", "rate_limit_error", `Rate limit reached ${secret}`),
    seekError(503, "serverProblem", "server_error", `Server overloaded ${secret}`),
  ],
};
