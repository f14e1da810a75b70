/** vLLM. Forms: `entrypoints/openai`, and errors in its issues. */
import { callInPieces, DONE, usage } from "./chatChunks.ts";
import { data, TEXT, THOUGHTS, tokensOf, type ProviderScript, type Refusal } from "./providerScript.ts";

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
  kind: Refusal["kind"],
  type: string,
  message: string,
  param: string | null = null,
) => ({
  ...{ status, kind, body: { error: { message, type, param, code: status } } },
});

/** Thoughts twice, under two names; the code of an error is its status. */
export const vllm: ProviderScript = {
  config: { kind: "openaiCompatible" },
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
  stored: { text: TEXT, thoughts: THOUGHTS, sources: [], pictures: 0 },
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
      `[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required ${secret}', 'input': {'messages': []}}]`,
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
