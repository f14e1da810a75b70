/** What goes over the wire to each provider for what a person sets. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connect } from "../../convex/providers/connect";
import type { ModelRequest } from "../../convex/providers/modelRequest";
import { effortsOf } from "../../convex/providers/efforts";
import { knownFacts } from "../../convex/providers/knownModels";
import { providerOf } from "../../convex/providers/settings";
import type { ProviderConfig } from "../../convex/shared/providerConfig";
import { sseText, type ProviderApi } from "../helpers/sse.ts";

beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

type Sent = { url: string; headers: Headers; body: Record<string, unknown> };

/** The one request that is made for these settings. */
async function sent(
  config: Omit<ProviderConfig, "id">,
  modelId: string,
  settings: Omit<ModelRequest, "provider" | "modelId"> = {},
): Promise<Sent> {
  const requests: Sent[] = [];
  const api = apiOf(config);
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const body = JSON.parse(init.body as string) as Sent["body"];
    requests.push({ url, headers: new Headers(init.headers), body });
    const words = sseText(api, [
      { type: "text", text: "Hi" },
      { type: "finish", reason: "stop" },
    ]);
    return Promise.resolve(new Response(words, { headers: { "content-type": "text/event-stream" } }));
  });
  const provider = providerOf({ id: "p", apiKey: "key-for-tests", ...config });
  const { model } = await connect({ provider, modelId, ...settings }, { onBytes: () => undefined });
  const { stream } = await model.doStream({
    prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  });
  await stream.pipeTo(new WritableStream());
  const [request, ...more] = requests;
  expect(more).toEqual([]);
  if (request === undefined) throw new Error("Nothing was asked");
  return request;
}

function apiOf({ kind, api }: Omit<ProviderConfig, "id">): ProviderApi {
  if (kind === "anthropic" || kind === "google") return kind;
  return api ?? (kind === "openai" || kind === "azure" ? "responses" : "chat");
}

type Config = Omit<ProviderConfig, "id">;
const OPENAI: Config = { kind: "openai" };
const CHAT: Config = { kind: "openai", api: "chat" };
const HOME: Config = { kind: "openaiCompatible", baseURL: "http://model.test/v1" };
const ANTHROPIC: Config = { kind: "anthropic" };
const GOOGLE: Config = { kind: "google" };
const ROUTER: Config = { kind: "openrouter" };
const AZURE: Config = { kind: "azure", baseURL: "https://house.openai.azure.com" };
const XAI: Config = { kind: "xai" };
const DEEPSEEK: Config = { kind: "deepseek" };

const thinking = (config: object) => ({ generationConfig: { thinkingConfig: config } });

describe("an effort goes over the wire as the provider has it", () => {
  test.each<[Config, string, ModelRequest["effort"], object]>([
    [OPENAI, "gpt-5-mini", "minimal", { reasoning: { effort: "minimal", summary: "auto" } }],
    [OPENAI, "gpt-5.6-terra", "max", { reasoning: { effort: "max" } }],
    [CHAT, "gpt-5.1", "none", { reasoning_effort: "none" }],
    [AZURE, "gpt-5", "high", { reasoning: { effort: "high" } }],
    [{ ...AZURE, api: "chat" }, "gpt-5", "high", { reasoning_effort: "high" }],
    [HOME, "openai/gpt-oss-20b", "low", { reasoning_effort: "low" }],
    [{ ...HOME, api: "responses" }, "gpt-oss-20b", "low", { reasoning: { effort: "low" } }],
    [ANTHROPIC, "claude-haiku-4-5", "none", { thinking: { type: "disabled" } }],
    [ANTHROPIC, "claude-haiku-4-5", "low", { thinking: { type: "enabled", budget_tokens: 2_048 } }],
    [
      ANTHROPIC,
      "claude-opus-4-6",
      "max",
      { thinking: { type: "adaptive" }, output_config: { effort: "max" } },
    ],
    [
      ANTHROPIC,
      "claude-opus-5",
      "xhigh",
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "xhigh" } },
    ],
    [GOOGLE, "gemini-2.5-flash", "none", thinking({ thinkingBudget: 0 })],
    [GOOGLE, "gemini-2.5-pro", "high", thinking({ includeThoughts: true, thinkingBudget: 16_384 })],
    [GOOGLE, "gemini-3.5-flash", "minimal", thinking({ includeThoughts: true, thinkingLevel: "minimal" })],
    [ROUTER, "openai/gpt-5.6-sol", "high", { reasoning: { effort: "high" } }],
    [XAI, "grok-4.3", "none", { reasoning_effort: "none" }],
    [{ ...XAI, api: "responses" }, "grok-4.6", "xhigh", { reasoning: { effort: "xhigh" } }],
    [DEEPSEEK, "deepseek-v4-pro", "none", { thinking: { type: "disabled" } }],
    [DEEPSEEK, "deepseek-flash", "max", { thinking: { type: "enabled" }, reasoning_effort: "max" }],
  ])("%o %s: %s", async (config, model, effort, expected) => {
    expect((await sent(config, model, { effort: effort! })).body).toMatchObject(expected);
  });

  test.each<[Config, string, NonNullable<ModelRequest["effort"]>]>([
    [OPENAI, "gpt-4.1", "high"],
    [OPENAI, "gpt-5-chat-latest", "high"],
    [HOME, "llama3", "low"],
    [ANTHROPIC, "claude-3-5-haiku-20241022", "low"],
    // They cannot but think.
    [ANTHROPIC, "claude-opus-5-5", "none"],
    [GOOGLE, "gemini-3-pro-preview", "medium"],
    [XAI, "grok-4.20-reasoning", "low"],
    [XAI, "grok-4.5", "none"],
    [DEEPSEEK, "deepseek-chat", "high"],
  ])("%o %s is not told %s, which it does not know", async (config, model, effort) => {
    const [with_, without] = [await sent(config, model, { effort }), await sent(config, model)];
    expect(with_.body).toEqual(without.body);
  });
});

