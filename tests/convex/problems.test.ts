/** What went wrong, in the server's own words, and what to do about it. */
import { APICallError } from "ai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { meaningOf } from "../../convex/model/generator/finishWords";
import { endOf } from "../../convex/model/generator/generationEnd";
import { withoutSecrets } from "../../convex/model/secrets";
import { describeError } from "../../convex/providers/describeError";
import { problemOf } from "../../convex/providers/problemOf";
import { retryAfterMs } from "../../convex/providers/retryAfter";
import type { Problem, ProblemKind } from "../../convex/shared/problems";
import { problemText } from "../../convex/shared/problems";
import { de } from "../../src/i18n/de.ts";
import { en } from "../../src/i18n/en.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A request that was refused, as the SDK tells of it. */
const refusal = (
  statusCode: number | undefined,
  body: unknown,
  more: { headers?: Record<string, string>; cause?: unknown } = {},
) =>
  new APICallError({
    message: "Bad Request",
    url: "http://model.test:8080/v1/chat/completions",
    requestBodyValues: { model: "my-model" },
    ...(statusCode !== undefined && { statusCode }),
    responseBody: typeof body === "string" ? body : JSON.stringify(body),
    ...(more.headers && { responseHeaders: more.headers }),
    ...(more.cause !== undefined && { cause: more.cause }),
  });

describe("errors in words [CA #320]", () => {
  test.each([
    ["an Error", new Error("Out of memory"), "Out of memory"],
    ["an object without words", { code: 7 }, '{"code":7}'],
    [
      "a page of HTML",
      "<html><body>502</body></html>",
      "The model could not answer, for a reason that it did not tell.",
    ],
    ["nothing", undefined, "The model could not answer, for a reason that it did not tell."],
  ])("%s", (_name, error, words) => {
    expect(describeError(error)).toBe(words);
  });

  test.each<[string, unknown]>([
    ["a text", "Out of memory"],
    ["{ message }", { message: "Out of memory" }],
    ["{ error: { message } }", { error: { message: "Out of memory", type: "x", code: null } }],
    ["{ error }", { error: "Out of memory" }],
    ["{ detail }", { detail: "Out of memory" }],
    ["{ object: error, message }", { object: "error", message: "Out of memory", code: 500 }],
    ["[{ error }]", [{ error: { code: 500, message: "Out of memory", status: "INTERNAL" } }]],
    [
      "metadata.raw",
      { error: { message: "Provider returned error", metadata: { raw: '{"detail":"Out of memory"}' } } },
    ],
    [
      "metadata.raw in words",
      { error: { message: "Provider returned error", metadata: { raw: "Out of memory" } } },
    ],
    ["JSON in a text", { error: { message: '{"error":{"message":"Out of memory"}}' } }],
    ["{ errors }", { errors: [{ message: "Out of memory" }] }],
    ["{ error_msg }", { error_code: 3, error_msg: "Out of memory" }],
    ["{ error: { msg } }", { error: { msg: "Out of memory" } }],
    ["a page", "<html><head><title>Out of memory</title></head><body>…</body></html>"],
  ])("the server's own sentence: %s", (_name, body) => {
    expect(problemOf(refusal(500, body))).toMatchObject({
      kind: "serverProblem",
      status: 500,
      words: "Out of memory",
    });
  });

  test("FastAPI's list says what is wrong with which field", () => {
    const detail = [{ loc: ["body", "messages"], msg: "Field required", type: "missing" }];
    expect(describeError(refusal(422, { detail }))).toBe(
      "The model's server refused the request (422): body.messages: Field required.",
    );
  });
});

