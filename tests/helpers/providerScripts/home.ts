/**
 * Servers at home, all with chat completions, each in its own way. Forms: Ollama's `openai` and `middleware` packages and its `routes.go`;
 * llama.cpp's `tools/server` and its tests; vLLM's `entrypoints/openai`; LM Studio's documents and its issue tracker.
 */
import { call, chunksOf, DONE, usage } from "./chatChunks.ts";
import { data, TEXT, THOUGHTS, tokensOf, type ProviderScript, type Refusal } from "./providerScript.ts";

const STORED = { text: TEXT, thoughts: THOUGHTS, sources: [], pictures: 0 };
const CONFIG = { kind: "openaiCompatible" } as const;

type Kind = Refusal["kind"];

/** A tool call that comes in pieces: first its name, then its input. `piece` makes what is beside the arguments. */
const callInPieces = (name: string, input: object, id: string, first: object, piece: object = {}): object[] =>
  ["", ...tokensOf(JSON.stringify(input))].map((text, n) => ({
    tool_calls: [
      n === 0
        ? { index: 0, id, type: "function", function: { name, ...first } }
        : { index: 0, function: { ...piece, arguments: text } },
    ],
  }));

const ollamaChunks = chunksOf({
  ...{ id: "chatcmpl-416", object: "chat.completion.chunk", created: 1_790_000_000, model: "qwen3:8b" },
  system_fingerprint: "fp_ollama",
});
const ollamaThoughts = ollamaChunks.each(THOUGHTS, (reasoning) => ({
  ...{ role: "assistant", content: "", reasoning },
}));
const ollamaUsage = data({ id: "chatcmpl-416", object: "chat.completion.chunk", choices: [], ...usage() });
const ollamaError = (status: number, kind: Kind, message: string): Refusal => {
  const type = { 400: "invalid_request_error", 404: "not_found_error" }[status] ?? "api_error";
  return { status, kind, body: { error: { message, type, param: null, code: null } } };
};

/** Thoughts are `reasoning`, a tool call is whole. An error after the first word is an empty chunk without an end: its words are lost there. */
export const ollama: ProviderScript = {
  config: CONFIG,
  model: "qwen3:8b",
  list: {
    object: "list",
    data: ["qwen3:8b", "nomic-embed-text:latest"].map((id) => ({
      ...{ id, object: "model", created: 1_790_000_000, owned_by: "library" },
    })),
  },
  rich:
    ollamaThoughts +
    ollamaChunks.each(TEXT, (content) => ({ role: "assistant", content })) +
    ollamaChunks.chunk({ role: "assistant", content: "" }, "stop") +
    ollamaUsage +
    DONE,
  stored: STORED,
  tool: (name, input) =>
    ollamaThoughts +
    ollamaChunks.chunk({ role: "assistant", content: "", ...call(name, input, "call_3pk7zq1a") }) +
    ollamaChunks.chunk({ role: "assistant", content: "" }, "tool_calls") +
    ollamaUsage +
    DONE,
  refusal: null,
  broken: () =>
    ollamaThoughts +
    ollamaChunks.each("So far", (content) => ({ role: "assistant", content })) +
    data({
      ...{ id: "chatcmpl-416", object: "chat.completion.chunk", created: 1_790_000_000, model: "" },
      ...{ system_fingerprint: "fp_ollama" },
      choices: [{ index: 0, delta: { role: "", content: "" }, finish_reason: null }],
    }),
  refusals: (secret) => [
    ollamaError(401, "key", `unauthorized ${secret}`),
    ollamaError(404, "modelMissing", `model 'llama9' not found ${secret}`),
    ollamaError(404, "modelMissing", `model "llama9" not found, try pulling it first ${secret}`),
    ollamaError(400, "tools", `registry.ollama.ai/library/gemma3:4b does not support tools ${secret}`),
    ollamaError(400, "badRequest", `"gemma3:4b" does not support thinking ${secret}`),
    ollamaError(400, "badRequest", `"nomic-embed-text" does not support chat ${secret}`),
    ollamaError(
      500,
      "serverProblem",
      `model requires more system memory (12.0 GiB) than is available (7.6 GiB) ${secret}`,
    ),
    ollamaError(
      500,
      "serverProblem",
      `llama runner process has terminated: error loading model: missing tensor 'output.weight' ${secret}`,
    ),
    ollamaError(
      503,
      "serverProblem",
      `server busy, please try again.  maximum pending requests exceeded ${secret}`,
    ),
    // Ollama's own router.
    { status: 404, kind: "wrongPath", body: `404 page not found ${secret}` },
  ],
};

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
const llamaError = (status: number, kind: Kind, type: string, message: string, more = {}): Refusal => ({
  ...{ status, kind, body: { error: { code: status, message, type, ...more } } },
});

