/** The generator with the real provider code, against a provider that behaves well and badly. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { CONTINUE_PROMPT } from "../../convex/model/generator/promptTexts";
import { textOf } from "../../convex/shared/parts";
import { FakeProvider, runGenerator, type Intercept } from "./fakeProvider.ts";
import { pass, until, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import {
  expectInvariants,
  lastMessage,
  newChat,
  newClientId,
  overview,
  recover,
  rowsOf,
  sendStarted,
  shownText,
  started,
} from "./support.ts";

useFakeTime();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function generating(api: "chat" | "responses" = "chat") {
  const provider = new FakeProvider(api);
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Tell me something");
  const generation = runGenerator(t, sent.runId);
  const request = await provider.request();
  const shown = () => shownText(viewer, sent.taskId, sent.assistantMessageId);
  const answer = () => lastMessage(viewer, sent.taskId);
  return { ...sent, t, viewer, provider, generation, request, shown, answer };
}

/** The first call of `mutation` is lost; of the second only its response. */
function lossyLine(mutation: string) {
  const line = {
    calls: 0,
    intercept: (async (name, call) => {
      if (!name.endsWith(`:${mutation}`)) return call();
      line.calls += 1;
      if (line.calls === 1) throw new Error("connection reset");
      const reply = await call();
      if (line.calls === 2) throw new Error("connection reset");
      return reply;
    }) as Intercept,
  };
  return line;
}

