/** OpenAI's Responses API, and Azure's, which adds what its filters found. Forms: OpenAI's reference of streaming events and of error codes; Azure's of errors. */
import {
  named,
  PNG,
  SOURCES,
  TEXT,
  THOUGHTS,
  tokensOf,
  type ProviderScript,
  type Refusal,
} from "./providerScript.ts";

const response = (status: string, more: object = {}) => ({
  response: {
    ...{
      id: "resp_1",
      object: "response",
      created_at: 1_790_000_000,
      status,
      model: "gpt-5-mini-2025-08-07",
    },
    ...{ error: null, incomplete_details: null, output: [], parallel_tool_calls: true, store: true },
    ...{ reasoning: { effort: "medium", summary: "auto" }, service_tier: "default", usage: null, ...more },
  },
});
const USAGE = {
  usage: {
    ...{ input_tokens: 12, input_tokens_details: { cached_tokens: 4 } },
    ...{ output_tokens: 40, output_tokens_details: { reasoning_tokens: 16 }, total_tokens: 52 },
  },
};

const BEGIN =
  named("response.created", response("in_progress")) + named("response.in_progress", response("in_progress"));
const END = named("response.completed", response("completed", USAGE));

function thoughts(): string {
  const place = { item_id: "rs_1", output_index: 0, summary_index: 0 };
  const part = { type: "summary_text", text: THOUGHTS };
  return [
    named("response.output_item.added", {
      output_index: 0,
      item: { id: "rs_1", type: "reasoning", summary: [] },
    }),
    named("response.reasoning_summary_part.added", { ...place, part: { type: "summary_text", text: "" } }),
    ...tokensOf(THOUGHTS).map((delta) =>
      named("response.reasoning_summary_text.delta", { ...place, delta, obfuscation: "k3" }),
    ),
    named("response.reasoning_summary_text.done", { ...place, text: THOUGHTS }),
    named("response.reasoning_summary_part.done", { ...place, part }),
    named("response.output_item.done", {
      output_index: 0,
      item: { id: "rs_1", type: "reasoning", summary: [part] },
    }),
  ].join("");
}

function words(text: string, more: object = {}): string {
  const item = { id: "msg_1", type: "message", role: "assistant" };
  const place = { item_id: "msg_1", output_index: 1, content_index: 0 };
  const annotations = SOURCES.map((url, n) => ({
    ...{ type: "url_citation", start_index: 0, end_index: 5, url, title: `Source ${n + 1}` },
  }));
  const part = { type: "output_text", annotations, logprobs: [], text };
  return [
    named("response.output_item.added", {
      ...{ output_index: 1, item: { ...item, status: "in_progress", content: [] } },
      ...more,
    }),
    named("response.content_part.added", { ...place, part: { ...part, annotations: [], text: "" } }),
    ...tokensOf(text).map((delta) =>
      named("response.output_text.delta", { ...place, delta, logprobs: [], obfuscation: "aZ9" }),
    ),
    ...annotations.map((annotation, annotation_index) =>
      named("response.output_text.annotation.added", { ...place, annotation_index, annotation }),
    ),
    named("response.output_text.done", { ...place, text, logprobs: [] }),
    named("response.content_part.done", { ...place, part }),
    named("response.output_item.done", {
      output_index: 1,
      item: { ...item, status: "completed", content: [part] },
    }),
  ].join("");
}

function picture(): string {
  const item = { id: "ig_1", type: "image_generation_call" };
  const place = { item_id: "ig_1", output_index: 2 };
  const made = { output_format: "png", background: "opaque", quality: "low", size: "1024x1024", result: PNG };
  return [
    named("response.output_item.added", { output_index: 2, item: { ...item, status: "in_progress" } }),
    named("response.image_generation_call.in_progress", place),
    named("response.image_generation_call.generating", place),
    named("response.image_generation_call.partial_image", {
      ...place,
      partial_image_index: 0,
      partial_image_b64: PNG,
    }),
    named("response.output_item.done", { output_index: 2, item: { ...item, status: "completed", ...made } }),
  ].join("");
}

function call(name: string, input: object): string {
  const item = { id: "fc_1", type: "function_call", call_id: "call_1", name };
  const json = JSON.stringify(input);
  const place = { item_id: "fc_1", output_index: 1 };
  return (
    BEGIN +
    thoughts() +
    named("response.output_item.added", {
      output_index: 1,
      item: { ...item, status: "in_progress", arguments: "" },
    }) +
    tokensOf(json)
      .map((delta) => named("response.function_call_arguments.delta", { ...place, delta, obfuscation: "q" }))
      .join("") +
    named("response.function_call_arguments.done", { ...place, arguments: json }) +
    named("response.output_item.done", {
      ...{ output_index: 1, item: { ...item, status: "completed", arguments: json } },
    }) +
    END
  );
}

const REFUSAL =
  BEGIN +
  named("response.output_item.added", {
    ...{ output_index: 0, item: { id: "msg_1", type: "message", role: "assistant", content: [] } },
  }) +
  named("response.content_part.added", {
    ...{ item_id: "msg_1", output_index: 0, content_index: 0, part: { type: "refusal", refusal: "" } },
  }) +
  tokensOf("I’m sorry, but I can’t help with that.")
    .map((delta) =>
      named("response.refusal.delta", { item_id: "msg_1", output_index: 0, content_index: 0, delta }),
    )
    .join("") +
  END;

