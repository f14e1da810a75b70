/** What servers of each kind were seen to send that is not in their reference: recorded streams that were taken to their shapes. */
import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connect } from "../../../convex/providers/connect";
import { problemOf } from "../../../convex/providers/problemOf";
import { providerOf } from "../../../convex/providers/settings";
import type { ProviderConfig } from "../../../convex/shared/providerConfig";
import { bodyOf, packets } from "./streams.ts";

beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

type Config = Omit<ProviderConfig, "id">;
const AZURE: Config = { kind: "azure", baseURL: "https://house.openai.azure.com" };
const HOME: Config = { kind: "openaiCompatible", baseURL: "http://model.test/v1" };

async function partsOf(config: Config, text: string): Promise<LanguageModelV3StreamPart[]> {
  const headers = { "content-type": "text/event-stream" };
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(bodyOf(packets(text, [])), { headers })));
  const provider = providerOf({ id: "p", apiKey: "key-for-tests", ...config });
  const { model } = await connect({ provider, modelId: "m" }, { onBytes: () => undefined });
  const { stream } = await model.doStream({
    prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  });
  const parts: LanguageModelV3StreamPart[] = [];
  for (const reader = stream.getReader(); ;) {
    const { value, done } = await reader.read();
    if (done) return parts;
    parts.push(value);
  }
}

async function told(config: Config, text: string) {
  const parts = await partsOf(config, text);
  const finish = parts.find((part) => part.type === "finish");
  const words = (type: "text-delta" | "reasoning-delta") =>
    parts.flatMap((part) => (part.type === type ? [part.delta] : [])).join("");
  return {
    text: words("text-delta"),
    thoughts: words("reasoning-delta"),
    texts: parts.filter((part) => part.type === "text-start").length,
    files: parts.flatMap((part) => (part.type === "file" ? [part.mediaType] : [])),
    results: parts.filter((part) => part.type === "tool-result").length,
    errors: parts.flatMap((part) => (part.type === "error" ? [part.error] : [])),
    finish: finish?.finishReason.unified,
    usage: finish?.usage,
  };
}

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const event = (type: string, fields: object) => `event: ${type}\n${data({ type, ...fields })}`;
const DONE = "data: [DONE]\n\n";

