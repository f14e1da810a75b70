/** Several model providers at once: what is connected, what each has, whose model an id means, and who is asked with which key. */
import { jsonSchema, tool } from "ai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { listModels } from "../../convex/providers/listModels";
import { modelOfId, storedId } from "../../convex/providers/modelIds";
import { isShown, providerOf } from "../../convex/providers/settings";
import { textOf } from "../../convex/shared/parts";
import { readProviderConfig, type ProviderConfig } from "../../convex/shared/providerConfig";
import { sseResponse } from "../helpers/sse.ts";
import { connected } from "./connected.ts";
import { runGenerator } from "./fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { expectFailure, lastMessage, newChat, send, sendStarted } from "./support.ts";

const KEY_VARIABLES = [
  ...["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "OPENAI_API", "ANTHROPIC_API_KEY"],
  ...["GOOGLE_GENERATIVE_AI_API_KEY", "OPENROUTER_API_KEY", "XAI_API_KEY", "DEEPSEEK_API_KEY"],
  ...["AZURE_API_KEY", "AZURE_RESOURCE_NAME", "AZURE_DEPLOYMENTS", "VERBATIM_MODELS"],
];

beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
  for (const name of KEY_VARIABLES) vi.stubEnv(name, "");
  vi.stubEnv("VERBATIM_TITLES", "off");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const set = (configs: readonly ProviderConfig[]) =>
  vi.stubEnv("VERBATIM_PROVIDERS", JSON.stringify({ providers: configs }));

const ANTHROPIC: ProviderConfig = { id: "anthropic", kind: "anthropic", apiKey: "anthropic-key-1" };
const GOOGLE: ProviderConfig = { id: "google", kind: "google", apiKey: "google-key-2" };
const ROUTER: ProviderConfig = { id: "router", kind: "openrouter", name: "Router", apiKey: "router-key-3" };
const KEYS = ["anthropic-key-1", "google-key-2", "router-key-3"];

/** Real shapes of lists, as the providers' references have them. */
const LISTS: Record<string, unknown> = {
  "https://api.anthropic.com/v1/models?limit=1000": {
    data: [
      {
        ...{ type: "model", id: "claude-opus-9", display_name: "Claude Opus 9" },
        ...{ created_at: "2026-02-24T00:00:00Z", max_input_tokens: 1_000_000, max_tokens: 128_000 },
        capabilities: {
          ...{ image_input: { supported: true }, pdf_input: { supported: true } },
          thinking: { supported: true, types: { adaptive: { supported: true } } },
          effort: {
            supported: true,
            low: { supported: true },
            max: { supported: false },
            high: { supported: true },
          },
        },
      },
    ],
    ...{ has_more: true, first_id: "claude-opus-9", last_id: "claude-opus-9" },
  },
  "https://api.anthropic.com/v1/models?limit=1000&after_id=claude-opus-9": {
    data: [{ type: "model", id: "claude-sonnet-4-5-20250929", display_name: "Claude Sonnet 4.5" }],
    ...{ has_more: false, first_id: "claude-sonnet-4-5-20250929", last_id: "claude-sonnet-4-5-20250929" },
  },
  "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000": {
    models: [
      {
        ...{ name: "models/gemini-9-pro", version: "001", displayName: "Gemini 9 Pro", thinking: true },
        ...{ inputTokenLimit: 1_048_576, outputTokenLimit: 65_536 },
        supportedGenerationMethods: ["generateContent", "countTokens"],
      },
      {
        ...{ name: "models/gemini-embedding-001", displayName: "Embedding" },
        supportedGenerationMethods: ["embedContent"],
      },
    ],
  },
  "https://openrouter.ai/api/v1/models": {
    data: [
      {
        ...{ id: "meta/llama-9", name: "Meta: Llama 9", context_length: 131_072 },
        architecture: { input_modalities: ["text", "image"], output_modalities: ["text"] },
        pricing: { prompt: "0.0000003", completion: "0.0000012", input_cache_read: "0.00000003" },
        top_provider: { context_length: 131_072, max_completion_tokens: 16_384 },
        supported_parameters: ["tools", "temperature", "reasoning"],
        reasoning: { supported_efforts: ["high", "low"], default_effort: "high" },
      },
    ],
  },
  "https://api.x.ai/v1/language-models": {
    models: [
      {
        ...{ id: "grok-9", input_modalities: ["text", "image"], output_modalities: ["text"] },
        ...{ prompt_text_token_price: 30_000, cached_prompt_text_token_price: 7_500 },
        completion_text_token_price: 150_000,
      },
    ],
  },
  "https://api.deepseek.com/models": { object: "list", data: [{ id: "deepseek-chat", object: "model" }] },
};

/** The lists, except where `other` answers; what was asked is kept. */
function serve(other: (url: string) => Response | Promise<Response> | null = () => null) {
  const requests: { url: string; headers: Headers; body: string }[] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit = {}) => {
    requests.push({
      url,
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? init.body : "",
    });
    const list = LISTS[url];
    return Promise.resolve(
      other(url) ?? (list === undefined ? new Response("", { status: 404 }) : Response.json(list)),
    );
  });
  return requests;
}