describe("where no effort is set", () => {
  test.each<[Config, string, object]>([
    // Their thoughts come empty unless a summary is asked for.
    [ANTHROPIC, "claude-opus-5", { thinking: { type: "adaptive", display: "summarized" } }],
    [ANTHROPIC, "claude-sonnet-5-5", { thinking: { type: "adaptive", display: "summarized" } }],
    [GOOGLE, "gemini-2.5-pro", thinking({ includeThoughts: true })],
    [OPENAI, "gpt-5", { reasoning: { summary: "auto" } }],
  ])("%o %s tells its thoughts, of the length that it chooses", async (config, model, expected) => {
    expect((await sent(config, model)).body).toMatchObject(expected);
  });

  test.each<[Config, string]>([
    [ANTHROPIC, "claude-sonnet-4-5"],
    [ANTHROPIC, "claude-opus-4-8"],
    [GOOGLE, "gemini-2.0-flash"],
    [GOOGLE, "gemini-2.5-flash-image"],
    [OPENAI, "gpt-4.1"],
    [HOME, "gpt-oss-20b"],
    [ROUTER, "anthropic/claude-opus-5"],
    [XAI, "grok-4.3"],
    [DEEPSEEK, "deepseek-v4-pro"],
  ])("%o %s is asked nothing of its thoughts", async (config, model) => {
    const { body } = await sent(config, model);
    for (const name of ["thinking", "reasoning", "reasoning_effort", "output_config"])
      expect(body).not.toHaveProperty(name);
    expect(body).not.toHaveProperty("generationConfig.thinkingConfig");
  });
});

describe("temperature, top-p and the longest reply", () => {
  const SETTINGS = { temperature: 0.25, topP: 0.5, maxOutputTokens: 400 };

  test.each<[Config, string, object]>([
    [OPENAI, "gpt-4.1", { temperature: 0.25, top_p: 0.5, max_output_tokens: 400 }],
    [CHAT, "gpt-4.1", { temperature: 0.25, top_p: 0.5, max_tokens: 400 }],
    // It refuses the older name.
    [CHAT, "gpt-5", { max_completion_tokens: 400 }],
    [HOME, "llama3", { temperature: 0.25, top_p: 0.5, max_tokens: 400 }],
    [ANTHROPIC, "claude-3-5-haiku-20241022", { temperature: 0.25, max_tokens: 400 }],
    [
      GOOGLE,
      "gemini-2.0-flash",
      { generationConfig: { temperature: 0.25, topP: 0.5, maxOutputTokens: 400 } },
    ],
    [ROUTER, "a/b", { temperature: 0.25, top_p: 0.5, max_tokens: 400 }],
    [XAI, "grok-4.3", { temperature: 0.25, top_p: 0.5, max_tokens: 400 }],
    // While it thinks it takes neither.
    [DEEPSEEK, "deepseek-v4-pro", { max_tokens: 400 }],
  ])("%o %s", async (config, model, expected) => {
    expect((await sent(config, model, SETTINGS)).body).toMatchObject(expected);
  });
});