describe("[G12] what to do", () => {
  const KINDS: [ProblemKind, number, unknown][] = [
    ["key", 401, { error: { message: "Incorrect API key provided", code: "invalid_api_key" } }],
    [
      "key",
      400,
      [
        {
          error: {
            code: 400,
            message: "API key not valid. Please pass a valid API key.",
            status: "INVALID_ARGUMENT",
          },
        },
      ],
    ],
    [
      "key",
      403,
      { error: { message: "Invalid API Key", type: "invalid_request_error", code: "invalid_api_key" } },
    ],
    ["credit", 402, { error: { message: "Insufficient Balance", type: "unknown_error" } }],
    [
      "credit",
      429,
      {
        error: {
          message: "You exceeded your current quota, please check your plan",
          type: "insufficient_quota",
        },
      },
    ],
    [
      "credit",
      400,
      { type: "error", error: { message: "Your credit balance is too low to access the API" } },
    ],
    [
      "forbidden",
      403,
      {
        error: {
          message: "Country, region, or territory not supported",
          code: "unsupported_country_region_territory",
        },
      },
    ],
    [
      "flagged",
      403,
      { error: { code: 403, message: "Your input was flagged", metadata: { reasons: ["violence"] } } },
    ],
    [
      "modelMissing",
      404,
      { error: { message: 'model "x" not found, try pulling it first', type: "api_error" } },
    ],
    [
      "modelMissing",
      404,
      { object: "error", message: "The model `x` does not exist.", type: "NotFoundError", code: 404 },
    ],
    ["modelMissing", 400, { error: { message: "x is not a valid model ID", code: 400 } }],
    [
      "modelMissing",
      403,
      { error: { message: "Project does not have access to model", code: "model_not_found" } },
    ],
    [
      "modelMissing",
      404,
      { error: { message: "No models loaded. Please load a model in the developer page" } },
    ],
    [
      "modelMissing",
      400,
      { error: { code: 400, message: "model is not loaded", type: "invalid_request_error" } },
    ],
    // Ollama, llama.cpp, vLLM, OpenRouter, Groq, Google.
    ...(
      [
        [400, "registry.ollama.ai/library/gemma3:4b does not support tools"],
        [500, "tools param requires --jinja flag"],
        [400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
        [404, "No endpoints found that support tool use. To learn more about provider routing, visit: …"],
        [404, "No endpoints found that support the provided 'tool_choice' value."],
        [400, "`tool calling` is not supported with this model"],
        [400, "Function calling is not enabled for models/gemma-3-4b-it"],
      ] as const
    ).map(([status, message]): [ProblemKind, number, unknown] => ["tools", status, { error: { message } }]),
    // OpenRouter, llama.cpp, vLLM, LM Studio, OpenAI, DeepSeek.
    ...(
      [
        [404, "No endpoints found that support image input"],
        [
          500,
          "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        ],
        [400, "facebook/opt-125m is not a multimodal model None"],
        [400, "Model does not support images. Please use a model that does."],
        [400, "Invalid content type. image_url is only supported by certain models."],
        [400, "Failed to deserialize: messages[0]: unknown variant `image_url`, expected `text`"],
      ] as const
    ).map(([status, message]): [ProblemKind, number, unknown] => ["images", status, { error: { message } }]),
    [
      "forbidden",
      404,
      { error: { message: "No endpoints found matching your data policy (Free model publication)" } },
    ],
    [
      "badRequest",
      404,
      { error: { message: "No endpoints found that can handle the requested parameters." } },
    ],
    ["badRequest", 400, { error: { message: "Failed to load image or audio file", code: 400 } }],
    ["wrongPath", 404, { detail: "Not Found" }],
    ["wrongPath", 404, { error: { code: 404, message: "File Not Found", type: "not_found_error" } }],
    ["wrongPath", 404, "404 page not found"],
    ["wrongPath", 405, { detail: "Method Not Allowed" }],
    ["wrongPath", 400, { error: "Unexpected endpoint or method. (POST /chat/completions)" }],
    [
      "contextTooLong",
      400,
      {
        error: {
          message: "This model's maximum context length is 8192 tokens",
          code: "context_length_exceeded",
        },
      },
    ],
    [
      "contextTooLong",
      400,
      {
        error: {
          code: 400,
          message: "the request exceeds the available context size. try increasing it",
          type: "exceed_context_size_error",
        },
      },
    ],
    ["contextTooLong", 400, { object: "error", message: "The model's context length is only 1024 tokens" }],
    ["contextTooLong", 500, { error: { message: "prompt is too long: 213462 tokens > 200000 maximum" } }],
    ["tooLarge", 413, "<html><title>413 Request Entity Too Large</title></html>"],
    ["rateLimit", 429, { error: { message: "Rate limit reached for gpt-5" } }],
    ["rateLimit", 400, [{ error: { message: "Resource exhausted", status: "RESOURCE_EXHAUSTED" } }]],
    ["loading", 503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } }],
    ["loading", 503, { error: "Model deepseek/r1 is currently loading", estimated_time: 20 }],
    // Ollama, LM Studio, llama.cpp: it will not be loaded by waiting.
    [
      "serverProblem",
      500,
      { error: { message: "llama runner process has terminated: error loading model: missing tensor" } },
    ],
    [
      "serverProblem",
      400,
      { error: { message: "Failed to load model “qwen”. Error: Error loading model." } },
    ],
    ["serverProblem", 500, { error: { code: 500, message: "model name=qwen failed to load" } }],
    [
      "serverProblem",
      400,
      { error: "The model has crashed without additional information. (Exit code: 18446744072635812000)" },
    ],
    ["serverDown", 502, "<html><title>502 Bad Gateway</title></html>"],
    ["serverProblem", 503, { error: { message: "Server overloaded" } }],
    ["serverProblem", 529, { error: { message: "Overloaded" } }],
    ["badRequest", 400, { error: { message: "Unsupported value: 'temperature'" } }],
  ];

  test.each(KINDS)("%s: %d %j", (kind, status, body) => {
    expect(problemOf(refusal(status, body)).kind).toBe(kind);
    expect(describeError(refusal(status, body))).toContain(`(${status})`);
  });

  test.each<[ProblemKind, unknown]>([
    [
      "contextTooLong",
      { message: "the request exceeds the available context size", type: "invalid_request_error", code: 400 },
    ],
    ["rateLimit", { message: "Slow down", type: null, code: "429", param: 429 }],
    ["serverProblem", { message: "The GPU is on fire", type: "server_error" }],
  ])("in a stream: %s", (kind, error) => {
    expect(problemOf(error)).toMatchObject({ kind, words: (error as { message: string }).message });
  });

  test.each<[string, ProblemKind, string]>([
    ["ECONNREFUSED", "serverDown", "connect ECONNREFUSED 127.0.0.1:11434"],
    ["ENOTFOUND", "serverDown", "getaddrinfo ENOTFOUND model.test"],
    ["UND_ERR_HEADERS_TIMEOUT", "noFirstWord", "Headers Timeout Error"],
  ])("no connection: %s", (code, kind, words) => {
    const cause = Object.assign(new Error(words), { code });
    const problem = problemOf(refusal(undefined, "", { cause }));
    expect(problem.kind).toBe(kind);
    if (kind === "serverDown") expect(problem).toMatchObject({ words, address: "http://model.test:8080/v1" });
  });

  test("of every problem there are words in each language, that say which setting helps", () => {
    const problem: Omit<Problem, "kind"> = {
      limitMs: 300_000,
      rounds: 8,
      words: "w",
      models: ["a", "b"],
      moreModels: 3,
    };
    for (const { problems } of [en, de]) {
      for (const kind of Object.keys(problems) as ProblemKind[]) {
        expect(problemText({ ...problem, kind }, problems, null)).toMatch(/^[A-Z„“].+[.!?]$/);
      }
      expect(problemText({ ...problem, kind: "noFirstWord" }, problems, null)).toMatch(
        /5 .*VERBATIM_FIRST_TOKEN_LIMIT_MS/,
      );
      expect(problemText({ ...problem, kind: "noWord", limitMs: 60_000 }, problems, null)).toMatch(
        /60 .*VERBATIM_SILENCE_LIMIT_MS/,
      );
      expect(problemText({ ...problem, kind: "modelMissing" }, problems, null)).toMatch(
        /a, b .* 3 .*OPENAI_MODEL/,
      );
    }
    expect(Object.keys(de.problems)).toEqual(Object.keys(en.problems));
  });
});