const isListOf = (host: string) => (url: string) => url.includes(host);
const down = () =>
  Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 10.0.0.1:443") }));

describe("what is connected", () => {
  const names = () => connected().providers.map(({ id, kind }) => `${id} ${kind}`);

  test("nothing set: nothing, so that there is the demo", () => {
    expect(names()).toEqual([]);
  });

  test("each well-known variable adds its provider, behind that of OpenAI's variables", () => {
    for (const name of ["XAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "AZURE_API_KEY"])
      vi.stubEnv(name, "key");
    vi.stubEnv("AZURE_RESOURCE_NAME", "house");
    vi.stubEnv("AZURE_DEPLOYMENTS", "gpt, mini");
    expect(names()).toEqual(["openai openai", "anthropic anthropic", "xai xai", "azure azure"]);
    const azure = connected().providers.at(-1);
    expect(azure?.server.baseURL).toBe("https://house.openai.azure.com/openai/v1");
    expect(azure?.models.add).toEqual(["gpt", "mini"]);
  });

  test("a provider of the file takes the place of one that its id or its variable would add", () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "key");
    vi.stubEnv("OPENAI_API_KEY", "key");
    set([
      { id: "claude", kind: "anthropic", apiKeyEnv: "ANTHROPIC_API_KEY" },
      { id: "openai", kind: "openai", apiKey: "other" },
    ]);
    expect(names()).toEqual(["claude anthropic", "openai openai"]);
    expect(connected().providers[0]?.server.apiKey).toBe("key");
  });

  test("OPENAI_API chooses the API, at OpenAI and at a gateway", () => {
    vi.stubEnv("OPENAI_API_KEY", "key");
    expect(connected().providers[0]?.api).toBe("responses");
    vi.stubEnv("OPENAI_API", "chat");
    expect(connected().providers[0]).toMatchObject({ kind: "openai", api: "chat" });
    vi.stubEnv("OPENAI_BASE_URL", "https://gateway.test/v1");
    vi.stubEnv("OPENAI_API", "responses");
    expect(connected().providers[0]).toMatchObject({ kind: "openaiCompatible", api: "responses" });
  });

  test("an entry with a mistake is left out, and said; the others go on working", async () => {
    set([{ ...ANTHROPIC, kind: "anthropc" as "anthropic" }, GOOGLE]);
    serve();
    expect(names()).toEqual(["google google"]);
    expect(await listModels(connected())).toMatchObject({
      error: expect.stringMatching(
        /VERBATIM_PROVIDERS, providers\.0\.kind: It must be one of openai,/,
      ) as string,
    });
    vi.stubEnv("VERBATIM_PROVIDERS", "{");
    expect((await listModels(connected())).error).toContain("is no JSON");
  });

  test.each<[string, unknown, string, RegExp]>([
    ["no object", 7, "", /providers/],
    ["an unknown setting", { provider: [] }, "provider", /no setting "provider"/],
    ["no list", { providers: {} }, "providers", /must be a list/],
    ["no id", [{ kind: "xai" }], "0.id", /short name/],
    ["an id with a colon", [{ id: "a::b", kind: "xai" }], "0.id", /short name/],
    [
      "one id twice",
      [
        { id: "a", kind: "xai" },
        { id: "a", kind: "google" },
      ],
      "1.id",
      /its own/,
    ],
    ["an unknown field", [{ id: "a", kind: "xai", key: "k" }], "0.key", /There are: id, kind, name, apiKey/],
    ["a server without an address", [{ id: "a", kind: "openaiCompatible" }], "0", /needs a baseURL/],
    ["no address", [{ id: "a", kind: "xai", baseURL: "api.x.ai" }], "0.baseURL", /web address/],
    ["two keys", [{ id: "a", kind: "xai", apiKey: "k", apiKeyEnv: "K" }], "0.apiKeyEnv", /Remove one/],
    [
      "Responses of Anthropic",
      [{ id: "a", kind: "anthropic", api: "responses" }],
      "0.api",
      /no Responses API/,
    ],
    [
      "models that are no list",
      [{ id: "a", kind: "xai", models: { show: "grok" } }],
      "0.models.show",
      /list of names/,
    ],
  ])("%s: where, and what to do", (_name, value, place, words) => {
    const { faults } = readProviderConfig(value);
    expect(faults.map(({ path }) => path.join("."))).toEqual([place]);
    expect(faults[0]?.message).toMatch(words);
  });

  test("shown and hidden models, by names with stars", () => {
    const models = (show: string[], hide: string[]) => ({ show, hide, add: [] });
    expect(isShown("claude-opus-4", models([], []))).toBe(true);
    expect(isShown("claude-opus-4", models(["claude-*"], ["*opus*"]))).toBe(false);
    expect(isShown("Claude-Haiku-4", models(["claude-*-4"], []))).toBe(true);
    expect(isShown("claude-haiku-4-5", models(["claude-*-4"], []))).toBe(false);
    expect(isShown("a.c", models(["abc"], [])), "a dot is a dot").toBe(false);
    // Nobody's pattern takes long.
    expect(isShown("a".repeat(10_000), models([`${"*a".repeat(200)}b`], []))).toBe(false);
  });
});