describe("a provider that behaves", () => {
  test.each(["chat", "responses"] as const)(
    "pending → streaming → complete over the %s API",
    async (kind) => {
      const { t, request, generation, answer, shown } = await generating(kind);
      expect(request.url).toBe(
        kind === "chat" ? "http://model.test/v1/chat/completions" : "https://api.openai.com/v1/responses",
      );
      expect(request.headers.get("authorization")).toBe("Bearer key-for-tests");
      expect(request.body.model).toBe("test-model");
      request.text("Water ");
      await until(async () => (await shown()) === "Water ");
      request.say({ type: "text", text: "is wet." }, { type: "finish", reason: "stop" });
      request.close();
      await whileTimePasses(generation);
      const message = await answer();
      expect(message).toMatchObject({ status: "complete", endReason: "finished", finishReason: "stop" });
      expect(textOf(message.parts)).toBe("Water is wet.");
      expect(message.usage?.outputTokens).toBeGreaterThan(0);
      await expectInvariants(t);
    },
  );

  test("an answer of the default model names it at its end, and one that was stopped too", async () => {
    const { viewer, taskId, request, generation, answer, provider, t } = await generating();
    expect((await answer()).model).toBeNull();
    request.say({ type: "text", text: "All of it" }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    expect((await answer()).model).toBe("test-model");

    const { runId } = await sendStarted(viewer, "And then?", { taskId });
    const second = runGenerator(t, runId);
    await provider.request(1);
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await whileTimePasses(second);
    expect(await answer()).toMatchObject({ endReason: "stopped", model: "test-model" });
  });

  test("the model is shown the visible path, oldest first, and the prompt last", async () => {
    const { t, viewer, taskId, request, generation, provider } = await generating();
    request.say({ type: "text", text: "First answer" }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    const { runId } = await sendStarted(viewer, "And then?", { taskId });
    const second = runGenerator(t, runId);
    const { body } = await provider.request(1);
    expect(body.messages?.map(({ role, content }) => [role, content]).slice(1)).toEqual([
      ["user", "Tell me something"],
      ["assistant", "First answer"],
      ["user", "And then?"],
    ]);
    (await provider.request(1)).say({ type: "finish", reason: "stop" });
    (await provider.request(1)).close();
    await whileTimePasses(second);
  });

  test("the first token is stored at once; then flushes keep their distance, and the buffer's tail is kept [CA #323]", async () => {
    const writes: number[] = [];
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const { runId, taskId, assistantMessageId } = await sendStarted(viewer, "Go");
    const generation = runGenerator(t, runId, {
      intercept: (name, call) => {
        if (name.endsWith(":updateStreamingContent")) writes.push(Date.now());
        return call();
      },
    });
    const request = await provider.request();
    const before = Date.now();
    request.text("0 ");
    await until(async () => (await shownText(viewer, taskId, assistantMessageId)) === "0 ");
    expect(Date.now()).toBe(before);
    for (let i = 1; i <= 100; i++) {
      request.text(`${i} `);
      await pass(20);
    }
    expect(writes.length).toBeLessThanOrEqual(25);
    request.say({ type: "text", text: "the very last word" }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    expect(textOf((await lastMessage(viewer, taskId)).parts)).toMatch(/^0 1 2 .* 100 the very last word$/);
  });

  test("[G8] reasoning comes before text, each a part of its own with increasing positions", async () => {
    const { request, generation, answer } = await generating();
    request.say({ type: "reasoning", text: "Let me " }, { type: "reasoning", text: "think." });
    request.say(
      { type: "text", text: "Here " },
      { type: "text", text: "it is." },
      { type: "finish", reason: "stop" },
    );
    request.close();
    await whileTimePasses(generation);
    expect((await answer()).parts).toMatchObject([
      { type: "reasoning", position: 0, text: "Let me think." },
      { type: "text", position: 1, text: "Here it is." },
    ]);
  });

  test("[G1] two generators of one run: the second leaves, the provider is asked once", async () => {
    const { t, runId, provider, request, generation } = await generating();
    await runGenerator(t, runId);
    expect(provider.requests).toHaveLength(1);
    request.say({ type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
  });

  test("a megabyte at once is stored whole, in rows of bounded size [G10]", async () => {
    const { t, viewer, taskId, assistantMessageId, request, generation } = await generating();
    const text = "0123456789abcdef".repeat(65_536);
    request.say({ type: "text", text: text.slice(0, 700_000) });
    request.say({ type: "text", text: text.slice(700_000) }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    expect(await shownText(viewer, taskId, assistantMessageId)).toBe(text);
    const rows = await rowsOf(t);
    expect(Math.max(...rows.map((row) => JSON.stringify(row).length))).toBeLessThan(9_000);
    await expectInvariants(t);
  });
});

describe("[G12] how a provider can end", () => {
  test.each([
    ["length", "lengthLimit", "length"],
    ["content-filter", "contentFilter", "content-filter"],
  ] as const)("finish reason %s → endReason %s", async (reason, endReason, finishReason) => {
    const { request, generation, answer } = await generating();
    request.say({ type: "text", text: "so far" }, { type: "finish", reason });
    request.close();
    await whileTimePasses(generation);
    expect(await answer()).toMatchObject({ status: "complete", endReason, finishReason });
  });

  test.each([
    ["closes the stream without a finish", (r: Request) => r.close(), /connection .* was lost/],
    ["breaks the connection", (r: Request) => r.drop(), /connection .* was lost/],
    [
      "reports an error in the stream",
      (r: Request) => r.say({ type: "error", message: "The GPU is on fire" }),
      /The GPU is on fire/,
    ],
  ])(
    "streaming → failed: it %s; what was said is kept, the reason is in words",
    async (_name, end, words) => {
      const { t, request, generation, answer, shown, provider } = await generating();
      request.text("What was said");
      await until(async () => (await shown()) === "What was said");
      end(request);
      await whileTimePasses(generation);
      const message = await answer();
      expect(message).toMatchObject({ status: "failed", endReason: "providerError" });
      expect(textOf(message.parts)).toBe("What was said");
      expect(message.errorMessage).toMatch(words);
      expect(message.errorMessage).not.toContain("[object");
      // A run that has emitted text is never repeated by itself.
      expect(provider.requests).toHaveLength(1);
      await expectInvariants(t);
    },
  );

  test.each([
    [
      401,
      { error: { message: "Incorrect API key provided" } },
      /refused the key \(401\): Incorrect API key provided/,
    ],
    [
      404,
      { error: "model 'x' not found" },
      /does not have the model test-model \(404\): model 'x' not found/,
    ],
    [400, { detail: [{ msg: "too long" }] }, /refused the request \(400\): .*too long/],
  ])("a refusal %d is told in words and not repeated", async (status, body, words) => {
    const { request, generation, answer, provider } = await generating();
    request.refuse(status, body);
    await whileTimePasses(generation);
    expect((await answer()).errorMessage).toMatch(words);
    expect(provider.requests).toHaveLength(1);
  });

  test("429 with retry-after: asked again after that time, and then the answer comes", async () => {
    const { request, generation, answer, provider } = await generating();
    request.refuse(429, { error: { message: "slow down" } }, { "retry-after": "7" });
    const finished = whileTimePasses(generation);
    const second = await until(() => provider.requests.length === 2).then(() => provider.request(1));
    expect(second.at - request.at).toBeGreaterThanOrEqual(7_000);
    second.say({ type: "text", text: "Now" }, { type: "finish", reason: "stop" });
    second.close();
    await finished;
    expect(textOf((await answer()).parts)).toBe("Now");
  });

  test("[G12] waiting that the provider asks for is not its silence", async () => {
    const { request, generation, answer, provider } = await generating();
    request.refuse(429, {}, { "retry-after": "50" });
    const finished = whileTimePasses(generation);
    (await provider.request(1)).refuse(429, {}, { "retry-after-ms": "50000" });
    const third = await provider.request(2);
    third.refuse(503, {}, { "retry-after": new Date(Date.now() + 50_000).toUTCString() });
    const fourth = await provider.request(3);
    expect(fourth.at - request.at).toBeGreaterThanOrEqual(149_000);
    fourth.say({ type: "text", text: "At last" }, { type: "finish", reason: "stop" });
    fourth.close();
    await finished;
    expect(await answer()).toMatchObject({ status: "complete", endReason: "finished" });
  });

  test("[G12] after the wait its silence counts, from the new request on", async () => {
    const { request, generation, answer, provider } = await generating();
    request.refuse(429, {}, { "retry-after": "50" });
    await whileTimePasses(generation);
    const second = await provider.request(1);
    const message = await answer();
    expect(message.endReason).toBe("timedOut");
    expect((message.endedAt ?? 0) - second.at).toBeGreaterThanOrEqual(60_000);
  });

  test("[G12] a wait longer than we are willing to wait ends at once, with the time to try again", async () => {
    vi.setSystemTime(new Date("2026-11-20T11:40:00.000Z"));
    const { request, generation, answer, provider } = await generating();
    request.refuse(429, { error: { message: "Quota of the hour is used up" } }, { "retry-after": "300" });
    await until(async () => (await answer()).status === "failed");
    await generation;
    expect(await answer()).toMatchObject({
      endReason: "providerError",
      errorMessage:
        "The model's server has too many requests or its quota is used up (429): Quota of the hour is used up. " +
        "Try again in 5 minutes, after 2026-11-20 11:45 UTC.",
    });
    expect(provider.requests).toHaveLength(1);
  });

  test("[G12] so does a wait longer than what is left of the run", async () => {
    vi.stubEnv("VERBATIM_RUN_LIMIT_MS", "20000");
    const { request, generation, answer, provider } = await generating();
    request.refuse(503, { error: "Loading the model" }, { "retry-after": "40" });
    await until(async () => (await answer()).status === "failed");
    await generation;
    const message = await answer();
    expect(message.endReason).toBe("providerError");
    expect(message.errorMessage).toMatch(/\(503\): Loading the model\. Try again in 40 seconds, after /);
    expect(provider.requests).toHaveLength(1);
  });

  test("500 for ever: a few attempts, then the reason in words", async () => {
    const { generation, answer, provider } = await generating();
    const finished = whileTimePasses(generation);
    for (let n = 0; n < 4; n++)
      (await provider.request(n)).refuse(500, { error: { message: "out of order" } });
    await finished;
    expect((await answer()).errorMessage).toMatch(/has a problem \(500\): out of order/);
    expect(provider.requests).toHaveLength(4);
  });

  test("the provider is silent for a minute → timedOut, its request is aborted", async () => {
    const { request, generation, answer, shown } = await generating();
    request.text("Hm");
    await until(async () => (await shown()) === "Hm");
    await whileTimePasses(generation, 70_000);
    expect(request.aborted).toBe(true);
    expect(await answer()).toMatchObject({
      ...{ status: "failed", endReason: "timedOut" },
      errorMessage:
        "No word from the model for 60 seconds in mid-reply. If it needs longer, raise VERBATIM_SILENCE_LIMIT_MS.",
    });
  });

  test("an answer beyond the overall limit → timedOut, with all that was said", async () => {
    vi.stubEnv("VERBATIM_RUN_LIMIT_MS", "5000");
    const { request, generation, answer } = await generating();
    const finished = whileTimePasses(generation);
    for (let i = 0; i < 300 && !request.aborted; i++) {
      request.text("word ");
      await pass(40);
    }
    // By the generator itself; the watchdog's turn would come later.
    expect(request.aborted).toBe(true);
    expect(Date.now() - request.at).toBeLessThan(6_000);
    await finished;
    const message = await answer();
    expect(message).toMatchObject({
      ...{ status: "failed", endReason: "timedOut" },
      errorMessage: expect.stringMatching(/took 5 seconds.*VERBATIM_RUN_LIMIT_MS/) as string,
    });
    expect(textOf(message.parts).length).toBeGreaterThan(50);
  });
});

type Request = Awaited<ReturnType<FakeProvider["request"]>>;

describe("[G7] Stop reaches the provider", () => {
  test("in silence, without a further token, within two seconds [CA, OW #14384]", async () => {
    const info = vi.spyOn(console, "info");
    const { t, viewer, taskId, request, generation, shown, answer } = await generating();
    request.text("I am about to");
    await until(async () => (await shown()) === "I am about to");
    await pass(5_000);
    expect(await viewer.mutation(api.streaming.stopTask, { taskId })).toMatchObject({ outcome: "stopped" });
    await pass(2_000);
    expect(request.aborted).toBe(true);
    await generation;
    const message = await answer();
    expect(message).toMatchObject({ status: "complete", endReason: "stopped", finishReason: "stop" });
    expect(textOf(message.parts)).toBe("I am about to");
    expect(info).toHaveBeenCalledWith("[STREAMING] Task was stopped, breaking stream loop");
    expect((await overview(t)).stopLatency.count).toBe(1);
  });

  test("before the first token, while the provider has not even answered [OW #14384, CA]", async () => {
    const { viewer, taskId, request, generation, answer } = await generating();
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await pass(2_000);
    expect(request.aborted).toBe(true);
    await generation;
    expect(await answer()).toMatchObject({ status: "complete", endReason: "stopped", parts: [] });
  });

  test("while the provider is being retried", async () => {
    const { viewer, taskId, request, generation, provider } = await generating();
    request.refuse(429, {}, { "retry-after": "50" });
    await pass(1_000);
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await pass(2_000);
    await generation;
    await pass(60_000, 1_000);
    expect(provider.requests).toHaveLength(1);
  });

  test("before the generator came: the provider is never asked", async () => {
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const { taskId, runId } = await sendStarted(viewer, "Never mind");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await runGenerator(t, runId);
    expect(provider.requests).toHaveLength(0);
  });

  test("text that comes after the Stop changes nothing [G4]", async () => {
    const { viewer, taskId, request, generation, shown, answer } = await generating();
    request.text("Before");
    await until(async () => (await shown()) === "Before");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    request.text(" and after");
    await whileTimePasses(generation);
    expect(textOf((await answer()).parts)).toBe("Before");
  });
});

describe("[G4, G6] the generator and its database", () => {
  test("a run that was ended for it: the request is aborted and the end stays as it is", async () => {
    const { t, request, generation, answer } = await generating();
    await recover(t);
    await whileTimePasses(generation, 5_000);
    expect(request.aborted).toBe(true);
    expect(await answer()).toMatchObject({ endReason: "crashed", status: "failed" });
  });

  test("a write that fails twice is repeated, and nothing is doubled or lost", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const { runId, taskId } = await sendStarted(viewer, "Go");
    const line = lossyLine("updateStreamingContent");
    const generation = runGenerator(t, runId, { intercept: line.intercept });
    const request = await provider.request();
    request.text("Once ");
    const finished = whileTimePasses(generation);
    await until(() => line.calls >= 3);
    request.say({ type: "text", text: "upon a time" }, { type: "finish", reason: "stop" });
    request.close();
    await finished;
    expect(textOf((await lastMessage(viewer, taskId)).parts)).toBe("Once upon a time");
  });

  test.each(["before", "after"])(
    "[G8] a flush that fails for good %s it was stored leaves no hole and doubles nothing: what came later stands behind it",
    async (when) => {
      vi.spyOn(console, "warn").mockImplementation(() => undefined);
      const provider = new FakeProvider();
      const { t, viewer } = await newChat();
      const { runId, taskId } = await sendStarted(viewer, "Go");
      /** Four times is for good. */
      const attempts = 4;
      let failed = 0;
      let fails = false;
      const intercept: Intercept = async (name, call) => {
        if (!fails || failed === attempts || !name.endsWith(":updateStreamingContent")) return call();
        failed += 1;
        if (when === "after") await call();
        throw new Error("connection reset");
      };
      const generation = runGenerator(t, runId, { intercept });
      const request = await provider.request();
      const ended = whileTimePasses(generation);
      request.text("One ");
      await until(async () => (await rowsOf(t)).length > 0);
      fails = true;
      request.text("two ");
      await until(() => failed > 0);
      // More than one flush carries.
      request.text(`three ${"x".repeat(20_000)}`);
      await ended;
      expect(failed).toBe(attempts);
      const message = await lastMessage(viewer, taskId);
      expect(message).toMatchObject({ status: "failed", endReason: "crashed" });
      expect(textOf(message.parts)).toBe(`One two three ${"x".repeat(20_000)}`);
      expect((await rowsOf(t)).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    },
  );

  test.each(["completeStreamingResponse", "errorStreamingResponse"])(
    "[G5] an end that could not be stored at first is repeated: %s",
    async (mutation) => {
      vi.spyOn(console, "warn").mockImplementation(() => undefined);
      const provider = new FakeProvider();
      const { t, viewer } = await newChat();
      const { runId, taskId } = await sendStarted(viewer, "Go");
      const line = lossyLine(mutation);
      const generation = runGenerator(t, runId, { intercept: line.intercept });
      const request = await provider.request();
      request.text("All of it");
      const finishes = mutation === "completeStreamingResponse";
      if (finishes) request.say({ type: "finish", reason: "stop" });
      request.close();
      await whileTimePasses(generation);
      expect(line.calls).toBe(3);
      const message = await lastMessage(viewer, taskId);
      expect(message).toMatchObject({ endReason: finishes ? "finished" : "providerError" });
      expect(textOf(message.parts)).toBe("All of it");
      await expectInvariants(t);
    },
  );

  test("a database that stays away: the request is aborted, no timer is left, the lease ends the run [convex-durable-agents #8]", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const { runId, taskId } = await sendStarted(viewer, "Go");
    let isAway = false;
    const generation = runGenerator(t, runId, {
      intercept: (_name, call) => (isAway ? Promise.reject(new Error("gone")) : call()),
    });
    const outcome = generation.then(
      () => "resolved",
      () => "rejected",
    );
    const request = await provider.request();
    isAway = true;
    request.text("Lost");
    expect(await whileTimePasses(outcome, 20_000)).toBe("rejected");
    expect(request.aborted).toBe(true);
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(10_000));
    expect(await lastMessage(viewer, taskId)).toMatchObject({ status: "failed", endReason: "crashed" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a chat that cannot be read ends the run at once, in words, and the provider is not asked", async () => {
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const { runId, taskId } = await sendStarted(viewer, "Go");
    await runGenerator(t, runId, {
      intercept: (name, call) =>
        name.endsWith(":runInput") ? Promise.reject(new Error("too many bytes read")) : call(),
    });
    expect(await lastMessage(viewer, taskId)).toMatchObject({
      ...{ status: "failed", endReason: "crashed" },
      errorMessage: "The chat could not be read: too many bytes read",
    });
    expect(provider.requests).toHaveLength(0);
    await expectInvariants(t);
  });

  test("no timer is left when a run has ended", async () => {
    const { t, request, generation } = await generating();
    request.say({ type: "text", text: "Short" }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(60_000));
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("Continue", () => {
  test("[G9] goes on inside the same answer: the model gets what is there, its text is appended to it", async () => {
    const { t, viewer, taskId, assistantMessageId, request, generation, shown, provider } =
      await generating();
    request.text("The begin");
    await until(async () => (await shown()) === "The begin");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await whileTimePasses(generation);

    const receipt = await viewer.mutation(api.messages.continueAnswer, {
      ...{ messageId: assistantMessageId, clientMessageId: newClientId() },
    });
    expect(receipt.assistantMessageId).toBe(assistantMessageId);
    expect(await shown()).toBe("The begin");
    const second = runGenerator(t, started(receipt).runId);
    const { body } = await provider.request(1);
    expect(body.messages?.slice(-2)).toMatchObject([
      { role: "assistant", content: "The begin" },
      { role: "user", content: CONTINUE_PROMPT },
    ]);
    (await provider.request(1)).text("ning");
    await until(async () => (await shown()) === "The beginning");
    (await provider.request(1)).say({ type: "finish", reason: "stop" });
    (await provider.request(1)).close();
    await whileTimePasses(second);
    expect(await lastMessage(viewer, taskId)).toMatchObject({
      ...{ _id: assistantMessageId, endReason: "finished", errorMessage: null },
      parts: [{ type: "text", position: 0, text: "The beginning" }],
    });
    await expectInvariants(t);
  });
});
