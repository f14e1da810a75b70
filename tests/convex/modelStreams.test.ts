/** Streams that are not regular, from the model's server to what a person is shown. */
import { jsonSchema, tool } from "ai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { followAnswer } from "../../convex/model/chatStream/followAnswer";
import { textOf, type ToolPart } from "../../convex/shared/parts";
import { FakeProvider, runGenerator } from "./fakeProvider.ts";
import { pass, until, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { expectInvariants, lastMessage, newChat, sendStarted, shownText, stored } from "./support.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

type Options = Parameters<typeof runGenerator>[2];

async function generating(options: Options = {}, kind: "chat" | "responses" = "chat") {
  const provider = new FakeProvider(kind);
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Tell me something");
  const generation = runGenerator(t, sent.runId, options);
  const request = await provider.request();
  const messageId = sent.assistantMessageId;
  return {
    ...{ ...sent, t, viewer, provider, generation, request },
    answer: () => lastMessage(viewer, sent.taskId),
    shown: () => shownText(viewer, sent.taskId, messageId),
    live: () => viewer.query(api.streamingResponses.getStreamingResponse, { messageId }),
  };
}

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const says = (content: string) => data({ choices: [{ index: 0, delta: { content } }] });
const ends = (reason: string) => data({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
const DONE = "data: [DONE]\n\n";

describe("[G12] patience", () => {
  const KEEP_ALIVE: [string, string][] = [
    ["comments", ": keep-alive\n\n"],
    ["empty events", "data:\n\n"],
    ["empty choices", data({ choices: [] })],
    ["empty deltas", data({ choices: [{ index: 0, delta: { role: "assistant", content: "" } }] })],
    ["line ends", "\n"],
  ];

  test.each(KEEP_ALIVE)("%s keep a model alive that loads for eight minutes", async (_name, bytes) => {
    const { request, generation, answer } = await generating();
    // In small steps until all of the backend is loaded.
    await pass(2_000);
    for (let n = 0; n < 2; n++) {
      await pass(240_000, 2_000);
      request.raw(bytes);
    }
    request.raw(`${says("Here I am")}${ends("stop")}${DONE}`);
    await whileTimePasses(generation);
    expect(await answer()).toMatchObject({ endReason: "finished" });
  });

  test.each(KEEP_ALIVE)("%s keep it alive in mid-reply", async (_name, bytes) => {
    const { request, generation, answer } = await generating();
    request.raw(says("One"));
    for (let n = 0; n < 4; n++) {
      await pass(55_000, 1_000);
      request.raw(bytes);
    }
    request.raw(`${says(" two")}${ends("stop")}${DONE}`);
    await whileTimePasses(generation);
    expect(textOf((await answer()).parts)).toBe("One two");
  });

  test("no byte before the first word: five minutes, and the words name the setting", async () => {
    const { request, generation, answer } = await generating();
    await pass(295_000, 2_000);
    expect(request.aborted).toBe(false);
    await whileTimePasses(generation, 30_000);
    const message = await answer();
    expect(message).toMatchObject({
      endReason: "timedOut",
      problem: { kind: "noFirstWord", limitMs: 300_000 },
    });
    expect(message.errorMessage).toBe(
      "No word from the model for 5 minutes. If it needs longer to begin, raise VERBATIM_FIRST_TOKEN_LIMIT_MS.",
    );
  });

  test("each limit has its setting", async () => {
    vi.stubEnv("VERBATIM_FIRST_TOKEN_LIMIT_MS", "2000");
    vi.stubEnv("VERBATIM_SILENCE_LIMIT_MS", "1000");
    const first = await generating();
    await whileTimePasses(first.generation, 3_000);
    expect((await first.answer()).problem).toEqual({ kind: "noFirstWord", limitMs: 2_000 });
    const second = await generating();
    second.request.raw(says("Hm"));
    await whileTimePasses(second.generation, 3_000);
    expect((await second.answer()).problem).toEqual({ kind: "noWord", limitMs: 1_000 });
  });
});

describe("[G12] a server that loads its model, or is busy", () => {
  const LOADING = { error: { code: 503, message: "Loading model", type: "unavailable_error" } };

  test("is waited for, longer than other refusals are repeated, and the page says so", async () => {
    const { request, generation, answer, live, provider } = await generating();
    request.refuse(503, LOADING);
    const finished = whileTimePasses(generation);
    for (let n = 1; n <= 20; n++) {
      const next = await provider.request(n);
      expect((await live())?.retry).toEqual({ attempt: n + 1, of: null, kind: "loading" });
      if (n < 20) next.refuse(503, LOADING);
      else next.raw(`${says("Loaded")}${ends("stop")}${DONE}`);
    }
    await finished;
    expect(textOf((await answer()).parts)).toBe("Loaded");
  });

  test("is waited for as well where its list, which has the default, is not there yet", async () => {
    const provider = new FakeProvider();
    for (const name of ["OPENAI_MODEL", "VERBATIM_MODELS"]) vi.stubEnv(name, "");
    vi.stubEnv("OPENAI_BASE_URL", "http://loading.test/v1");
    const ask = globalThis.fetch;
    const lists: ((list: Response) => void)[] = [];
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      url.endsWith("/models") ? new Promise((resolve) => lists.push(resolve)) : ask(url, init),
    );
    const { t, viewer } = await newChat();
    const { runId, taskId, assistantMessageId: messageId } = await sendStarted(viewer, "Hello");
    const finished = whileTimePasses(runGenerator(t, runId));
    const live = () => viewer.query(api.streamingResponses.getStreamingResponse, { messageId });
    for (let n = 0; n < 3; n++) {
      await until(() => lists.length > n);
      if (n > 0) expect((await live())?.retry).toEqual({ attempt: n + 1, of: null, kind: "loading" });
      lists[n]?.(Response.json(LOADING, { status: 503 }));
    }
    await until(() => lists.length > 3);
    lists[3]?.(Response.json({ data: [{ id: "llama" }] }));
    const request = await provider.request();
    expect(request.body.model).toBe("llama");
    request.raw(`${says("Loaded")}${ends("stop")}${DONE}`);
    await finished;
    expect(textOf((await lastMessage(viewer, taskId)).parts)).toBe("Loaded");
  });

  test.each([
    [401, { error: { message: "Invalid API Key" } }, "key", 1],
    [404, "404 page not found", "wrongPath", 1],
    [502, "<title>502 Bad Gateway</title>", "serverDown", 4],
  ])("a list that has no default: %d is told as what it is", async (status, body, kind, times) => {
    vi.stubEnv("OPENAI_API_KEY", "key-for-tests");
    vi.stubEnv("OPENAI_BASE_URL", `http://without-${status}.test/v1`);
    for (const name of ["OPENAI_MODEL", "VERBATIM_MODELS"]) vi.stubEnv(name, "");
    const asked = vi.fn(() =>
      Promise.resolve(new Response(typeof body === "string" ? body : JSON.stringify(body), { status })),
    );
    vi.stubGlobal("fetch", asked);
    const { t, viewer } = await newChat();
    const { runId, taskId } = await sendStarted(viewer, "Hello");
    await whileTimePasses(runGenerator(t, runId));
    expect(await lastMessage(viewer, taskId)).toMatchObject({
      endReason: "providerError",
      problem: { kind, status },
    });
    expect(asked).toHaveBeenCalledTimes(times);
  });

  test("but not for ever", async () => {
    vi.stubEnv("VERBATIM_FIRST_TOKEN_LIMIT_MS", "20000");
    const { generation, answer, provider } = await generating();
    const finished = whileTimePasses(generation);
    for (let n = 0; n < 7; n++) (await provider.request(n)).refuse(503, LOADING);
    await until(() => provider.requests.length === 8);
    (await provider.request(7)).refuse(503, LOADING);
    await finished;
    expect(await answer()).toMatchObject({
      endReason: "providerError",
      problem: { kind: "loading", status: 503 },
    });
  });

  test("repetitions are shown, and no longer when a request was accepted", async () => {
    const { request, generation, answer, live, provider } = await generating();
    expect((await live())?.retry).toBeUndefined();
    request.refuse(500, { error: { message: "Oops" } });
    const finished = whileTimePasses(generation);
    const second = await provider.request(1);
    expect((await live())?.retry).toEqual({ attempt: 2, of: 4, kind: "serverProblem" });
    second.refuse(429, { error: { message: "Slow down" } });
    const third = await provider.request(2);
    expect((await live())?.retry).toEqual({ attempt: 3, of: 4, kind: "rateLimit" });
    third.raw(data({ choices: [{ index: 0, delta: { content: "" } }] }));
    third.raw(says("Hello"));
    await until(async () => (await live())?.tail !== null);
    expect((await live())?.retry).toBeUndefined();
    third.raw(`${ends("stop")}${DONE}`);
    await finished;
    expect((await answer()).endReason).toBe("finished");
  });

  test("a regular answer writes nothing of the kind", async () => {
    const called: string[] = [];
    const { request, generation } = await generating({
      intercept: (name, call) => {
        called.push(name);
        return call();
      },
    });
    request.raw(`${says("Hello")}${ends("stop")}${DONE}`);
    await whileTimePasses(generation);
    expect(called.some((name) => name.endsWith(":reportRetry"))).toBe(false);
  });

  test("a refusal that comes with status 200 is repeated like one with its own", async () => {
    const { request, generation, answer, provider } = await generating();
    request.raw(
      data({ error: { code: 429, message: "Provider returned error", metadata: { raw: "Slow down" } } }),
    );
    const finished = whileTimePasses(generation);
    (await provider.request(1)).raw(`${says("Now")}${ends("stop")}${DONE}`);
    await finished;
    expect(textOf((await answer()).parts)).toBe("Now");
  });

  test("no credit is not repeated, although its status is that of too many requests", async () => {
    const { request, generation, answer, provider } = await generating();
    request.refuse(429, {
      error: { message: "You exceeded your current quota", type: "insufficient_quota" },
    });
    await whileTimePasses(generation);
    expect((await answer()).problem).toMatchObject({
      kind: "credit",
      words: "You exceeded your current quota",
    });
    expect(provider.requests).toHaveLength(1);
  });
});

describe("[G12] what helps is said", () => {
  test("a model that is not there: which are", async () => {
    const { request, generation, answer, provider } = await generating();
    provider.models = ["llama", "nomic-embed-text", ...Array.from({ length: 20 }, (_, n) => `qwen-${n}`)];
    request.refuse(404, { error: { message: 'model "test-model" not found, try pulling it first' } });
    await whileTimePasses(generation);
    const { problem, errorMessage } = await answer();
    expect(problem).toMatchObject({ kind: "modelMissing", model: "test-model", moreModels: 14 });
    expect(problem?.models?.slice(0, 3)).toEqual(["llama", "qwen-0", "qwen-1"]);
    expect(errorMessage).toMatch(
      /does not have the model test-model \(404\).*It has llama, qwen-0, .* and 14 more\./,
    );
  });

  test("something else than a model server: that the address is wrong", async () => {
    const { request, generation, answer, provider } = await generating();
    request.raw("<!doctype html>\n<html><head><title>My router</title></head></html>", "text/html");
    request.close();
    await whileTimePasses(generation);
    expect(await answer()).toMatchObject({
      problem: { kind: "wrongPath", words: "My router", address: "http://model.test/v1" },
      errorMessage: expect.stringContaining("OPENAI_BASE_URL") as string,
    });
    expect(provider.requests).toHaveLength(1);
  });

  test("a redirect that changes the request is not followed, and the key goes nowhere else", async () => {
    const { request, generation, answer, provider } = await generating();
    request.refuse(301, "", { location: "https://elsewhere.test/v1/chat/completions" });
    await whileTimePasses(generation);
    expect((await answer()).problem).toMatchObject({
      kind: "redirect",
      words: "https://elsewhere.test/v1/chat/completions",
    });
    expect(provider.requests).toHaveLength(1);
  });

  test.each([
    ["another host", "http://elsewhere.test/v1/chat/completions"],
    ["another port", "http://model.test:8080/v1/chat/completions"],
  ])("nor one to %s, although it keeps the request", async (_name, location) => {
    const { request, generation, answer, provider } = await generating();
    request.refuse(308, "", { location });
    await whileTimePasses(generation);
    expect((await answer()).problem?.kind).toBe("redirect");
    expect(provider.requests).toHaveLength(1);
  });

  test("one that keeps it, on the same host, is", async () => {
    const { request, generation, answer, provider } = await generating();
    request.refuse(308, "", { location: "https://model.test/v1/chat/completions" });
    const second = await provider.request(1);
    expect(second.url).toBe("https://model.test/v1/chat/completions");
    expect(second.headers.get("authorization")).toBe("Bearer key-for-tests");
    second.raw(`${says("Hello")}${ends("stop")}${DONE}`);
    await whileTimePasses(generation);
    expect(textOf((await answer()).parts)).toBe("Hello");
  });

  test("a key that the server repeats is nowhere", async () => {
    const log = vi.spyOn(console, "info");
    const warn = vi.spyOn(console, "warn");
    const { t, request, generation } = await generating();
    request.refuse(401, { error: { message: "Incorrect API key provided: key-for-tests." } });
    await whileTimePasses(generation);
    const all = await t.run(async (ctx) => [
      await ctx.db.query("chatMessages").collect(),
      await ctx.db.query("runs").collect(),
      await ctx.db.query("streamingChunks").collect(),
    ]);
    expect(JSON.stringify([all, log.mock.calls, warn.mock.calls])).not.toContain("key-for-tests");
    expect(JSON.stringify(all)).toContain("Incorrect API key provided: [hidden]");
  });
});

describe("[G12] ends that are none", () => {
  test.each([
    ["nothing but an end", `${ends("stop")}${DONE}`, "providerError", "empty"],
    ["nothing but [DONE]", DONE, "providerError", "empty"],
    ["nothing but spaces", `${says(" \n")}${ends("stop")}${DONE}`, "providerError", "empty"],
    ["thoughts alone", `${says("<think>Hm</think>")}${ends("stop")}${DONE}`, "providerError", "onlyThoughts"],
    [
      "a word of the server's for a failure",
      `${says("So far")}${ends("insufficient_system_resource")}${DONE}`,
      "providerError",
      "endWord",
    ],
    ["a word that nobody knows", `${says("So far")}${ends("tomorrow")}${DONE}`, "providerError", "endWord"],
    ["tool calls without one", `${says("So far")}${ends("tool_calls")}${DONE}`, "providerError", "endWord"],
    [
      "a refusal",
      `${data({ choices: [{ delta: { refusal: "No." } }] })}${ends("stop")}${DONE}`,
      "contentFilter",
      "refused",
    ],
  ])("%s", async (_name, stream, endReason, kind) => {
    const { t, request, generation, answer } = await generating();
    request.raw(stream);
    await whileTimePasses(generation);
    expect(await answer()).toMatchObject({ endReason, problem: { kind } });
    await expectInvariants(t);
  });

  test("the server's own word is kept", async () => {
    const { t, request, generation, assistantMessageId } = await generating();
    request.raw(`${says("So far")}${ends("model_length")}${DONE}`);
    await whileTimePasses(generation);
    expect(await stored(t, assistantMessageId)).toMatchObject({
      endReason: "lengthLimit",
      rawFinishReason: "model_length",
    });
  });

  test("eight rounds of tools without a word", async () => {
    const again = tool({ inputSchema: jsonSchema({ type: "object" }), execute: () => "no news" });
    const { generation, answer, provider } = await generating({ tools: { again } });
    const finished = whileTimePasses(generation);
    for (let round = 0; round < 8; round++) {
      const request = await provider.request(round);
      request.say(
        { type: "toolCall", id: `call-${round}`, name: "again", input: {} },
        { type: "finish", reason: "tool-calls" },
      );
      request.close();
    }
    await finished;
    expect(await answer()).toMatchObject({
      endReason: "lengthLimit",
      problem: { kind: "toolRounds", rounds: 8 },
    });
    expect(provider.requests).toHaveLength(8);
  });

  test("a continued answer to which the model adds nothing is finished", async () => {
    const { t, viewer, request, generation, answer, assistantMessageId, provider } = await generating();
    request.raw(`${says("All of it.")}${ends("length")}${DONE}`);
    await whileTimePasses(generation);
    const receipt = await viewer.mutation(api.messages.continueAnswer, {
      ...{ messageId: assistantMessageId, clientMessageId: "go-on" },
    });
    const second = runGenerator(t, receipt.runId ?? "");
    (await provider.request(1)).raw(`${ends("stop")}${DONE}`);
    await whileTimePasses(second);
    expect(await answer()).toMatchObject({ endReason: "finished", problem: null });
  });
});

describe("thoughts in the text", () => {
  test("[G8] are reasoning, and no later prompt is asked with them", async () => {
    const { t, viewer, taskId, request, generation, answer, provider } = await generating();
    for (const piece of ["<th", "ink>\nHm", "…\n</thi", "nk>\n\nWater ", "is wet."]) request.raw(says(piece));
    request.raw(`${ends("stop")}${DONE}`);
    await whileTimePasses(generation);
    expect((await answer()).parts).toMatchObject([
      { type: "reasoning", position: 0, text: "Hm…" },
      { type: "text", position: 1, text: "Water is wet." },
    ]);
    const { runId } = await sendStarted(viewer, "And then?", { taskId });
    const second = runGenerator(t, runId);
    const next = await provider.request(1);
    expect(JSON.stringify(next.body)).not.toContain("Hm");
    next.raw(`${says("Yes")}${ends("stop")}${DONE}`);
    await whileTimePasses(second);
  });

  test("of which only the end is marked: what was shown stays, as reasoning", async () => {
    const { request, generation, answer, shown } = await generating();
    request.raw(says("Hm, let me see."));
    await until(async () => (await shown()) === "Hm, let me see.");
    request.raw(says("\n</think>\n\n"));
    request.raw(says("Water is wet."));
    await until(async () => (await shown()).includes("Water") || (await pass(20).then(() => false)));
    expect(await shown()).toBe("Water is wet.");
    request.raw(`${ends("stop")}${DONE}`);
    await whileTimePasses(generation);
    expect((await answer()).parts).toEqual([
      { type: "reasoning", position: 0, text: "Hm, let me see.\n" },
      { type: "text", position: 1, text: "Water is wet." },
    ]);
  });

  test("go back to the model with no round of tools", async () => {
    const look = tool({ inputSchema: jsonSchema({ type: "object" }), execute: () => "blue" });
    const { generation, provider, request } = await generating({ tools: { look } });
    request.say({ type: "text", text: "<think>secretly</think>I look." });
    request.say(
      { type: "toolCall", id: "call", name: "look", input: {} },
      { type: "finish", reason: "tool-calls" },
    );
    request.close();
    const finished = whileTimePasses(generation);
    const second = await provider.request(1);
    expect(JSON.stringify(second.body.messages)).toContain("I look.");
    expect(JSON.stringify(second.body.messages)).not.toContain("secretly");
    second.raw(`${says("Blue")}${ends("stop")}${DONE}`);
    await finished;
  });

  test("who follows over HTTP gets the words behind what turned out to be thoughts, each once [G9]", async () => {
    const end = { endReason: "finished" as const, errorMessage: null };
    const page = {
      ...{ fromBeginning: false, takenBack: [] as number[], more: false, end: null },
      awaitsApproval: false,
    };
    const pages = [
      { ...page, texts: [{ position: 0, text: "Hm." }], next: 1 },
      { ...page, texts: [{ position: 1, text: "Wat" }], takenBack: [0], next: 3 },
      {
        ...page,
        texts: [{ position: 1, text: "Water is wet." }],
        takenBack: [0],
        fromBeginning: true,
        next: 5,
        end,
      },
    ];
    const said: string[] = [];
    const read = () => Promise.resolve(pages.shift() ?? null);
    for await (const { text } of followAnswer(read, () => Promise.resolve())) said.push(text);
    expect(said).toEqual(["Hm.", "\n\nWat", "er is wet."]);
  });
});

test("[G9] a character that comes in halves is one character", async () => {
  const { request, generation, answer } = await generating();
  request.raw('data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n');
  request.raw('data: {"choices":[{"delta":{"content":"\\ude00b"}}]}\n\n');
  request.raw(`${ends("stop")}${DONE}`);
  await whileTimePasses(generation);
  expect(textOf((await answer()).parts)).toBe("a😀b");
});

test("[G12] a tool that is done just before the end is stored as done", async () => {
  vi.stubEnv("VERBATIM_RUN_LIMIT_MS", "30000");
  let settle = (_result: string): void => undefined;
  let isRunning = false;
  const look = tool({
    inputSchema: jsonSchema({ type: "object" }),
    execute: () =>
      new Promise<string>((resolve) => {
        isRunning = true;
        settle = resolve;
      }),
  });
  const { request, generation, answer } = await generating({ tools: { look } });
  request.say(
    { type: "toolCall", id: "call", name: "look", input: {} },
    { type: "finish", reason: "tool-calls" },
  );
  request.close();
  await until(() => isRunning);
  await pass(20_000);
  settle("blue");
  // At the same moment, before anybody could hear of it, the run's time is over.
  vi.advanceTimersByTime(10_000);
  await whileTimePasses(generation);
  const message = await answer();
  expect(message.endReason).toBe("timedOut");
  const call = message.parts.find((part): part is ToolPart => part.type === "dynamic-tool");
  expect(call).toMatchObject({ state: "complete", output: "blue" });
});