describe("lists of all providers", () => {
  test("each has its models under an id with its provider, and what its list says of them", async () => {
    set([
      ANTHROPIC,
      GOOGLE,
      ROUTER,
      { id: "x", kind: "xai", apiKey: "k4" },
      { id: "deep", kind: "deepseek", apiKey: "k5" },
    ]);
    serve();
    const { models, providers, error, defaultModel } = await listModels(connected());
    expect(error).toBeNull();
    expect(providers.map(({ name }) => name)).toEqual(["Anthropic", "Google", "Router", "xAI", "DeepSeek"]);
    expect(models).toEqual([
      {
        ...{ id: "anthropic::claude-opus-9", name: "Claude Opus 9", provider: "anthropic" },
        ...{ images: true, pdf: true, tools: true, reasoning: true, efforts: ["low", "high"] },
        ...{ contextLength: 1_000_000, maxOutput: 128_000 },
      },
      {
        ...{ id: "anthropic::claude-sonnet-4-5-20250929", name: "Claude Sonnet 4.5", provider: "anthropic" },
        ...{ images: true, pdf: true, tools: true, efforts: ["none", "low", "medium", "high"] },
        ...{ contextLength: 200_000, prices: { input: 3, output: 15, cached: 0.3 } },
      },
      {
        ...{ id: "google::gemini-9-pro", name: "Gemini 9 Pro", provider: "google" },
        ...{ images: true, pdf: true, tools: true, reasoning: true },
        ...{ contextLength: 1_048_576, maxOutput: 65_536 },
      },
      {
        ...{ id: "router::meta/llama-9", name: "Meta: Llama 9", provider: "router" },
        ...{ images: true, pdf: false, tools: true, reasoning: true, efforts: ["low", "high"] },
        ...{ contextLength: 131_072, maxOutput: 16_384, prices: { input: 0.3, output: 1.2, cached: 0.03 } },
      },
      {
        ...{ id: "x::grok-9", name: "grok-9", provider: "x", images: true, tools: true },
        prices: { input: 3, output: 15, cached: 0.75 },
      },
      {
        ...{ id: "deep::deepseek-chat", name: "deepseek-chat", provider: "deep" },
        ...{ images: false, pdf: false },
      },
    ]);
    expect(defaultModel, "not the dearest").toBe("anthropic::claude-sonnet-4-5-20250929");
  });

  test("all are asked at once; one that is down says so and hides no other, and comes back", async () => {
    set([ANTHROPIC, GOOGLE, ROUTER]);
    const requests = serve((url) => (isListOf("googleapis")(url) ? down() : null));
    const { t, viewer } = await newChat();
    const list = await viewer.action(api.models.list, {});
    expect(
      requests.slice(0, 3).map(({ url }) => new URL(url).host),
      "before any has answered",
    ).toEqual([...["api.anthropic.com", "generativelanguage.googleapis.com", "openrouter.ai"]]);
    expect(new Set(list.models.map(({ provider }) => provider))).toEqual(new Set(["anthropic", "router"]));
    expect(list.providers).toMatchObject([
      { id: "anthropic", error: null },
      {
        id: "google",
        error: expect.stringMatching(/ECONNREFUSED.*baseURL of “google” in verbatim.config.json/) as string,
      },
      { id: "router", error: null },
    ]);
    expect(list.error).toMatch(/^Google: No model server answers at https:\/\/generativelanguage/);
    expect(await t.run((ctx) => ctx.db.query("offeredModels").collect())).toHaveLength(2);
    serve();
    expect((await viewer.action(api.models.list, {})).providers.map(({ error }) => error)).toEqual([
      null,
      null,
      null,
    ]);
    expect(JSON.stringify(list)).not.toMatch(new RegExp(KEYS.join("|")));
  });

  test("a key for a list follows a redirect on its own server, and none to another", async () => {
    const list = "https://api.anthropic.com/v1/models?limit=1000";
    const redirects = (location: string) => (url: string) =>
      url === list ? new Response(null, { status: 301, headers: { location } }) : null;
    set([ANTHROPIC]);
    const requests = serve(redirects("http://169.254.169.254/latest/meta-data"));
    expect((await listModels(connected())).error).toContain("http://169.254.169.254/latest/meta-data");
    expect(requests.map(({ url }) => url)).toEqual([list]);
    serve(redirects(`${list}&after_id=claude-opus-9`));
    expect((await listModels(connected())).models.map(({ name }) => name)).toEqual(["Claude Sonnet 4.5"]);
  });

  test("one that never answers holds up no other for longer than its own time", async () => {
    vi.useFakeTimers();
    try {
      set([ANTHROPIC, GOOGLE]);
      const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
        const abort = new AbortController();
        setTimeout(() => abort.abort(new DOMException("late", "TimeoutError")), ms);
        return abort.signal;
      });
      const answer = vi.fn();
      vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
        url.includes("googleapis")
          ? new Promise((_, reject) =>
              init.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error)),
            )
          : Promise.resolve(Response.json(LISTS[url])),
      );
      void listModels(connected()).then(answer);
      await vi.advanceTimersByTimeAsync(9_900);
      expect(answer).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(200);
      expect(answer.mock.calls[0]?.[0]).toMatchObject({
        models: [{ provider: "anthropic" }, { provider: "anthropic" }],
        providers: [{ error: null }, { error: expect.stringContaining("within 10 seconds") as string }],
      });
      expect(timeout).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test("each request has its own provider's key, in a header and nowhere else", async () => {
    set([ANTHROPIC, GOOGLE, ROUTER]);
    const requests = serve();
    await listModels(connected());
    for (const { url, headers } of requests) {
      expect(url).not.toMatch(/key/);
      const host = new URL(url).host;
      const [own] = KEYS.filter((key) => JSON.stringify([...headers]).includes(key));
      expect([host, own]).toEqual([
        host,
        host.includes("anthropic") ? KEYS[0] : host.includes("google") ? KEYS[1] : KEYS[2],
      ]);
    }
    expect(requests[0]?.headers.get("anthropic-version")).toBe("2023-06-01");
  });

  test("[G12] a refused key: the provider's own sentence without the key, and what to set", async () => {
    set([ANTHROPIC, { ...GOOGLE, apiKeyEnv: "MY_GOOGLE_KEY", apiKey: undefined as never }]);
    vi.stubEnv("MY_GOOGLE_KEY", "google-key-2");
    const message =
      "invalid x-api-key anthropic-key-1 in https://api.anthropic.com/v1/models?key=abc-secret-1";
    serve((url) =>
      url.includes("anthropic")
        ? Response.json({ type: "error", error: { type: "authentication_error", message } }, { status: 401 })
        : Response.json(
            {
              error: {
                code: 400,
                message: "API key not valid: google-key-2",
                status: "INVALID_ARGUMENT",
                details: [],
              },
            },
            { status: 400 },
          ),
    );
    const { providers } = await listModels(connected());
    expect(providers[0]?.error).toMatch(
      /refused the key \(401\): invalid x-api-key \[hidden\].*Check apiKey of “anthropic”/,
    );
    expect(providers[1]?.error).toMatch(
      /refused the key \(400\): API key not valid: \[hidden\].*Check MY_GOOGLE_KEY/,
    );
    expect(JSON.stringify(providers)).not.toMatch(/key-1|key-2|abc-secret/);
  });

  test("Azure's deployments are those that its owner names; without any, what to set", async () => {
    const azure: ProviderConfig = {
      id: "azure",
      kind: "azure",
      baseURL: "https://house.openai.azure.com",
      apiKey: "key",
    };
    set([{ ...azure, models: { add: ["gpt-5-mini", "chat"] } }]);
    const requests = serve();
    expect((await listModels(connected())).models.map(({ id }) => id)).toEqual([
      "azure::gpt-5-mini",
      "azure::chat",
    ]);
    set([azure]);
    expect((await listModels(connected())).error).toMatch(/lists no deployments/);
    expect(requests).toEqual([]);
  });

  test("the owner's lists: hidden models are not there, added ones are, the default comes with them", async () => {
    set([{ ...ANTHROPIC, models: { hide: ["*opus*"], add: ["claude-next"] }, defaultModel: "claude-house" }]);
    serve();
    const { models, defaultModel } = await listModels(connected());
    expect(models.map(({ id }) => id)).toEqual([
      ...["anthropic::claude-house", "anthropic::claude-sonnet-4-5-20250929", "anthropic::claude-next"],
    ]);
    expect(defaultModel).toBe("anthropic::claude-house");
  });
});