describe("how long to wait", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date("2026-11-20T11:40:00.000Z") });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each<[string, Record<string, string>, unknown, number | null]>([
    ["seconds", { "retry-after": "7" }, "", 7_000],
    ["a date", { "retry-after": "Fri, 20 Nov 2026 11:41:00 GMT" }, "", 60_000],
    ["milliseconds", { "retry-after-ms": "250" }, "", 250],
    ["Google's retryDelay", {}, [{ error: { message: "Quota", details: [{ retryDelay: "34s" }] } }], 34_000],
    [
      "OpenAI's words",
      {},
      { error: { message: "Rate limit reached. Please try again in 1m7.66s. Visit …" } },
      67_660,
    ],
    ["milliseconds in words", {}, { error: { message: "Please try again in 950ms." } }, 950],
    ["nothing", {}, { error: { message: "Slow down" } }, null],
    ["nonsense", { "retry-after": "soon" }, "", null],
  ])("%s", (_name, headers, body, ms) => {
    expect(retryAfterMs(refusal(429, body, { headers }))).toBe(ms);
  });
});

describe("[G12] what a finish reason means", () => {
  const said = { answer: true, thoughts: false, toolRounds: 0, maxRounds: 8 };

  test.each([
    ["stop", "stop", "finished"],
    ["other", "eos", "finished"],
    ["other", "end_turn", "finished"],
    ["other", "FinishReason.STOP", "finished"],
    ["length", "length", "lengthLimit"],
    ["other", "max_tokens", "lengthLimit"],
    ["other", "MAX_TOKENS", "lengthLimit"],
    ["other", "model_length", "lengthLimit"],
    ["other", "model_context_window_exceeded", "lengthLimit"],
    ["content-filter", "content_filter", "contentFilter"],
    ["other", "sensitive", "contentFilter"],
    ["other", "SAFETY", "contentFilter"],
    ["error", "error", "providerError"],
    ["other", "error", "providerError"],
    ["other", "network_error", "providerError"],
    ["other", "insufficient_system_resource", "providerError"],
    ["other", "abort", "providerError"],
    ["tool-calls", "tool_calls", "providerError"],
    ["other", "a_word_of_tomorrow", "providerError"],
    ["other", undefined, "providerError"],
  ] as const)("%s (%s) → %s", (reason, raw, endReason) => {
    const end = endOf(reason, raw, {}, said);
    expect(end.endReason).toBe(endReason);
    expect(end.rawFinishReason).toBe(raw);
    if (endReason === "providerError")
      expect(end.problem?.kind).toBe(raw === undefined ? "brokenOff" : "endWord");
  });

  test.each([
    ["an answer without a word", { answer: false }, "stop", "providerError", "empty"],
    ["thoughts alone", { answer: false, thoughts: true }, "stop", "providerError", "onlyThoughts"],
    ["a refusal alone", {}, "refusal", "contentFilter", "refused"],
    ["eight rounds of tools", { answer: false, toolRounds: 8 }, "tool_calls", "lengthLimit", "toolRounds"],
  ] as const)("%s says so", (_name, more, raw, endReason, kind) => {
    expect(endOf("stop", raw, {}, { ...said, ...more })).toMatchObject({ endReason, problem: { kind } });
  });

  test("a word is known however it is written", () => {
    expect(["Tool-Calls", " STOP ", "contentFilter.CONTENT_FILTER"].map(meaningOf)).toEqual([
      "toolCalls",
      "finished",
      "contentFilter",
    ]);
  });
});

