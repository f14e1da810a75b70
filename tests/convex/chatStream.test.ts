/** `POST /chat-stream`: an answer over plain HTTP, which is the same run as every other. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { textOf } from "../../convex/shared/parts";
import { FakeProvider } from "./fakeProvider.ts";
import { pass, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import {
  expectInvariants,
  lastMessage,
  listMessages,
  newChat,
  newClientId,
  newViewer,
  overview,
  playGenerator,
  sendStarted,
  type Viewer,
} from "./support.ts";

useFakeTime();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

type Body = Record<string, unknown>;

function post(viewer: Pick<Viewer, "fetch">, body: Body | string, init: RequestInit = {}) {
  return viewer.fetch("/chat-stream", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify({ content: "Hello?", ...body }),
    ...init,
  });
}

/** Reads a body as it comes. */
function readerOf(response: Response) {
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  const state = { text: "", over: null as null | "ended" | "brokenOff" };
  const done = (async () => {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        state.text += value;
      }
      state.over = "ended";
    } catch {
      state.over = "brokenOff";
    }
  })();
  return { state, done, cancel: () => reader.cancel() };
}

/** A prompt sent over HTTP, and its request at the provider. */
async function asking(body: Body = {}, init: RequestInit = {}) {
  const provider = new FakeProvider();
  const { t, viewer } = await newChat();
  const clientMessageId = newClientId();
  const response = post(viewer, { clientMessageId, ...body }, init);
  const request = await provider.request();
  const { page } = await viewer.query(api.tasks.list, { paginationOpts: { numItems: 1, cursor: null } });
  const taskId = page[0]!._id;
  return { t, viewer, provider, request, response, taskId, clientMessageId };
}

/** Lets fake time pass until the state has come. */
async function untilInTime(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500 && !(await condition()); i++) await pass(20);
  expect(await condition()).toBe(true);
}