describe("[G17] ids of models", () => {
  const openai = providerOf({ id: "openai", kind: "openai" });
  const anthropic = providerOf(ANTHROPIC);
  const mistral = providerOf({ id: "mistral", kind: "openaiCompatible", baseURL: "https://m.test/v1" });

  test.each([
    ["gpt-5-mini", "openai", "gpt-5-mini"],
    // Names that servers of one provider have, and chats of earlier versions hold.
    ["mistral:7b", "openai", "mistral:7b"],
    ["anthropic/claude-3", "openai", "anthropic/claude-3"],
    ["gone::model", "openai", "gone::model"],
    ["anthropic::claude", "anthropic", "claude"],
    ["mistral::org/model:7b", "mistral", "org/model:7b"],
  ])("%s is %s's %s", (id, provider, model) => {
    const found = modelOfId(id, [anthropic, openai, mistral]);
    expect([found?.provider.id, found?.modelId]).toEqual([provider, model]);
    expect(found && storedId(found.provider, found.modelId)).toBe(id);
  });

  test("one without a prefix means nobody where no provider is called openai", () => {
    expect(modelOfId("gpt-5-mini", [anthropic])).toBeNull();
  });
});

describe("chats", () => {
  useFakeTime();

  const TOOLS = {
    time: tool({
      inputSchema: jsonSchema<{ zone: string }>({ type: "object", properties: { zone: { type: "string" } } }),
      execute: () => ({ now: "noon" }),
    }),
  };

  test("[G16] a model is asked at its provider only when that lists it", async () => {
    set([ANTHROPIC, GOOGLE]);
    serve();
    const { viewer } = await newChat();
    const model = "google::gemini-9-pro";
    await expectFailure(send(viewer, "Go", { model }), "MODEL_NOT_OFFERED");
    await viewer.action(api.models.list, {});
    expect(await send(viewer, "Go", { model })).toMatchObject({ status: "started" });
    for (const other of ["google::claude-opus-9", "router::meta/llama-9", "gemini-9-pro-not-there"])
      await expectFailure(send(viewer, "Go", { model: other }), "MODEL_NOT_OFFERED");
  });

  test("[G17] a chat of the time of one provider goes on with its model, also where its server is one of several now", async () => {
    set([ANTHROPIC, { id: "home", kind: "openaiCompatible", baseURL: "http://home.test/v1" }]);
    serve((url) => (url.includes("home.test") ? Response.json({ data: [{ id: "qwen3:8b" }] }) : null));
    const { t, viewer } = await newChat();
    await viewer.action(api.models.list, {});
    const { taskId } = await sendStarted(viewer, "Go");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    // As it was stored while OPENAI_BASE_URL connected that server.
    await t.run((ctx) => ctx.db.patch("tasks", taskId, { model: "qwen3:8b" }));
    await send(viewer, "Again", { taskId });
    expect((await lastMessage(viewer, taskId)).model).toBe("home::qwen3:8b");
  });

  test.each([
    ["anthropic", ANTHROPIC, "anthropic::claude-opus-9", "api.anthropic.com/v1/messages", 0],
    ["google", GOOGLE, "google::gemini-9-pro", "models/gemini-9-pro:streamGenerateContent?alt=sse", 1],
  ] as const)(
    "%s: thoughts, a tool whose signed thought goes back, and the answer",
    async (kind, config, model, place, key) => {
      set([ANTHROPIC, GOOGLE, ROUTER]);
      let asked = 0;
      const requests = serve((url) => {
        if (!url.includes(place)) return null;
        asked += 1;
        return asked === 1
          ? sseResponse(kind, [
              { type: "reasoning", text: "Let me look." },
              { type: "toolCall", id: "call_1", name: "time", input: { zone: "UTC" } },
              { type: "finish", reason: "tool-calls" },
            ])
          : sseResponse(kind, [
              { type: "text", text: "It is noon." },
              { type: "finish", reason: "stop" },
            ]);
      });
      const { t, viewer } = await newChat();
      await viewer.action(api.models.list, {});
      const { runId, taskId } = await sendStarted(viewer, "What time is it?", { model });
      await whileTimePasses(runGenerator(t, runId, { tools: TOOLS }));
      const answer = await lastMessage(viewer, taskId);
      expect(answer).toMatchObject({ endReason: "finished", model });
      expect(textOf(answer.parts)).toBe("It is noon.");
      expect(answer.parts.map(({ type }) => type)).toEqual(["reasoning", "dynamic-tool", "text"]);
      const chat = requests.filter(({ url }) => url.includes(place));
      expect(chat).toHaveLength(2);
      expect(chat[1]?.body, "signed").toContain("c2lnbmVk");
      if (kind === "anthropic") expect(chat[1]?.body).toContain('"thinking":"Let me look."');
      expect(chat[1]?.body).toContain("noon");
      for (const { headers, url } of chat) {
        const sent = `${JSON.stringify([...headers])}${url}`;
        expect(KEYS.filter((one) => sent.includes(one))).toEqual([KEYS[key]]);
      }
      expect(config.apiKey).toBe(KEYS[key]);
    },
  );

  test("[G12] a provider's error is told in its own words, with its own settings, and never its key", async () => {
    set([ANTHROPIC]);
    const error = { type: "authentication_error", message: "invalid x-api-key: anthropic-key-1" };
    serve((url) =>
      url.endsWith("/messages") ? Response.json({ type: "error", error }, { status: 401 }) : null,
    );
    const { t, viewer } = await newChat();
    const { runId, taskId } = await sendStarted(viewer, "Go");
    await whileTimePasses(runGenerator(t, runId));
    const answer = await lastMessage(viewer, taskId);
    expect(answer.problem).toMatchObject({ kind: "key", status: 401, words: "invalid x-api-key: [hidden]" });
    expect(answer.errorMessage).toContain("Check apiKey of “anthropic” in verbatim.config.json.");
  });

  test("[G12] a model that its provider does not have: which it has, not which others have", async () => {
    set([GOOGLE, ANTHROPIC]);
    const message =
      "models/gemini-0 is not found for API version v1beta, or is not supported for generateContent.";
    serve((url) =>
      url.includes("gemini-0:")
        ? Response.json({ error: { code: 404, message, status: "NOT_FOUND" } }, { status: 404 })
        : null,
    );
    set([{ ...GOOGLE, defaultModel: "gemini-0" }, ANTHROPIC]);
    const { t, viewer } = await newChat();
    const { runId, taskId } = await sendStarted(viewer, "Go");
    await whileTimePasses(runGenerator(t, runId));
    const { problem } = await lastMessage(viewer, taskId);
    expect(problem).toMatchObject({ kind: "modelMissing", model: "gemini-0", moreModels: 0 });
    expect(problem?.models).toEqual(["gemini-9-pro"]);
  });
});
