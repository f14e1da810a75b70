/** Which models there are, and what is said when that cannot be known. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { defaultModel, listModels, modelsOf } from "../../convex/providers/listModels";
import { connected, providerWith } from "./connected.ts";
import { newChat } from "./support.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const jsonResponse = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** A compatible server that answers so to `/models`. */
function serverSays(response: () => Response | Promise<Response>, url = "http://localhost:11434/v1/") {
  vi.stubEnv("OPENAI_BASE_URL", url);
  const fetched = vi.fn((_url: string, _init?: RequestInit) => Promise.resolve(response()));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

const ids = async () => (await listModels(connected())).models.map(({ id }) => id);

describe("models.list", () => {
  test("without settings there is the demo model, and it is not called a connection", async () => {
    const { viewer } = await newChat();
    const list = await viewer.action(api.models.list, {});
    expect(list).toMatchObject({ connected: false, defaultModel: "demo", error: null });
    expect(list.models.map(({ id }) => id)).toEqual(["demo"]);
  });

  test("of a compatible server: its own list, the first one as default", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "http://localhost:11434/v1/");
    const fetched = vi.fn((_url: string) =>
      Promise.resolve(jsonResponse({ data: [{ id: "llama" }, { id: "qwen" }, null] })),
    );
    vi.stubGlobal("fetch", fetched);
    expect(await listModels(connected())).toEqual({
      models: [
        { id: "llama", name: "llama", provider: "openai" },
        { id: "qwen", name: "qwen", provider: "openai" },
      ],
      providers: [{ id: "openai", name: "localhost:11434", error: null }],
      ...{ defaultModel: "llama", connected: true, error: null },
    });
    expect(fetched.mock.calls[0]?.[0]).toBe("http://localhost:11434/v1/models");
  });

  test("of OpenAI: those one can chat with, and the default even if the list cannot be read", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-test");
    const ids = ["gpt-5-mini", "whisper-1", "gpt-4o-realtime", "o4-mini", "text-embedding-3-small", "gpt-5"];
    vi.stubGlobal("fetch", () => Promise.resolve(jsonResponse({ data: ids.map((id) => ({ id })) })));
    expect((await listModels(connected())).models.map(({ id }) => id)).toEqual([
      "gpt-5",
      "gpt-5-mini",
      "o4-mini",
    ]);
    vi.stubGlobal("fetch", () => Promise.resolve(jsonResponse({}, 401)));
    expect(await listModels(connected())).toMatchObject({
      ...{ defaultModel: "gpt-5-mini", models: [{ id: "gpt-5-mini" }] },
      error: expect.stringMatching(/refused the key \(401\).*OPENAI_API_KEY/) as string,
    });
  });

  test("a server that is not there is told in words", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "http://nowhere.test/v1");
    vi.stubGlobal("fetch", () =>
      Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") })),
    );
    expect(await listModels(connected())).toMatchObject({
      ...{ models: [], defaultModel: null, connected: true },
      error: expect.stringMatching(
        /No model server answers at http:\/\/nowhere.test\/v1.*OPENAI_BASE_URL/,
      ) as string,
    });
  });
});

describe("lists of every shape", () => {
  test.each<[string, unknown, string[]]>([
    ["a bare list (Together)", [{ id: "a", type: "chat" }, { id: "b" }], ["a", "b"]],
    ["names alone", ["a", "b"], ["a", "b"]],
    ["models with names (Cohere)", { models: [{ name: "a" }, { name: "b" }] }, ["a", "b"]],
    ["entries of any kind between", { data: [null, 7, {}, { id: "" }, { id: "a" }] }, ["7", "a"]],
    ["the same one twice", { data: [{ id: "a" }, { id: "a" }] }, ["a"]],
  ])("%s", async (_name, body, expected) => {
    serverSays(() => jsonResponse(body));
    expect(await ids()).toEqual(expected);
    expect((await listModels(connected())).error).toBeNull();
  });

  test("a thousand models: all of them", async () => {
    serverSays(() => jsonResponse({ data: Array.from({ length: 1_000 }, (_, n) => ({ id: `model-${n}` })) }));
    expect(await ids()).toHaveLength(1_000);
  });

  test("more than a result can hold: the log says so, and how to have the others", async () => {
    const log = vi.spyOn(console, "info").mockImplementation(() => undefined);
    serverSays(() => jsonResponse({ data: Array.from({ length: 9_000 }, (_, n) => ({ id: `model-${n}` })) }));
    expect(await ids()).toHaveLength(8_000);
    expect(log).toHaveBeenCalledWith(expect.stringMatching(/9000 models; 8000 are shown.*VERBATIM_MODELS/));
    log.mockRestore();
  });
});

