/** `POST /v1/chat/completions` and `GET /v1/models`: OpenAI's protocol on top of the same runs, by a client that knows nothing of Verbatim. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { textOf } from "../../convex/shared/parts";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import { FakeProvider, type ProviderRequest } from "./fakeProvider.ts";
import { pass, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { expectInvariants, newViewer, type Viewer } from "./support.ts";

useFakeTime();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** Lets fake time pass until the state has come. */
async function untilInTime(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500 && !(await condition()); i++) await pass(20);
  expect(await condition()).toBe(true);
}

type Body = Record<string, unknown>;
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async function start(sendsPerMinute = "60") {
  vi.stubEnv("VERBATIM_SENDS_PER_MINUTE", sendsPerMinute);
  const provider = new FakeProvider();
  const t = newBackend();
  const viewer = await newViewer(t);
  await t.run((ctx) => ctx.db.insert("people", { userId: viewer.userId, role: "member" }));
  const token = await viewer.action(api.apiTokens.make, { name: "editor", days: null });
  return { provider, t, viewer, token };
}

const hello = { messages: [{ role: "user", content: "Hello?" }] };

const post = (t: TestBackend, token: string, body: Body, init: RequestInit = {}) =>
  t.fetch("/v1/chat/completions", {
    method: "POST",
    ...init,
    headers: { Authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
    body: JSON.stringify(body),
  });

function say(request: ProviderRequest, text: string, reason: "stop" | "length" = "stop"): void {
  request.say({ type: "text", text }, { type: "finish", reason });
  request.close();
}

type Answer = {
  choices: { message: { content: string }; finish_reason: string }[];
  model: string;
  usage?: object;
  error?: { message: string; type: string; code: string; param: string | null };
};
const json = async (response: Promise<Response>) =>
  (await (await whileTimePasses(response)).json()) as Answer;

async function chats(viewer: Viewer) {
  const page = { archived: true, paginationOpts: { numItems: 9, cursor: null } };
  return (await viewer.query(api.tasks.list, page)).page;
}

async function messagesOf(viewer: Viewer, n = 0) {
  const taskId = (await chats(viewer))[n]!._id;
  const { page } = await viewer.query(api.messages.list, {
    ...{ taskId, paginationOpts: { numItems: 50, cursor: null } },
  });
  return page.reverse().map(({ role, parts }) => `${role} ${textOf(parts)}`);
}

describe("the AI SDK's client for OpenAI-compatible servers", () => {
  const modelOf = (t: TestBackend, token: string) =>
    createOpenAICompatible({
      ...{ name: "verbatim", baseURL: "http://verbatim.test/v1", apiKey: token, includeUsage: true },
      fetch: (url, init) =>
        t.fetch(new URL(url instanceof Request ? url.url : url).pathname, init as RequestInit),
    })("big");

  test("[G1, G12] streams an answer, with its end and its usage; it is a chat in the archive", async () => {
    const { provider, t, viewer, token } = await start();
    const result = streamText({
      model: modelOf(t, token),
      system: "Answer in Latin.",
      messages: [
        { role: "user", content: "One?" },
        { role: "assistant", content: "Unus." },
        { role: "user", content: "Two?" },
      ],
      temperature: 0.5,
    });
    let text = "";
    const over = (async () => {
      for await (const delta of result.textStream) text += delta;
    })();
    const request = await provider.request();
    expect(request.body).toMatchObject({ model: "big", temperature: 0.5 });
    expect(request.body.messages).toEqual([
      { role: "system", content: "Answer in Latin." },
      { role: "user", content: "One?" },
      { role: "assistant", content: "Unus." },
      { role: "user", content: "Two?" },
    ]);
    request.text("Du");
    await untilInTime(() => text === "Du");
    say(request, "o.", "length");
    await whileTimePasses(over);
    expect(text).toBe("Duo.");
    expect(await result.finishReason).toBe("length");
    expect(await messagesOf(viewer)).toEqual(["USER One?", "ASSISTANT Unus.", "USER Two?", "ASSISTANT Duo."]);
    const own = await viewer.query(api.tasks.list, { paginationOpts: { numItems: 9, cursor: null } });
    expect(own.page).toEqual([]);
    await expectInvariants(t);
  });

  test("generates at once, and sees a refusal as what it is", async () => {
    const { provider, t, token } = await start();
    const result = generateText({ model: modelOf(t, token), prompt: "Hello?", maxRetries: 0 });
    say(await provider.request(), "Hi");
    expect((await whileTimePasses(result)).text).toBe("Hi");
    const refused = generateText({ model: modelOf(t, "verbatim_x"), prompt: "Hello?", maxRetries: 0 });
    await expect(whileTimePasses(refused)).rejects.toMatchObject({ statusCode: 401 });
  });
});

describe("[G1, G2] a conversation", () => {
  test("goes on in its chat when it comes back whole, and begins another when it does not", async () => {
    const { provider, t, viewer, token } = await start();
    const turn = async (messages: object[], text: string) => {
      const n = provider.requests.length;
      const answer = json(post(t, token, { messages }));
      say(await provider.request(n), text);
      return (await answer).choices[0]!.message.content;
    };
    const one = { role: "user", content: "One?" };
    const first = { role: "assistant", content: await turn([one], "Unus.") };
    const two = { role: "user", content: [{ type: "text", text: "Two?" }] };
    const second = { role: "assistant", content: await turn([one, first, two], "Duo.") };
    expect(await chats(viewer)).toHaveLength(1);
    await turn([one, { role: "assistant", content: "Altered." }, two], "Duo again.");
    expect(await chats(viewer)).toHaveLength(2);
    // The person has gone on in the page: the chat is no longer what the script knows.
    const taskId = (await chats(viewer)).at(-1)!._id;
    const sent = await viewer.mutation(api.messages.send, {
      taskId,
      clientMessageId: "page",
      content: "Mine",
    });
    await viewer.mutation(api.streaming.stopTask, { taskId });
    expect(sent.status).toBe("started");
    await turn([one, first, two, second, { role: "user", content: "Three?" }], "Tres.");
    expect(await chats(viewer)).toHaveLength(3);
    await expectInvariants(t);
  });

  test("the same Idempotency-Key gets the same answer, from one request to the model", async () => {
    const { provider, t, viewer, token } = await start();
    const init = { headers: { "Idempotency-Key": "job 7" } };
    const [first, second] = [json(post(t, token, hello, init)), json(post(t, token, hello, init))];
    say(await provider.request(), "Hi");
    const [one, two] = [await first, await second];
    expect(two).toEqual(one);
    expect(await json(post(t, token, hello, init))).toEqual(one);
    expect(provider.requests).toHaveLength(1);
    expect(await chats(viewer)).toHaveLength(1);
    const other = json(post(t, token, hello));
    say(await provider.request(1), "Hi again");
    expect((await other).choices[0]?.message.content).toBe("Hi again");
  });

  test("of who leaves without a key is stopped; with one it goes on", async () => {
    const { provider, t, viewer, token } = await start();
    const leave = async (headers: Record<string, string>, n: number) => {
      const abort = new AbortController();
      const response = post(t, token, { ...hello, stream: true }, { headers, signal: abort.signal });
      const request = await provider.request(n);
      request.text("Half");
      const reader = (await whileTimePasses(response)).body!.getReader();
      await whileTimePasses(reader.read());
      abort.abort();
      void reader.cancel().catch(() => undefined);
      return request;
    };
    const stopped = await leave({}, 0);
    await untilInTime(() => stopped.aborted);
    const kept = await leave({ "Idempotency-Key": "k" }, 1);
    say(kept, " and half");
    await untilInTime(async () => (await messagesOf(viewer)).includes("ASSISTANT Half and half"));
  });
});

describe("[G12] what cannot be done is said", () => {
  test.each([
    [{ tools: [{ type: "function", function: { name: "f" } }] }, '"tools"'],
    [{ n: 2 }, '"n"'],
    [{ stop: ["\n"] }, '"stop"'],
    [{ response_format: { type: "json_object" } }, '"response_format"'],
    [{ frequency_penalty: 1 }, '"frequency_penalty"'],
    [{ something_new: true }, '"something_new"'],
    [{ messages: [] }, '"messages"'],
    [{ messages: [{ role: "assistant", content: "x" }] }, 'role "user"'],
    [{ messages: [{ role: "tool", content: "x" }] }, '"messages[0].role"'],
    [{ messages: [{ role: "user", content: [{ type: "input_audio" }] }] }, "input_audio"],
    [
      {
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "http://10.0.0.1/x" } }] },
        ],
      },
      "data: URL",
    ],
    [{ temperature: 9 }, "temperature"],
    [{ reasoning_effort: "a lot" }, "reasoning_effort"],
    [{ messages: [{ role: "user", content: "  " }] }, "needs some text"],
  ])("%j is refused by name, and makes no chat", async (extra, words) => {
    const { provider, t, viewer, token } = await start();
    const response = await whileTimePasses(post(t, token, { ...hello, ...extra }));
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as Answer;
    expect(error).toMatchObject({ type: "invalid_request_error", code: "invalid_input" });
    expect(error?.message).toContain(words);
    expect(await chats(viewer)).toEqual([]);
    expect(provider.requests).toEqual([]);
  });

  test("what changes no answer is ignored", async () => {
    const { provider, t, token } = await start();
    const neutral = {
      ...{ user: "me", seed: 1, n: 1, tools: [], stop: null, frequency_penalty: 0, logit_bias: {} },
      ...{ response_format: { type: "text" }, tool_choice: "none", metadata: {}, store: false },
    };
    const answer = json(post(t, token, { ...hello, ...neutral }));
    say(await provider.request(), "Hi");
    expect(await answer).toMatchObject({
      ...{ object: "chat.completion", model: "test-model" },
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hi" } }],
    });
  });

  test("a model that is not offered, a token that is none, and too many requests have OpenAI's codes", async () => {
    const { provider, t, token } = await start("1");
    provider.models = ["big"];
    const missing = await whileTimePasses(post(t, token, { ...hello, model: "gpt-99" }));
    expect([missing.status, ((await missing.json()) as Answer).error]).toMatchObject([
      404,
      { code: "model_not_found", param: "model" },
    ]);
    const forged = await whileTimePasses(post(t, "verbatim_forged", hello));
    expect([forged.status, ((await forged.json()) as Answer).error?.code]).toEqual([401, "invalid_api_key"]);
    const answer = json(post(t, token, hello));
    say(await provider.request(), "Hi");
    await answer;
    const limited = await whileTimePasses(post(t, token, hello));
    expect([limited.status, ((await limited.json()) as Answer).error?.code]).toEqual([
      429,
      "rate_limit_exceeded",
    ]);
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("an answer that fails, or that its person stops, is no answer: not whole, and not in a stream", async () => {
    const { provider, t, viewer, token } = await start();
    const failing = post(t, token, hello);
    (await provider.request()).refuse(400, { error: { message: "No such thing" } });
    const failed = await whileTimePasses(failing);
    expect([failed.status, ((await failed.json()) as Answer).error?.code]).toEqual([502, "providerError"]);
    const streaming = post(t, token, { ...hello, stream: true });
    const request = await provider.request(1);
    request.text("Half");
    const body = (await whileTimePasses(streaming)).text();
    await untilInTime(async () => (await chats(viewer)).some(({ status }) => status === "RUNNING"));
    const live = (await chats(viewer)).find(({ status }) => status === "RUNNING")!;
    await viewer.mutation(api.streaming.stopTask, { taskId: live._id });
    const text = await whileTimePasses(body);
    expect(text).toContain('"code":"stopped"');
    expect(text).not.toContain("[DONE]");
  });
});

