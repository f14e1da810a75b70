/** Anthropic's Messages API. Forms: its reference of streaming messages, of errors, of citations and of `/v1/models`. */
import {
  named,
  SOURCES,
  TEXT,
  THOUGHTS,
  tokensOf,
  type ProviderScript,
  type Refusal,
} from "./providerScript.ts";

const START = named("message_start", {
  message: {
    ...{ model: "claude-sonnet-4-5-20250929", id: "msg_01", type: "message", role: "assistant", content: [] },
    ...{ stop_reason: null, stop_sequence: null },
    usage: {
      ...{ input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 4, output_tokens: 1 },
      ...{
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        service_tier: "standard",
      },
    },
  },
});
const PING = named("ping", {});

const open = (index: number, content_block: object) => named("content_block_start", { index, content_block });
const close = (index: number) => named("content_block_stop", { index });
const delta = (index: number, value: object) => named("content_block_delta", { index, delta: value });
const end = (stop_reason: string, more: object = {}) =>
  named("message_delta", {
    ...{ delta: { stop_reason, stop_sequence: null, ...more } },
    usage: { input_tokens: 12, cache_read_input_tokens: 4, output_tokens: 40 },
  }) + named("message_stop", {});

const thinking =
  open(0, { type: "thinking", thinking: "", signature: "" }) +
  PING +
  tokensOf(THOUGHTS)
    .map((words) => delta(0, { type: "thinking_delta", thinking: words }))
    .join("") +
  delta(0, { type: "signature_delta", signature: "EqQBCkYIARgCKkAtb3Jk" }) +
  close(0) +
  open(1, { type: "redacted_thinking", data: "EmwKAhgBEgy3va3pzix" }) +
  close(1);

const text = (words: string) =>
  open(2, { type: "text", text: "" }) +
  tokensOf(words)
    .map((word) => delta(2, { type: "text_delta", text: word }))
    .join("");

const citations = SOURCES.map((url, n) =>
  delta(2, {
    type: "citations_delta",
    citation: {
      ...{ type: "web_search_result_location", cited_text: "…", url, title: `Source ${n + 1}` },
      encrypted_index: "Eo8BCioIAhgB",
    },
  }),
).join("");

const error = (
  status: number,
  kind: Refusal["kind"],
  type: string,
  message: string,
  headers = {},
): Refusal => ({
  ...{ status, kind, headers: { "request-id": "req_011", ...headers } },
  body: { type: "error", error: { type, message }, request_id: "req_011" },
});

export const anthropic: ProviderScript = {
  config: { kind: "anthropic" },
  model: "claude-sonnet-4-5-20250929",
  list: {
    data: [
      {
        ...{ type: "model", id: "claude-sonnet-4-5-20250929", display_name: "Claude Sonnet 4.5" },
        ...{ created_at: "2025-09-29T00:00:00Z", max_input_tokens: 200_000, max_tokens: 64_000 },
        capabilities: {
          ...{
            image_input: { supported: true },
            pdf_input: { supported: true },
            thinking: { supported: true },
          },
        },
      },
    ],
    ...{ has_more: false, first_id: "claude-sonnet-4-5-20250929", last_id: "claude-sonnet-4-5-20250929" },
  },
  rich: START + thinking + text(TEXT) + citations + PING + close(2) + end("end_turn"),
  stored: { text: TEXT, thoughts: THOUGHTS, sources: SOURCES, pictures: 0 },
  tool: (name, input) =>
    START +
    thinking +
    open(2, { type: "tool_use", id: "toolu_01", name, input: {}, caller: { type: "direct" } }) +
    ["", ...tokensOf(JSON.stringify(input))]
      .map((partial_json) => delta(2, { type: "input_json_delta", partial_json }))
      .join("") +
    close(2) +
    end("tool_use"),
  refusal: START + end("refusal", { stop_details: { type: "refusal", category: "cyber" } }),
  broken: (secret) =>
    START +
    PING +
    thinking +
    text("So far") +
    named("error", { error: { type: "overloaded_error", message: `Overloaded (x-api-key: ${secret})` } }),
  refusals: (secret) => [
    error(401, "key", "authentication_error", `invalid x-api-key ${secret}`),
    error(
      400,
      "credit",
      "invalid_request_error",
      `Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits. ${secret}`,
    ),
    error(404, "modelMissing", "not_found_error", `model: claude-9 ${secret}`),
    error(
      400,
      "contextTooLong",
      "invalid_request_error",
      `prompt is too long: 210000 tokens > 200000 maximum ${secret}`,
    ),
    error(413, "tooLarge", "request_too_large", `Request exceeds the maximum size ${secret}`),
    error(
      429,
      "rateLimit",
      "rate_limit_error",
      `This request would exceed your organization's rate limit of 50,000 input tokens per minute. ${secret}`,
      { "retry-after": "14", "anthropic-ratelimit-requests-remaining": "0" },
    ),
    error(
      403,
      "forbidden",
      "permission_error",
      `Your API key does not have permission to use the specified resource. ${secret}`,
    ),
    error(529, "serverProblem", "overloaded_error", `Overloaded ${secret}`),
    error(500, "serverProblem", "api_error", `Internal server error ${secret}`),
  ],
};
