/** Ollama. Forms: its packages `openai` and `middleware`, and what its `routes.go` refuses with. */
import { call, chunksOf, DONE, usage } from "./chatChunks.ts";
import { data, TEXT, THOUGHTS, type ProviderScript, type Refusal } from "./providerScript.ts";

const ollamaChunks = chunksOf({
  ...{ id: "chatcmpl-416", object: "chat.completion.chunk", created: 1_790_000_000, model: "qwen3:8b" },
  system_fingerprint: "fp_ollama",
});
const ollamaThoughts = ollamaChunks.each(THOUGHTS, (reasoning) => ({
  ...{ role: "assistant", content: "", reasoning },
}));
const ollamaUsage = data({ id: "chatcmpl-416", object: "chat.completion.chunk", choices: [], ...usage() });
const ollamaError = (status: number, kind: Refusal["kind"], message: string): Refusal => {
  const type = { 400: "invalid_request_error", 404: "not_found_error" }[status] ?? "api_error";
  return { status, kind, body: { error: { message, type, param: null, code: null } } };
};

/** Thoughts are `reasoning`, a tool call is whole. An error after the first word is an empty chunk without an end: its words are lost there. */
export const ollama: ProviderScript = {
  config: { kind: "openaiCompatible" },
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
  stored: { text: TEXT, thoughts: THOUGHTS, sources: [], pictures: 0 },
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
