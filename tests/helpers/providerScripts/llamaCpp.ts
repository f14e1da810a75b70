/** llama.cpp. Forms: `tools/server` and its tests. */
import { callInPieces, chunksOf, DONE, usage } from "./chatChunks.ts";
import { data, TEXT, THOUGHTS, type ProviderScript, type Refusal } from "./providerScript.ts";

const llamaChunks = chunksOf({
  ...{
    created: 1_790_000_000,
    id: "chatcmpl-home",
    model: "qwen3-8b.gguf",
    system_fingerprint: "b7000-a1b2c3",
  },
  object: "chat.completion.chunk",
});
const llamaThoughts =
  llamaChunks.chunk({ role: "assistant", content: null }) +
  llamaChunks.each(THOUGHTS, (reasoning_content) => ({ reasoning_content }));
const TIMINGS = {
  timings: { cache_n: 0, prompt_n: 12, prompt_ms: 31.1, predicted_n: 40, predicted_ms: 812.5 },
};
const llamaUsage = data({ id: "chatcmpl-home", choices: [], ...usage(), ...TIMINGS });
const llamaError = (
  status: number,
  kind: Refusal["kind"],
  type: string,
  message: string,
  more = {},
): Refusal => ({
  ...{ status, kind, body: { error: { code: status, message, type, ...more } } },
});

/** Its list is there twice, as Ollama's and as OpenAI's; the context that one request has stands beside the model's own. */
export const llamaCpp: ProviderScript = {
  config: { kind: "openaiCompatible" },
  model: "qwen3-8b.gguf",
  list: {
    models: [
      {
        ...{ name: "qwen3-8b.gguf", model: "qwen3-8b.gguf", modified_at: "", size: "", digest: "" },
        ...{ type: "model", description: "", tags: [""], capabilities: ["completion"], parameters: "" },
        details: { parent_model: "", format: "gguf", family: "", families: [""], parameter_size: "" },
      },
    ],
    object: "list",
    data: [
      {
        ...{ id: "qwen3-8b.gguf", aliases: [], tags: [], object: "model", created: 1_790_000_000 },
        owned_by: "llamacpp",
        meta: {
          vocab_type: 2,
          n_vocab: 151_936,
          n_ctx: 8_192,
          n_ctx_train: 40_960,
          n_embd: 4_096,
          size: 5e9,
        },
      },
    ],
  },
  rich:
    ":\n\n" +
    llamaThoughts +
    llamaChunks.each(TEXT, (content) => ({ content })) +
    llamaChunks.chunk({}, "stop") +
    llamaUsage +
    DONE,
  stored: { text: TEXT, thoughts: THOUGHTS, sources: [], pictures: 0 },
  tool: (name, input) =>
    llamaThoughts +
    callInPieces(name, input, "pK0fN5hC4bYw", { arguments: "" })
      .map((delta) => llamaChunks.chunk(delta))
      .join("") +
    llamaChunks.chunk({}, "tool_calls") +
    llamaUsage +
    DONE,
  refusal: null,
  broken: (secret) =>
    llamaThoughts +
    llamaChunks.each("So far", (content) => ({ content })) +
    // As it was until late in 2025.
    `error: {"code":500,"message":"context shift is disabled ${secret}","type":"server_error"}\n\n`,
  refusals: (secret) => [
    llamaError(401, "key", "authentication_error", `Invalid API Key ${secret}`),
    llamaError(503, "loading", "unavailable_error", `Loading model ${secret}`),
    llamaError(
      400,
      "contextTooLong",
      "exceed_context_size_error",
      `request (9739 tokens) exceeds the available context size (8192 tokens), try increasing it ${secret}`,
      { n_prompt_tokens: 9_739, n_ctx: 8_192 },
    ),
    llamaError(500, "tools", "server_error", `tools param requires --jinja flag ${secret}`),
    llamaError(
      500,
      "images",
      "server_error",
      `image input is not supported - hint: if this is unexpected, you may need to provide the mmproj ${secret}`,
    ),
    llamaError(400, "badRequest", "invalid_request_error", `Failed to load image or audio file ${secret}`),
    llamaError(404, "wrongPath", "not_found_error", `File Not Found ${secret}`),
    llamaError(400, "modelMissing", "invalid_request_error", `model is not loaded ${secret}`),
    llamaError(500, "serverProblem", "server_error", `model name=qwen3-8b failed to load ${secret}`),
    // A proxy whose server is not there.
    {
      ...{ status: 502, kind: "serverDown", headers: { "content-type": "text/html" } },
      body: `<html><head><title>502 Bad Gateway ${secret}</title></head><body>nginx</body></html>`,
    },
  ],
};