describe("secrets", () => {
  beforeEach(() => {
    vi.stubEnv("OPENAI_API_KEY", "qwerty-0123456789");
    vi.stubEnv("OPENAI_BASE_URL", "https://ada:h%2Fnter2@model.test/v1?key=abc-def-123");
  });

  test.each([
    ["the key", "Incorrect API key provided: qwerty-0123456789."],
    ["the key in JSON", JSON.stringify({ authorization: "Bearer qwerty-0123456789" })],
    ["the password", "login ada:h/nter2 failed"],
    ["the password as it stands in the address", "GET https://ada:h%2Fnter2@model.test/v1"],
    ["both as a header has them", `Basic ${btoa("ada:h/nter2")}`],
    ["the query", "https://model.test/v1/models?key=abc-def-123"],
    ["somebody else's key", "sk-proj-abcdefghijklmnopqrstuvwx"],
    ["somebody else's password", "redis://default:s3cr3t@cache.test:6379"],
  ])("%s is not told", (_name, text) => {
    expect(withoutSecrets(text)).not.toMatch(/qwerty|nter2|YWRh|abc-def|abcdefgh|s3cr3t/);
  });

  test("not by an error that repeats them, wherever it does", () => {
    const words = "You sent Bearer qwerty-0123456789 to https://ada:h%2Fnter2@model.test/v1";
    for (const error of [
      refusal(401, { error: { message: words } }),
      { message: words },
      new Error(words),
      refusal(500, words),
    ]) {
      expect(describeError(error)).not.toMatch(/qwerty|nter2/);
      expect(describeError(error)).toContain("You sent Bearer");
    }
  });

  test("a key that is a common word is no secret, and leaves texts as they are", () => {
    vi.stubEnv("OPENAI_API_KEY", "ollama");
    expect(withoutSecrets("Run ollama pull qwen3")).toBe("Run ollama pull qwen3");
  });
});