describe("the default can chat", () => {
  const usual = [
    "text-embedding-nomic-embed-text-v1.5",
    "whisper-large-v3",
    "bge-m3",
    "tts-1",
    "qwen3:8b",
    "llama-guard-3",
    "paraphrase-multilingual:latest",
    "nvidia/parakeet-tdt-0.6b-v2",
  ];

  test("names of models that embed, hear, speak or judge come last, and none is cut", async () => {
    serverSays(() => jsonResponse({ data: usual.map((id) => ({ id })) }));
    const list = await listModels(connected());
    expect(list.defaultModel).toBe("qwen3:8b");
    expect(list.models.map(({ id }) => id).sort()).toEqual([...usual].sort());
  });

  test.each([
    "qwen3:8b",
    "gpt-4o",
    "deepseek-r1:latest",
    "mistralai/Mistral-7B-Instruct-v0.3",
    "gemma3:27b",
    "phi-4",
    "command-r-plus",
    "hermes-3-llama-3.1-405b",
  ])("%s is taken for a model that chats", async (id) => {
    serverSays(() => jsonResponse({ data: [{ id: "nomic-embed-text" }, { id }] }));
    expect((await listModels(connected())).defaultModel).toBe(id);
  });

  test("what the server itself says of a model counts, and those that cannot chat are left out", async () => {
    serverSays(() =>
      jsonResponse({
        data: [
          { id: "flux", type: "image" },
          { id: "m2-bert", type: "embedding" },
          { id: "pixtral", capabilities: { completion_chat: false } },
          { id: "sora", architecture: { output_modalities: ["video"] } },
          { id: "my-embedding-chat", type: "chat" },
          { id: "large", capabilities: { completion_chat: true } },
        ],
      }),
    );
    expect(await ids()).toEqual(["my-embedding-chat", "large"]);
  });
});

describe("[G12] each failure says what to set", () => {
  test.each<[string, () => Response | Promise<Response>, RegExp]>([
    [
      "no model (Ollama says data: null)",
      () => jsonResponse({ object: "list", data: null }),
      /lists no model that can chat.*OPENAI_MODEL/,
    ],
    [
      "401",
      () => jsonResponse({ error: { message: "No key" } }, 401),
      /refused the key \(401\): No key. Check OPENAI_API_KEY/,
    ],
    ["403", () => jsonResponse({ detail: "Not here" }, 403), /does not allow.*\(403\): Not here/],
    [
      "404",
      () => jsonResponse({ detail: "Not Found" }, 404),
      /no chat API at http:\/\/localhost:11434\/v1 \(404\).*OPENAI_BASE_URL/,
    ],
    [
      "an error with status 200 (LM Studio)",
      () => jsonResponse({ error: "Unexpected endpoint or method. (GET /models)" }),
      /no chat API.*Unexpected endpoint.*end in \/v1/,
    ],
    [
      "a page",
      () => new Response("<!doctype html><title>My router</title>"),
      /no chat API.*My router.*OPENAI_BASE_URL/,
    ],
    [
      "a page with 502",
      () => new Response("<html><title>502 Bad Gateway</title>", { status: 502 }),
      /No model server answers.*\(502\): 502 Bad Gateway/,
    ],
    ["JSON that lists nothing", () => jsonResponse({ hello: "world" }), /no chat API.*OPENAI_BASE_URL/],
    [
      "503 while it loads",
      () => jsonResponse({ error: { code: 503, message: "Loading model", type: "unavailable_error" } }, 503),
      /still loading the model/,
    ],
  ])("%s", async (_name, response, words) => {
    serverSays(response);
    expect(await listModels(connected())).toMatchObject({
      ...{ models: [], defaultModel: null },
      error: expect.stringMatching(words) as string,
    });
  });
});