/** Its list is there twice, as Ollama's and as OpenAI's; the context that one request has stands beside the model's own. */
export const llamaCpp: ProviderScript = {
  config: CONFIG,
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
  stored: STORED,
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

const vllmChunk = (delta: object, finish_reason: string | null = null, more: object = {}) =>
  data({
    ...{
      id: "chatcmpl-5f1c",
      object: "chat.completion.chunk",
      created: 1_790_000_000,
      model: "Qwen/Qwen3-8B",
    },
    choices: [{ index: 0, delta, logprobs: null, finish_reason, token_ids: null, ...more }],
  });
const vllmThoughts =
  vllmChunk({ role: "assistant", content: "" }) +
  tokensOf(THOUGHTS)
    // The first is a copy of the second, for clients that know it alone.
    .map((reasoning) => vllmChunk({ reasoning_content: reasoning, reasoning }))
    .join("");
const vllmWords = (text: string) =>
  tokensOf(text)
    .map((content) => vllmChunk({ content }))
    .join("");
const vllmUsage = data({ id: "chatcmpl-5f1c", model: "Qwen/Qwen3-8B", choices: [], ...usage() });
const vllmError = (
  status: number,
  kind: Kind,
  type: string,
  message: string,
  param: string | null = null,
) => ({
  ...{ status, kind, body: { error: { message, type, param, code: status } } },
});

/** Thoughts twice, under two names; the code of an error is its status. */
export const vllm: ProviderScript = {
  config: CONFIG,
  model: "Qwen/Qwen3-8B",
  list: {
    object: "list",
    data: [
      {
        ...{ id: "Qwen/Qwen3-8B", object: "model", created: 1_790_000_000, owned_by: "vllm" },
        ...{ root: "Qwen/Qwen3-8B", parent: null, max_model_len: 40_960 },
        permission: [{ id: "modelperm-1", object: "model_permission", allow_sampling: true, group: null }],
      },
    ],
  },
  rich:
    vllmThoughts +
    vllmWords(TEXT) +
    vllmChunk({ content: "" }, "stop", { stop_reason: 151_645 }) +
    vllmUsage +
    DONE,
  stored: STORED,
  tool: (name, input) =>
    vllmThoughts +
    callInPieces(name, input, "chatcmpl-tool-9a", {})
      .map((delta) => vllmChunk(delta))
      .join("") +
    vllmChunk({ content: "" }, "tool_calls", { stop_reason: null }) +
    vllmUsage +
    DONE,
  refusal: null,
  broken: (secret) =>
    vllmThoughts +
    vllmWords("So far") +
    data({
      error: {
        message: `EngineCore encountered an issue. ${secret}`,
        type: "InternalServerError",
        code: 500,
      },
    }) +
    DONE,
  refusals: (secret) => [
    { status: 401, kind: "key", body: { error: `Unauthorized ${secret}` } },
    vllmError(404, "modelMissing", "NotFoundError", `The model \`x\` does not exist. ${secret}`, "model"),
    vllmError(
      400,
      "contextTooLong",
      "BadRequestError",
      `This model's maximum context length is 4096 tokens. However, your request has 9000 input tokens. ${secret}`,
      "input_tokens",
    ),
    vllmError(
      400,
      "tools",
      "BadRequestError",
      `"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set ${secret}`,
    ),
    vllmError(400, "images", "BadRequestError", `Qwen/Qwen3-8B is not a multimodal model None ${secret}`),
    vllmError(
      400,
      "badRequest",
      "Bad Request",
      `[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required'}] ${secret}`,
    ),
    // Before version 0.10.
    {
      ...{ status: 400, kind: "contextTooLong" },
      body: {
        ...{ object: "error", type: "BadRequestError", param: null, code: 400 },
        message: `This model's maximum context length is 4096 tokens. However, you requested 9000 tokens. ${secret}`,
      },
    },
    // FastAPI.
    {
      status: 422,
      kind: "badRequest",
      body: { detail: [{ loc: ["body", "messages"], msg: `Field required ${secret}` }] },
    },
  ],
};

const studioChunks = chunksOf({
  ...{ id: "chatcmpl-7ak", object: "chat.completion.chunk", created: 1_790_000_000, model: "qwen/qwen3-8b" },
  system_fingerprint: "qwen/qwen3-8b",
});
const studioWords = (text: string) => studioChunks.each(text, (content) => ({ role: "assistant", content }));
const studioTag = `<think>${THOUGHTS}</think>\n\n`;

/** Thoughts are told in the text, as its settings have it at first. A tool call's later pieces have an empty name. */
export const lmStudio: ProviderScript = {
  config: CONFIG,
  model: "qwen/qwen3-8b",
  list: {
    object: "list",
    data: ["qwen/qwen3-8b", "text-embedding-nomic-embed-text-v1.5"].map((id) => ({
      ...{ id, object: "model", owned_by: "organization_owner" },
    })),
  },
  rich:
    studioWords(studioTag + TEXT) +
    studioChunks.chunk({}, "stop", { stats: {} }) +
    data({ id: "chatcmpl-7ak", choices: [], ...usage(), stats: {} }) +
    DONE,
  stored: STORED,
  tool: (name, input) =>
    studioWords(studioTag) +
    callInPieces(name, input, "365174485", { arguments: "" }, { name: "" })
      .map((delta) => studioChunks.chunk(delta))
      .join("") +
    studioChunks.chunk({}, "tool_calls") +
    DONE,
  refusal: null,
  broken: (secret) =>
    studioWords(`${studioTag}So far`) +
    `event: error\n${data({ error: { message: `The model has crashed without additional information. ${secret}` } })}`,
  refusals: (secret) => [
    {
      ...{ status: 401, kind: "key" },
      body: {
        error: {
          ...{ type: "invalid_request", code: "invalid_api_key" },
          message: `An LM Studio API token is required to make requests to this server, but none was provided ${secret}`,
        },
      },
    },
    {
      ...{ status: 400, kind: "modelMissing" },
      body: {
        error: `No models loaded. Please load a model in the developer page or use the 'lms load' command. ${secret}`,
      },
    },
    {
      ...{ status: 400, kind: "contextTooLong" },
      body: {
        error: `The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger context length, or provide a shorter input. ${secret}`,
      },
    },
    {
      ...{ status: 400, kind: "serverProblem" },
      body: {
        error: `The model has crashed without additional information. (Exit code: 18446744072635812000) ${secret}`,
      },
    },
    {
      ...{ status: 404, kind: "serverProblem" },
      body: {
        error: {
          message: `Failed to load model "qwen/qwen3-8b". Error: Error loading model. ${secret}`,
          ...{ type: "invalid_request_error", param: "model", code: "model_not_found" },
        },
      },
    },
    {
      ...{ status: 400, kind: "images" },
      body: { error: `Model does not support images. Please use a model that does. ${secret}` },
    },
  ],
};