const brokenBy = (message: string): string =>
  BEGIN +
  thoughts() +
  words("So far").replace(/event: response\.output_text\.done[\s\S]*$/, "") +
  named("error", { code: "server_error", message, param: null, sequence_number: 9 }) +
  named("response.failed", response("failed", { error: { code: "server_error", message } }));

const error = (
  status: number,
  kind: Refusal["kind"],
  fields: object,
  headers?: Record<string, string>,
): Refusal => ({
  ...{ status, kind, body: { error: { param: null, ...fields } } },
  ...(headers && { headers }),
});

const STORED = { text: TEXT, thoughts: THOUGHTS, sources: SOURCES, pictures: 1 };

export const openai: ProviderScript = {
  config: { kind: "openai" },
  model: "gpt-5-mini",
  list: {
    object: "list",
    data: ["gpt-5-mini", "gpt-5", "whisper-1", "text-embedding-3-small", "gpt-image-1"].map((id) => ({
      ...{ id, object: "model", created: 1_754_000_000, owned_by: "system" },
    })),
  },
  rich: BEGIN + thoughts() + words(TEXT) + picture() + END,
  stored: STORED,
  tool: call,
  refusal: REFUSAL,
  broken: (secret) =>
    brokenBy(`The server had an error processing your request (key ${secret}). Sorry about that!`),
  refusals: (secret) => [
    error(401, "key", {
      message: `Incorrect API key provided: ${secret}. You can find your API key at https://platform.openai.com/account/api-keys.`,
      ...{ type: "invalid_request_error", code: "invalid_api_key" },
    }),
    error(429, "credit", {
      message: `You exceeded your current quota, please check your plan and billing details. ${secret}`,
      ...{ type: "insufficient_quota", code: "insufficient_quota" },
    }),
    error(404, "modelMissing", {
      message: `The model \`gpt-9\` does not exist or you do not have access to it. ${secret}`,
      ...{ type: "invalid_request_error", code: "model_not_found" },
    }),
    error(400, "contextTooLong", {
      message: `Your input exceeds the context window of this model. Please adjust your input and try again. ${secret}`,
      ...{ type: "invalid_request_error", param: "input", code: "context_length_exceeded" },
    }),
    error(
      429,
      "rateLimit",
      {
        message: `Rate limit reached for gpt-5-mini in organization org-1 on tokens per min (TPM): Limit 200000, Used 199000. Please try again in 6.2s. ${secret}`,
        ...{ type: "tokens", code: "rate_limit_exceeded" },
      },
      { "retry-after-ms": "6200", "x-request-id": secret },
    ),
    error(400, "flagged", {
      message: `Invalid prompt: your prompt was flagged as potentially violating our usage policy. ${secret}`,
      ...{ type: "invalid_request_error", code: "invalid_prompt" },
    }),
    error(403, "forbidden", {
      message: `Country, region, or territory not supported ${secret}`,
      ...{ type: "request_forbidden", code: "unsupported_country_region_territory" },
    }),
    error(500, "serverProblem", {
      message: `The server had an error while processing your request. ${secret}`,
      ...{ type: "server_error", code: null },
    }),
  ],
};

export const azure: ProviderScript = {
  config: { kind: "azure", models: { add: ["my-gpt"] } },
  model: "my-gpt",
  list: { object: "list", data: [] },
  rich:
    BEGIN +
    thoughts() +
    words(TEXT) +
    picture() +
    named("response.completed", {
      response: {
        ...response("completed", USAGE).response,
        content_filters: [
          { blocked: false, source_type: "prompt", content_filter_results: { hate: { filtered: false } } },
        ],
      },
    }),
  stored: STORED,
  tool: call,
  refusal:
    BEGIN +
    named(
      "response.incomplete",
      response("incomplete", { incomplete_details: { reason: "content_filter" } }),
    ),
  broken: (secret) => brokenBy(`An internal error occurred: api-key=${secret}`),
  refusals: (secret) => [
    error(401, "key", {
      code: "401",
      message: `Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource. ${secret}`,
    }),
    error(404, "modelMissing", {
      code: "DeploymentNotFound",
      message: `The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again. ${secret}`,
    }),
    error(404, "wrongPath", { code: "404", message: `Resource not found ${secret}` }),
    error(400, "flagged", {
      ...{ type: null, param: "prompt", code: "content_filter", status: 400 },
      message: `The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. ${secret}`,
      innererror: {
        code: "ResponsibleAIPolicyViolation",
        content_filter_result: { violence: { filtered: true, severity: "medium" } },
      },
    }),
    error(
      429,
      "rateLimit",
      {
        code: "RateLimitReached",
        message: `Your requests to my-gpt for gpt-5-mini in East US have exceeded the token rate limit for your current pricing tier. Please retry after 20 seconds. ${secret}`,
      },
      { "retry-after": "20" },
    ),
    {
      ...{ status: 403, kind: "forbidden" },
      // Its front door answers without `error`.
      body: { statusCode: 403, message: `Access denied due to Virtual Network/Firewall rules. ${secret}` },
    },
  ],
};