describe("secrets in the address", () => {
  const ADDRESS = "https://ada:cor%20rect-horse@model.test/v1?api-version=2&token=t0ps3cret";

  test("a user and a password are sent as such, a query with each path, and neither is told", async () => {
    const fetched = serverSays(
      () => jsonResponse({ error: { message: "Bad login ada:cor rect-horse for t0ps3cret" } }, 401),
      ADDRESS,
    );
    const { error } = await listModels(connected());
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe("https://model.test/v1/models?api-version=2&token=t0ps3cret");
    expect(new Headers(init?.headers).get("authorization")).toBe(`Basic ${btoa("ada:cor rect-horse")}`);
    expect(error).toContain("Bad login");
    expect(error).not.toMatch(/horse|t0ps3cret/);
  });

  test("a server that is not there is named without them", async () => {
    vi.stubEnv("OPENAI_BASE_URL", ADDRESS);
    vi.stubGlobal("fetch", () =>
      Promise.reject(new TypeError("fetch failed", { cause: new Error(`connect ECONNREFUSED ${ADDRESS}`) })),
    );
    const { error } = await listModels(connected());
    expect(error).toContain("https://model.test/v1");
    expect(error).not.toMatch(/horse|t0ps3cret/);
  });
});

describe("the default of a server whose owner names none", () => {
  test("is read from its list once for all who ask at the same time, and again after five minutes", async () => {
    vi.useFakeTimers();
    const fetched = serverSays(() => jsonResponse({ data: [{ id: "llama" }] }), "http://first.test/v1");
    const asked = await Promise.all(Array.from({ length: 300 }, () => defaultModel(connected())));
    expect(new Set(asked)).toEqual(new Set(["llama"]));
    expect(fetched).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(299_000);
    await defaultModel(connected());
    expect(fetched).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_000);
    await defaultModel(connected());
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  test("a list that is read meanwhile renews it: after a model that is missing, or by a page", async () => {
    const loaded = { id: "llama" };
    serverSays(() => jsonResponse({ data: [loaded] }), "http://second.test/v1");
    expect(await defaultModel(connected())).toBe("llama");
    loaded.id = "qwen";
    expect(await defaultModel(connected())).toBe("llama");
    await modelsOf(providerWith("openai"));
    expect(await defaultModel(connected())).toBe("qwen");
  });

  test("a failure is not kept, and does not undo what is", async () => {
    const state = { down: true };
    const says = () => (state.down ? jsonResponse({}, 503) : jsonResponse({ data: [{ id: "llama" }] }));
    serverSays(says, "http://third.test/v1");
    await expect(defaultModel(connected())).rejects.toThrow("503");
    state.down = false;
    expect(await defaultModel(connected())).toBe("llama");
    state.down = true;
    await modelsOf(providerWith("openai"));
    expect(await defaultModel(connected())).toBe("llama");
  });

  test("[G16] with another key it is asked for anew; with a person's own each time", async () => {
    const fetched = serverSays(() => jsonResponse({ data: [{ id: "llama" }] }), "http://fourth.test/v1");
    vi.stubEnv("OPENAI_API_KEY", "first-key");
    await defaultModel(connected());
    vi.stubEnv("OPENAI_API_KEY", "second-key");
    await defaultModel(connected());
    expect(fetched).toHaveBeenCalledTimes(2);
    const own = new Map([["openai", { state: "open", apiKey: "own-key" } as const]]);
    expect(connected(own).providers[0]?.ownKey).toBe("open");
    await defaultModel(connected(own));
    await defaultModel(connected(own));
    expect(fetched).toHaveBeenCalledTimes(4);
  });
});