describe("the answer", () => {
  test("comes as it is generated, and is the one that the page shows", async () => {
    const { t, viewer, provider, request, response: sent, taskId } = await asking();
    request.say({ type: "reasoning", text: "Let me think." });
    request.text("Hello");
    const response = await whileTimePasses(sent);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    const answer = readerOf(response);
    await untilInTime(() => answer.state.text === "Hello");
    expect((await lastMessage(viewer, taskId)).status).toBe("pending");
    request.text(", world");
    await untilInTime(() => answer.state.text === "Hello, world");
    request.say({ type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(answer.done);
    expect(answer.state).toEqual({ text: "Hello, world", over: "ended" });
    const message = await lastMessage(viewer, taskId);
    expect(message).toMatchObject({ status: "complete", endReason: "finished" });
    expect(textOf(message.parts)).toBe("Hello, world");
    expect(response.headers.get("verbatim-task")).toBe(taskId);
    expect(response.headers.get("verbatim-message")).toBe(message._id);
    expect(provider.requests).toHaveLength(1);
    await expectInvariants(t);
  });

  test("[G1, G2] asked for again: its text so far, and then its rest; never a second generation", async () => {
    const { t, viewer, provider, request, response, clientMessageId, taskId } = await asking();
    request.text("One");
    const first = readerOf(await whileTimePasses(response));
    await untilInTime(() => first.state.text === "One");
    const second = readerOf(await whileTimePasses(post(viewer, { clientMessageId })));
    await untilInTime(() => second.state.text === "One");
    request.say({ type: "text", text: ", two" }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(Promise.all([first.done, second.done]));
    expect(first.state).toEqual({ text: "One, two", over: "ended" });
    expect(second.state).toEqual(first.state);
    // Long after the end, when the log's rows are folded into the message.
    await pass(120_000, 1_000);
    const late = await whileTimePasses(post(viewer, { clientMessageId }));
    expect(late.headers.get("verbatim-end-reason")).toBe("finished");
    expect(await late.text()).toBe("One, two");
    expect(provider.requests).toHaveLength(1);
    expect(await listMessages(viewer, taskId)).toHaveLength(2);
    await expectInvariants(t);
  });

  test("[G9] who reads slowly gets all of it, also when the log's rows are gone meanwhile", async () => {
    const { request, response } = await asking();
    request.text("First. ");
    const reader = (await whileTimePasses(response)).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await whileTimePasses(reader.read())).value ?? "";
    for (let i = 0; i < 20; i++) {
      request.text(`Sentence ${i}. `);
      await pass(150);
    }
    request.say({ type: "finish", reason: "stop" });
    request.close();
    await pass(120_000, 1_000);
    for (;;) {
      const { done, value } = await whileTimePasses(reader.read());
      if (done) break;
      text += value;
    }
    expect(text).toBe(`First. ${Array.from({ length: 20 }, (_, i) => `Sentence ${i}. `).join("")}`);
  });

  test("longer than a page of the log: nothing missing, nothing twice", async () => {
    const { request, response, viewer, clientMessageId } = await asking();
    const words = Array.from({ length: 90_000 }, (_, i) => `${i} `).join("");
    request.say({ type: "text", text: words }, { type: "finish", reason: "stop" });
    request.close();
    const first = readerOf(await whileTimePasses(response));
    await whileTimePasses(first.done);
    // Compared as a whole: half a megabyte is no message for a person.
    expect(first.state.text === words).toBe(true);
    const again = await whileTimePasses(post(viewer, { clientMessageId }));
    expect((await whileTimePasses(again.text())) === words).toBe(true);
  });

  test("[G7] Stop ends it, with what was said; the provider's request is aborted", async () => {
    const { viewer, request, response, taskId } = await asking();
    request.text("Half an ans");
    const answer = readerOf(await whileTimePasses(response));
    await untilInTime(() => answer.state.text === "Half an ans");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await whileTimePasses(answer.done);
    expect(answer.state).toEqual({ text: "Half an ans", over: "ended" });
    expect(request.aborted).toBe(true);
    expect(await lastMessage(viewer, taskId)).toMatchObject({ status: "complete", endReason: "stopped" });
  });

  test("[G7] a Stop before the first token is an answer without text", async () => {
    const { viewer, response, taskId } = await asking();
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const stopped = await whileTimePasses(response);
    expect(stopped.status).toBe(200);
    expect(stopped.headers.get("verbatim-end-reason")).toBe("stopped");
    expect(await whileTimePasses(stopped.text())).toBe("");
  });

  test("a client that goes away stops no run", async () => {
    const gone = new AbortController();
    const { t, viewer, request, response, taskId } = await asking({}, { signal: gone.signal });
    request.text("You are");
    const answer = readerOf(await whileTimePasses(response));
    await untilInTime(() => answer.state.text === "You are");
    gone.abort();
    void answer.cancel();
    await pass(5_000);
    expect(request.aborted).toBe(false);
    request.say({ type: "text", text: " gone" }, { type: "finish", reason: "stop" });
    request.close();
    await untilInTime(async () => (await lastMessage(viewer, taskId)).status === "complete");
    const message = await lastMessage(viewer, taskId);
    expect(message.endReason).toBe("finished");
    expect(textOf(message.parts)).toBe("You are gone");
    await expectInvariants(t);
  });
});

describe("[G15] without a free place", () => {
  test("the request waits, and gets its answer when it is called", async () => {
    vi.stubEnv("VERBATIM_LIVE_RUNS", "1");
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const other = await sendStarted(await newViewer(t), "First");
    const generator = playGenerator(t, other.runId);
    await generator.claim();
    const sent = post(viewer, { clientMessageId: newClientId() });
    await untilInTime(async () => (await overview(t)).live.waiting === 1);
    await pass(3_000, 200);
    expect(provider.requests).toEqual([]);
    await generator.complete("done");
    const request = await whileTimePasses(provider.request());
    request.say({ type: "text", text: "Now" }, { type: "finish", reason: "stop" });
    request.close();
    const answer = readerOf(await whileTimePasses(sent));
    await whileTimePasses(answer.done);
    expect(answer.state).toEqual({ text: "Now", over: "ended" });
    await expectInvariants(t);
  });
});

describe("[G12] an answer that fails", () => {
  test("before its first word: a status and a reason", async () => {
    const { viewer, request, response, clientMessageId } = await asking();
    request.refuse(401, { error: { message: "Incorrect API key" } });
    const failed = await whileTimePasses(response);
    expect(failed.status).toBe(502);
    const body: unknown = await failed.json();
    expect(body).toMatchObject({ code: "RUN_FAILED", endReason: "providerError" });
    expect((body as { message: string }).message).toContain("Incorrect API key");
    const again = await whileTimePasses(post(viewer, { clientMessageId }));
    expect([again.status, await again.json()]).toEqual([502, body]);
  });

  test("in silence: 504", async () => {
    const { response } = await asking();
    expect((await whileTimePasses(response)).status).toBe(504);
  });

  test("after it: the body is broken off, so that it is not taken for whole", async () => {
    const { request, response } = await asking();
    request.text("Half an ans");
    const answer = readerOf(await whileTimePasses(response));
    await untilInTime(() => answer.state.text === "Half an ans");
    request.drop();
    await whileTimePasses(answer.done);
    expect(answer.state.over).toBe("brokenOff");
  });
});

describe("server-sent events, for who accepts them", () => {
  const init = { headers: { Accept: "text/event-stream" } };

  test("the ids at once, the text, the end; comments in silence", async () => {
    const { request, response: sent, taskId, viewer } = await asking({}, init);
    const response = await whileTimePasses(sent);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const answer = readerOf(response);
    await untilInTime(() => answer.state.text.includes("event: answer"));
    await pass(40_000, 1_000);
    request.say({ type: "text", text: 'Line 1\n"Line" 2' }, { type: "finish", reason: "length" });
    request.close();
    await whileTimePasses(answer.done);
    const { _id: messageId } = await lastMessage(viewer, taskId);
    const frames = answer.state.text.split("\n\n").slice(0, -1);
    expect(frames.filter((frame) => frame.startsWith(":"))).toHaveLength(2);
    expect(frames.filter((frame) => !frame.startsWith(":"))).toEqual([
      `event: answer\ndata: ${JSON.stringify({ taskId, messageId, reused: false })}`,
      `event: text\ndata: ${JSON.stringify('Line 1\n"Line" 2')}`,
      `event: end\ndata: ${JSON.stringify({ endReason: "lengthLimit", errorMessage: null })}`,
    ]);
  });

  test("[G12] a failure is an end with its reason", async () => {
    const { request, response } = await asking({}, init);
    request.text("Half");
    const answer = readerOf(await whileTimePasses(response));
    await untilInTime(() => answer.state.text.includes("Half"));
    request.drop();
    await whileTimePasses(answer.done);
    expect(answer.state.over).toBe("ended");
    expect(answer.state.text).toMatch(
      /event: end\ndata: \{.*"endReason":"providerError","errorMessage":"[^"]+"|"errorMessage":"[^"]+","endReason":"providerError"/,
    );
  });
});

describe("what is refused", () => {
  const expectRefusal = async (response: Response, status: number, code: string) => {
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  };

  test("[G11] nobody, and somebody else's chat, and what is no chat at all", async () => {
    new FakeProvider();
    const { t, viewer } = await newChat();
    const { taskId } = await sendStarted(viewer, "Mine");
    const nobody = await post(t, { clientMessageId: newClientId() });
    expect(nobody.headers.get("www-authenticate")).toBe("Bearer");
    await expectRefusal(nobody, 401, "UNAUTHENTICATED");
    const stranger = await newViewer(t);
    for (const chat of [taskId, "no-id"]) {
      const refused = await post(stranger, { clientMessageId: newClientId(), taskId: chat });
      await expectRefusal(refused, 404, "NOT_FOUND");
    }
  });

  test.each([
    ["no JSON", "{", 400, "INVALID_INPUT"],
    ["no object", "[]", 400, "INVALID_INPUT"],
    ["no content", { content: null }, 400, "INVALID_INPUT"],
    ["a content that is no text", { content: 5 }, 400, "INVALID_INPUT"],
    ["an empty content", { content: " " }, 400, "INVALID_INPUT"],
    ["a field that does not exist", { contents: "x" }, 400, "INVALID_INPUT"],
    ["a word for whenBusy that does not exist", { whenBusy: "wait" }, 400, "INVALID_INPUT"],
    ["a prompt that is too long", { content: "x".repeat(100_001) }, 413, "MESSAGE_TOO_LONG"],
    ["a body that is too long", " ".repeat(1_048_577), 413, "MESSAGE_TOO_LONG"],
  ])("%s", async (_name, body, status, code) => {
    const { viewer } = await newChat();
    const whole = typeof body === "string" ? body : { clientMessageId: newClientId(), ...body };
    await expectRefusal(await post(viewer, whole), status, code);
  });

  test("[G3] a chat that is busy; with `queue` the same request gets the answer later", async () => {
    const { viewer, provider, request, taskId } = await asking();
    await expectRefusal(
      await post(viewer, { taskId, clientMessageId: newClientId() }),
      409,
      "GENERATION_IN_PROGRESS",
    );
    const waiting = { taskId, clientMessageId: newClientId(), whenBusy: "queue" };
    const queued = await post(viewer, waiting);
    expect(queued.status).toBe(202);
    expect(await queued.json()).toMatchObject({ status: "queued", taskId });
    request.say({ type: "text", text: "First" }, { type: "finish", reason: "stop" });
    request.close();
    await untilInTime(() => provider.requests.length === 2);
    const response = post(viewer, waiting);
    const second = await provider.request(1);
    second.say({ type: "text", text: "Second" }, { type: "finish", reason: "stop" });
    second.close();
    expect(await whileTimePasses((await whileTimePasses(response)).text())).toBe("Second");
    expect(provider.requests).toHaveLength(2);
  });

  test("a prompt that was taken out of the queue: nobody waits for it", async () => {
    const { viewer, taskId } = await asking();
    const waiting = { taskId, clientMessageId: newClientId(), whenBusy: "queue" };
    expect((await post(viewer, waiting)).status).toBe(202);
    const [queued] = await viewer.query(api.queue.list, { taskId });
    await viewer.mutation(api.queue.remove, { queuedPromptId: queued!._id });
    await expectRefusal(await post(viewer, waiting), 404, "NOT_FOUND");
  });

  test("too many requests: when to come again", async () => {
    vi.stubEnv("VERBATIM_SENDS_PER_MINUTE", "1");
    const { viewer } = await asking();
    const refused = await post(viewer, { clientMessageId: newClientId() });
    expect(refused.headers.get("retry-after")).toBe("60");
    await expectRefusal(refused, 429, "RATE_LIMITED");
  });
});

test("[E16] pages of other origins may ask, with a token that they were given", async () => {
  const { t } = await newChat();
  const answer = await t.fetch("/chat-stream", { method: "OPTIONS", headers: { Origin: "https://a.test" } });
  expect(answer.status).toBe(204);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("access-control-allow-headers")).toBe("Authorization, Content-Type");
  expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
});
