/** LM Studio. Forms: its documents and its issue tracker, as its source is not open. */
import { callInPieces, chunksOf, DONE, usage } from "./chatChunks.ts";
import { data, TEXT, THOUGHTS, type ProviderScript } from "./providerScript.ts";

const studioChunks = chunksOf({
  ...{ id: "chatcmpl-7ak", object: "chat.completion.chunk", created: 1_790_000_000, model: "qwen/qwen3-8b" },
  system_fingerprint: "qwen/qwen3-8b",
});
const studioWords = (text: string) => studioChunks.each(text, (content) => ({ role: "assistant", content }));
const studioTag = `<think>${THOUGHTS}</think>\n\n`;

/** Thoughts are told in the text, as its settings have it at first. A tool call's later pieces have an empty name. */
export const lmStudio: ProviderScript = {
  config: { kind: "openaiCompatible" },
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
  stored: { text: TEXT, thoughts: THOUGHTS, sources: [], pictures: 0 },
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