describe("Responses", () => {
  const COMPLETED = event("response.completed", {
    response: { usage: { input_tokens: 3, output_tokens: 4 } },
  });
  const added = (index: number, item: object) =>
    event("response.output_item.added", { output_index: index, item });
  const done = (index: number, item: object) =>
    event("response.output_item.done", { output_index: index, item });
  const summary = (type: string, id: string, more: object) =>
    event(`response.reasoning_summary_${type}`, { item_id: id, output_index: 0, summary_index: 0, ...more });

  test("an id that is another one in each event (GitHub Copilot)", async () => {
    const says = (id: string, delta: string) =>
      event("response.output_text.delta", { item_id: id, output_index: 1, content_index: 0, delta });
    const stream =
      added(0, { id: "a1", type: "reasoning", summary: [] }) +
      summary("part.added", "a2", { part: { type: "summary_text", text: "" } }) +
      summary("text.delta", "a3", { delta: "Hm" }) +
      summary("part.done", "a4", { part: { type: "summary_text", text: "Hm" } }) +
      done(0, { id: "a5", type: "reasoning", summary: [{ type: "summary_text", text: "Hm" }] }) +
      added(1, { id: "b1", type: "message", role: "assistant", content: [] }) +
      says("b2", "Hel") +
      says("b3", "lo") +
      done(1, { id: "b4", type: "message", role: "assistant", content: [] }) +
      COMPLETED;
    expect(await told({ kind: "openai", baseURL: "https://gateway.test/v1" }, stream)).toMatchObject({
      ...{ text: "Hello", texts: 1, thoughts: "Hm", finish: "stop", errors: [] },
    });
  });

  test("thoughts themselves instead of summaries (vLLM, LM Studio, llama.cpp); of both, one", async () => {
    const thinks = (delta: string) =>
      event("response.reasoning_text.delta", { item_id: "r", output_index: 0, content_index: 0, delta });
    const says = event("response.output_text.delta", { item_id: "m", output_index: 1, delta: "Hello" });
    const open = added(0, { id: "r", type: "reasoning", summary: [], content: [] });
    const both = summary("text.delta", "r", { delta: "In short: hm" });
    expect(
      await told(
        { ...HOME, api: "responses" },
        `${open}${thinks("H")}${thinks("m")}${both}${says}${COMPLETED}`,
      ),
    ).toMatchObject({ text: "Hello", thoughts: "Hm", errors: [] });
    expect(await told({ ...HOME, api: "responses" }, `${thinks("Hm")}${says}${COMPLETED}`)).toMatchObject({
      ...{ text: "Hello", thoughts: "Hm", errors: [] },
    });
    const reply = {
      ...{ object: "response", status: "completed", usage: { input_tokens: 1, output_tokens: 2 } },
      output: [
        { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Hm" }] },
        { type: "message", content: [{ type: "output_text", text: "Hello" }] },
      ],
    };
    expect(await told({ ...HOME, api: "responses" }, JSON.stringify(reply))).toMatchObject({
      ...{ text: "Hello", thoughts: "Hm", errors: [] },
    });
  });

  test("summaries and ends of items that were never opened", async () => {
    const stream =
      summary("part.added", "r", { summary_index: 1, part: { type: "summary_text", text: "" } }) +
      done(1, { id: "x", type: "reasoning", summary: [] }) +
      done(2, { id: "m", type: "message", role: "assistant", content: [] }) +
      event("response.output_text.delta", { item_id: "n", output_index: 3, delta: "Hello" }) +
      COMPLETED;
    expect(await told({ kind: "openai" }, stream)).toMatchObject({ text: "Hello", errors: [] });
  });

  test("sketches of a picture are no results of a call", async () => {
    const item = { id: "ig", type: "image_generation_call", status: "completed", result: "UklGRg==" };
    const stream =
      added(0, { ...item, result: null, status: "in_progress" }) +
      event("response.image_generation_call.generating", { item_id: "ig", output_index: 0 }) +
      event("response.image_generation_call.partial_image", {
        ...{ item_id: "ig", output_index: 0, partial_image_index: 0, partial_image_b64: "UklGRg==" },
      }) +
      done(0, item) +
      COMPLETED;
    expect(await told(AZURE, stream)).toMatchObject({ files: ["image/webp"], results: 0, errors: [] });
  });

  test("[G12] nothing that is known, and then the end: lost, not a fault of the server's", async () => {
    const chunk = data({ object: "chat.completion.chunk", choices: [{ delta: { content: "Hello" } }] });
    const thrown: unknown = await told(AZURE, chunk + DONE).catch((error: unknown) => error);
    expect(problemOf(thrown)).toEqual({ kind: "brokenOff" });
  });
});

describe("chat completions", () => {
  const chunk = (delta: object, finish: string | null = null, more: object = {}) =>
    data({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason: finish }], ...more });

  test("Azure's model router: the filter's findings first, without an id, and an `obfuscation` in each chunk", async () => {
    const found = {
      prompt_index: 0,
      content_filter_results: { hate: { filtered: false, severity: "safe" } },
    };
    const stream =
      data({ choices: [], created: 0, id: "", model: "", object: "", prompt_filter_results: [found] }) +
      chunk({ role: "assistant", content: "", refusal: null }, null, { obfuscation: "D3W", usage: null }) +
      chunk({ content: "Hello" }, null, { obfuscation: "x" }) +
      chunk({}, "stop") +
      data({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }) +
      DONE;
    expect(await told({ ...AZURE, api: "chat" }, stream)).toMatchObject({
      ...{ text: "Hello", finish: "stop", errors: [], usage: { outputTokens: { total: 2 } } },
    });
  });

  test("thoughts of other makers' models at Azure and at gateways are one part before the words", async () => {
    const stream =
      chunk({ role: "assistant", reasoning_content: "H" }) +
      chunk({ reasoning_content: "m" }) +
      chunk({ content: "Hello" }) +
      chunk({}, "stop") +
      DONE;
    for (const config of [
      { ...AZURE, api: "chat" },
      { kind: "openai", api: "chat" },
    ] as const) {
      const types = (await partsOf(config, stream)).map(({ type }) => type);
      // Words that come together are one delta.
      const inOrder = types.filter((type, at) => /^(reasoning|text)-/.test(type) && type !== types[at - 1]);
      expect(inOrder).toEqual([
        ...["reasoning-start", "reasoning-delta", "reasoning-end"],
        ...["text-start", "text-delta", "text-end"],
      ]);
      expect(await told(config, stream)).toMatchObject({ text: "Hello", thoughts: "Hm" });
    }
  });

  test("tokens from DeepSeek's cache are counted, at DeepSeek and behind a gateway", async () => {
    const usage = {
      ...{ prompt_tokens: 339, completion_tokens: 83, total_tokens: 422 },
      ...{ prompt_cache_hit_tokens: 320, prompt_cache_miss_tokens: 19 },
    };
    for (const config of [{ kind: "deepseek" } as const, HOME]) {
      const { usage: counted } = await told(
        config,
        chunk({ content: "Hi" }) + chunk({}, "stop", { usage }) + DONE,
      );
      expect(counted?.inputTokens).toMatchObject({ total: 339, cacheRead: 320, noCache: 19 });
    }
  });

  test.each<[string, string]>([
    [
      "llama.cpp: progress of the prompt, timings, usage beside the end",
      chunk({ role: "assistant", content: null }) +
        chunk({}, null, { prompt_progress: { total: 9, cache: 0, processed: 9, time_ms: 3 } }) +
        chunk({ content: "Hello" }) +
        chunk({}, "stop", { timings: { prompt_n: 1, predicted_per_second: 9.5 } }) +
        data({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 1 } }),
    ],
    [
      "vLLM: stop_reason as a number, prompt_token_ids, an empty last delta",
      chunk({ role: "assistant", content: "" }, null, { prompt_token_ids: null }) +
        data({ choices: [{ index: 0, delta: { content: "Hello" }, logprobs: null, token_ids: null }] }) +
        data({ choices: [{ index: 0, delta: { content: "" }, finish_reason: "stop", stop_reason: 151645 }] }),
    ],
    [
      "Ollama: the end with an empty delta, and a fingerprint",
      chunk({ role: "assistant", content: "Hello" }, null, { system_fingerprint: "fp_ollama" }) +
        chunk({ role: "assistant", content: "" }, "stop", { system_fingerprint: "fp_ollama" }),
    ],
    [
      "LM Studio: stats in the last chunk",
      chunk({ content: "Hello" }) + chunk({}, "stop", { stats: {}, system_fingerprint: "qwen3" }),
    ],
    [
      "xAI: a role and an empty text in each chunk, usage with live_search",
      chunk({ role: "assistant", content: "Hello" }, null, { usage: { prompt_tokens: 4 } }) +
        chunk({ role: "assistant", content: "" }, "stop", {
          usage: { prompt_tokens: 4, num_sources_used: 0 },
        }),
    ],
  ])("%s", async (_name, stream) => {
    const config: Config = _name.startsWith("xAI") ? { kind: "xai" } : HOME;
    expect(await told(config, stream + DONE)).toMatchObject({ text: "Hello", finish: "stop", errors: [] });
  });
});

test("Anthropic tells how many tokens were thoughts", async () => {
  const start = { type: "message_start", message: { id: "m", usage: { input_tokens: 3, output_tokens: 1 } } };
  const stream =
    data(start) +
    data({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }) +
    data({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } }) +
    data({ type: "content_block_stop", index: 0 }) +
    data({
      type: "message_delta",
      delta: { stop_reason: "end_turn" },
      usage: { output_tokens: 30, output_tokens_details: { thinking_tokens: 20 } },
    }) +
    data({ type: "message_stop" });
  expect((await told({ kind: "anthropic" }, stream)).usage?.outputTokens).toMatchObject({
    ...{ total: 30, reasoning: 20 },
  });
});