describe("where a request goes, and how it shows who it comes from", () => {
  test.each<[Config, string, string, Record<string, string>]>([
    [OPENAI, "m", "https://api.openai.com/v1/responses", { authorization: "Bearer key-for-tests" }],
    [
      AZURE,
      "dep",
      "https://house.openai.azure.com/openai/v1/responses",
      { "api-key": "key-for-tests", authorization: "" },
    ],
    [
      { ...AZURE, baseURL: "https://house.openai.azure.com/openai/" },
      "dep",
      "https://house.openai.azure.com/openai/v1/responses",
      { "api-key": "key-for-tests" },
    ],
    [
      { ...AZURE, baseURL: "https://house.services.ai.azure.com", api: "chat" },
      "DeepSeek-V3.2",
      "https://house.services.ai.azure.com/openai/v1/chat/completions",
      { "api-key": "key-for-tests", authorization: "" },
    ],
    [
      // The API before v1 names the deployment and its version in the address.
      {
        ...{ kind: "azure", api: "chat" },
        baseURL: "https://house.openai.azure.com/openai/deployments/dep?api-version=2024-10-21",
      },
      "dep",
      "https://house.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2024-10-21",
      { "api-key": "key-for-tests" },
    ],
    [ANTHROPIC, "m", "https://api.anthropic.com/v1/messages", { "x-api-key": "key-for-tests" }],
    [
      GOOGLE,
      "m",
      "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse",
      { "x-goog-api-key": "key-for-tests" },
    ],
    [XAI, "m", "https://api.x.ai/v1/chat/completions", { authorization: "Bearer key-for-tests" }],
    [
      { ...XAI, api: "responses" },
      "m",
      "https://api.x.ai/v1/responses",
      { authorization: "Bearer key-for-tests" },
    ],
    [DEEPSEEK, "m", "https://api.deepseek.com/chat/completions", { authorization: "Bearer key-for-tests" }],
    [
      ROUTER,
      "a/b",
      "https://openrouter.ai/api/v1/chat/completions",
      { authorization: "Bearer key-for-tests" },
    ],
    [HOME, "m", "http://model.test/v1/chat/completions", { authorization: "Bearer key-for-tests" }],
  ])("%o", async (config, model, url, expected) => {
    const request = await sent(config, model);
    expect(request.url).toBe(url);
    for (const [name, value] of Object.entries(expected)) expect(request.headers.get(name) ?? "").toBe(value);
    expect(request.url).not.toContain("key-for-tests");
  });
});

describe("what is known of models by their names", () => {
  test.each<[ProviderConfig["kind"], string, object]>([
    ["openai", "gpt-5-2025-08-07", { prices: { input: 1.25, output: 10, cached: 0.125 } }],
    ["openai", "gpt-5.6", { contextLength: 1_050_000, prices: { input: 4, output: 20, cached: 0.4 } }],
    ["openai", "gpt-6-sol", { contextLength: 1_050_000, prices: { input: 2, output: 10, cached: 0.2 } }],
    [
      "azure",
      "gpt-5.4-mini",
      { contextLength: 400_000, prices: { input: 0.75, output: 4.5, cached: 0.075 } },
    ],
    ["anthropic", "claude-sonnet-4-5-20250929", { contextLength: 200_000, prices: { input: 3, output: 15 } }],
    ["anthropic", "claude-opus-5-5", { prices: { input: 4, output: 20, cached: 0.2 } }],
    ["google", "gemini-3.5-flash", { prices: { input: 1.5, output: 9, cached: 0.15 }, tools: true }],
    ["deepseek", "deepseek-v4-pro", { contextLength: 1_000_000, images: false, tools: true }],
  ])("%s %s", (kind, id, facts) => {
    expect(knownFacts(kind, id)).toMatchObject(facts);
  });

  test.each<[ProviderConfig["kind"], string]>([
    ["openai", "gpt-5-pro"],
    ["openai", "gpt-6.9-sol"],
    ["openai", "gpt-4o-2024-05-13"],
    ["anthropic", "claude-haiku-5-5"],
    ["google", "gemini-3.7-flash"],
    ["deepseek", "deepseek-flash"],
  ])("%s %s: no price that is not known", (kind, id) => {
    expect(knownFacts(kind, id)).not.toHaveProperty("prices");
  });

  test("an effort that a model is offered is one that it can be told", () => {
    expect(effortsOf("anthropic", "claude-opus-4-6", {})).toEqual(["none", "low", "medium", "high", "max"]);
    expect(effortsOf("anthropic", "claude-new-7", { efforts: ["low", "high"] })).toEqual(["low", "high"]);
    expect(effortsOf("openai", "gpt-7", {})).toEqual(["low", "medium", "high", "xhigh", "max"]);
    expect(effortsOf("openai", "gpt-5.3-codex", {})).toEqual(["low", "medium", "high"]);
    expect(effortsOf("google", "gemini-3.1-pro-preview", {})).toEqual(["low", "medium", "high"]);
    expect(effortsOf("xai", "grok-4.20-reasoning", {})).toEqual([]);
  });
});