test("pictures go to the model, belong to the chat, and are kept once", async () => {
  const { provider, t, viewer, token } = await start();
  const url = `data:image/png;base64,${PIXEL}`;
  const content = [
    { type: "text", text: "What is this?" },
    { type: "image_url", image_url: { url } },
  ];
  const init = { headers: { "Idempotency-Key": "p" } };
  const answer = json(post(t, token, { messages: [{ role: "user", content }] }, init));
  const request = await provider.request();
  expect(JSON.stringify(request.body.messages)).toContain(PIXEL.slice(0, 40));
  say(request, "A dot.");
  expect((await answer).choices[0]?.message.content).toBe("A dot.");
  await json(post(t, token, { messages: [{ role: "user", content }] }, init));
  expect(await t.run((ctx) => ctx.db.query("attachments").collect())).toMatchObject([
    { userId: viewer.userId, state: "sent", mediaType: "image/png", filename: "image-1.png" },
  ]);
  expect(await t.run((ctx) => ctx.db.system.query("_storage").collect())).toHaveLength(1);
});

test("[G11] lists the models, for who may ask them", async () => {
  const { provider, t, token } = await start();
  provider.models = ["small", "test-model"];
  const get = (headers: Record<string, string>) => whileTimePasses(t.fetch("/v1/models", { headers }));
  const listed = await get({ Authorization: `Bearer ${token}` });
  const { data } = (await listed.json()) as { data: { id: string; object: string }[] };
  expect(data.map(({ id }) => id)).toEqual(["test-model", "small", "big"]);
  expect((await get({})).status).toBe(401);
});
