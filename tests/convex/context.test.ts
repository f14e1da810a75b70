/** What a model is sent of a chat, by its own context length; and what runs took. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { contextRoom } from "../../convex/model/context/contextRoom";
import { costOf } from "../../convex/shared/costs";
import { wellFormed } from "../../convex/shared/text";
import { endOfTokens, estimateTokens } from "../../convex/shared/tokens";
import { FakeProvider, runGenerator, type ProviderRequest } from "./fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { lastMessage, newChat, newViewer, playGenerator, sendStarted, type Viewer } from "./support.ts";

useFakeTime();
let provider: FakeProvider;

// Before the backend is made, which reads its settings once.
beforeEach(() => {
  provider = new FakeProvider();
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

type Chat = Awaited<ReturnType<typeof newChat>>;
type Wish = { inputTokens?: number; outputTokens?: number };

/** What the list of the fake provider says of its models. */
async function listed(
  { t }: Chat,
  facts: { id: string; contextLength?: number; prices?: { input: number; output: number } },
) {
  await t.mutation(internal.models.keepOffered, {
    lists: [{ provider: "openai", ids: [facts.id], facts: [facts] }],
  });
}

/** A chat of so many exchanges, whose words are numbered. */
async function exchanges(
  { t, viewer }: Chat,
  count: number,
  words: (n: number) => string,
): Promise<Id<"tasks">> {
  let taskId: Id<"tasks"> | null = null;
  for (let n = 0; n < count; n++) {
    const sent = await sendStarted(viewer, `question ${n}: ${words(n)}`, { taskId });
    taskId = sent.taskId;
    const generator = playGenerator(t, sent.runId);
    await generator.claim();
    await generator.complete(`answer ${n}: ${words(n)}`);
    vi.advanceTimersByTime(2_000);
  }
  if (taskId === null) throw new Error("There is no chat");
  return taskId;
}

async function ask({ t, viewer }: Chat, content: string, taskId: Id<"tasks"> | null, usage: Wish = {}) {
  const asked = provider.requests.length;
  const sent = await sendStarted(viewer, content, { taskId });
  const generation = runGenerator(t, sent.runId);
  const request = await provider.request(asked);
  if (usage.inputTokens === undefined) {
    request.say({ type: "text", text: "Done" }, { type: "finish", reason: "stop" });
  } else {
    const told = { prompt_tokens: usage.inputTokens, completion_tokens: usage.outputTokens };
    const choices = [{ index: 0, delta: { content: "Done" }, finish_reason: "stop" }];
    request.raw(`data: ${JSON.stringify({ id: "1", choices, usage: told })}\n\ndata: [DONE]\n\n`);
  }
  request.close();
  await whileTimePasses(generation);
  return { ...sent, request };
}

const textsOf = ({ body }: ProviderRequest) =>
  (body.messages ?? []).filter(({ role }) => role !== "system").map(({ content }) => String(content));
const words = (viewer: Viewer, taskId: Id<"tasks">) => lastMessage(viewer, taskId);

describe("what a model is sent fits into its context length", () => {
  test.each([4_096, 16_384, 131_072])(
    "of %d tokens: whole exchanges, the newest, and the chat tells where they begin",
    async (contextLength) => {
      const chat = await newChat();
      await listed(chat, { id: "test-model", contextLength });
      const taskId = await exchanges(chat, 12, () => "some more words ".repeat(150));
      const { request } = await ask(chat, "And now?", taskId);
      const texts = textsOf(request);
      expect(texts.at(-1)).toBe("And now?");
      expect(texts.reduce((sum, text) => sum + estimateTokens(text), 0)).toBeLessThan(contextLength);
      expect(texts.length % 2).toBe(1);
      const first = 12 - (texts.length - 1) / 2;
      expect(texts[0]).toContain(first === 12 ? "And now?" : `question ${first}:`);
      if (contextLength === 131_072) expect(first).toBe(0);
      else expect(first).toBeGreaterThan(0);
      expect((await words(chat.viewer, taskId)).contextFrom).toBe(first * 2);
    },
  );

  test("[G12] a prompt that alone is surely too long fails before the model is asked, and says what to do", async () => {
    const chat = await newChat();
    await listed(chat, { id: "test-model", contextLength: 4_096 });
    const { runId, taskId } = await sendStarted(chat.viewer, "漢字".repeat(10_000));
    await whileTimePasses(runGenerator(chat.t, runId));
    // A summary for the chat of the test before may be asked meanwhile.
    const asked = provider.requests.filter((request) => textsOf(request).join("").includes("漢字"));
    expect(asked).toEqual([]);
    const message = await lastMessage(chat.viewer, taskId);
    expect(message).toMatchObject({
      status: "failed",
      problem: { kind: "promptTooLong", contextLength: 4_096 },
    });
    expect(message.errorMessage).toContain("Shorten it");
  });

  test("without a known length a long prompt goes to the model, whose server knows", async () => {
    const chat = await newChat();
    const { request } = await ask(chat, "漢字".repeat(40_000), null);
    expect(textsOf(request)[0]).toHaveLength(80_000);
  });

  test("what the model's server counted for the last answer corrects the estimate", async () => {
    const chat = await newChat();
    await listed(chat, { id: "test-model", contextLength: 16_384 });
    const taskId = await exchanges(chat, 12, () => "some more words ".repeat(150));
    const before = await ask(chat, "And now?", taskId);
    const kept = textsOf(before.request).length;
    const estimate = textsOf(before.request).reduce((sum, text) => sum + estimateTokens(text), 0);
    const costly = await ask(chat, "Again?", taskId, { inputTokens: estimate * 2, outputTokens: 5 });
    const after = await ask(chat, "Once more?", taskId);
    expect(textsOf(costly.request).length).toBeGreaterThanOrEqual(kept - 2);
    expect(textsOf(after.request).length).toBeLessThan(kept * 0.7);
  });

  test("room is left for the reply and for tools, at every length", () => {
    for (const contextLength of [2_048, 8_192, 128_000, 200_000]) {
      for (const maxOutput of [undefined, 1_000, contextLength]) {
        const { tokens } = contextRoom(
          { contextLength, ...(maxOutput !== undefined && { maxOutput }) },
          null,
        );
        expect(tokens).toBeGreaterThan(contextLength * 0.4);
        expect(tokens).toBeLessThan(contextLength);
      }
    }
  });

  test("[G16] of a very long context no more is used than the owner allows; what is too long is not", () => {
    const { tokens, surelyTooLong } = contextRoom({ contextLength: 1_000_000 }, null);
    expect(tokens).toBeLessThan(200_000);
    expect(surelyTooLong).toBeGreaterThan(1_000_000);
    vi.stubEnv("VERBATIM_MAX_CONTEXT_TOKENS", "1000000");
    expect(contextRoom({ contextLength: 1_000_000 }, null).tokens).toBeGreaterThan(400_000);
    vi.unstubAllEnvs();
  });
});

describe("tokens without a tokenizer", () => {
  // Counted with cl100k and o200k by their published samples: characters of prose for a token.
  test.each([
    ["English", "The quick brown fox jumps over the lazy dog and rests. ", 3.2, 4.6],
    ["code", "const total = items.reduce((sum, { size }) => sum + size, 0);\n", 2, 4],
    ["German", "Danach ruht sich der Fuchs gründlich unter einem großen Baum aus. ", 2.2, 4],
    ["Russian", "Потом лиса отдыхает в тени большого дерева у реки. ", 1.4, 3],
    ["Chinese", "然后它在树荫下休息了一会儿,谁也没有在意。", 0.7, 1.3],
    ["emoji", "🦊🐕😴🌳", 0.5, 1],
  ])("%s", (_name, text, least, most) => {
    const perToken = Array.from(text.repeat(20)).length / estimateTokens(text.repeat(20));
    expect(perToken).toBeGreaterThan(_name === "emoji" ? 0.3 : least);
    expect(perToken).toBeLessThan(most);
  });

  test("the end of a text with so many tokens never begins within a character", () => {
    for (let tokens = 1; tokens < 30; tokens++) {
      const end = endOfTokens("ab🦊漢字🐕 and more", tokens);
      expect("ab🦊漢字🐕 and more".endsWith(end)).toBe(true);
      expect(wellFormed(end)).toBe(end);
      expect(estimateTokens(end)).toBeLessThanOrEqual(tokens + 1);
    }
  });
});

describe("what answers took", () => {
  const PRICES = { input: 2, output: 10 };
  const sums = async (viewer: Viewer, taskId: Id<"tasks">, messageId: Id<"chatMessages">) => ({
    answer: await viewer.query(api.usage.ofAnswer, { messageId }),
    chat: (await viewer.query(api.usage.ofChat, { taskId, before: null })).sum,
    all: (await viewer.query(api.usage.since, { from: 0, before: null })).sum,
  });

  test("tokens and cost of an answer, its chat and its person, at the prices of its time", async () => {
    const chat = await newChat();
    await listed(chat, { id: "test-model", prices: PRICES });
    const first = await ask(chat, "Hi", null, { inputTokens: 1_000_000, outputTokens: 100_000 });
    await listed(chat, { id: "test-model", prices: { input: 200, output: 1_000 } });
    const { taskId, assistantMessageId } = first;
    expect((await sums(chat.viewer, taskId, assistantMessageId)).all).toMatchObject({
      ...{ runs: 1, inputTokens: 1_000_000, outputTokens: 100_000, cost: 3, untold: 0, unpriced: 0 },
    });
    await listed(chat, { id: "test-model" });
    await ask(chat, "And?", taskId, { inputTokens: 10, outputTokens: 10 });
    const { answer, chat: inChat, all } = await sums(chat.viewer, taskId, assistantMessageId);
    expect(answer).toMatchObject({ runs: 1, cost: 3, unpriced: 0 });
    expect(inChat).toMatchObject({ runs: 2, cost: 3, unpriced: 1 });
    expect(all).toEqual(inChat);
  });

  test("[G12] a stopped run's cost is not known, which is said, and one that nobody claimed took nothing", async () => {
    const chat = await newChat();
    const { t, viewer } = chat;
    const stopped = await sendStarted(viewer, "Hi");
    await playGenerator(t, stopped.runId).claim();
    await viewer.mutation(api.streaming.stopTask, { taskId: stopped.taskId });
    const waiting = await sendStarted(viewer, "Hi");
    await viewer.mutation(api.streaming.stopTask, { taskId: waiting.taskId });
    expect((await sums(viewer, stopped.taskId, stopped.assistantMessageId)).all).toMatchObject({
      runs: 1,
      untold: 1,
      cost: 0,
    });
  });

  test("[G11] nobody sees what another's answers took; what a deleted chat took stays in its person's sum", async () => {
    const chat = await newChat();
    const { taskId, assistantMessageId } = await ask(chat, "Hi", null, { inputTokens: 10, outputTokens: 10 });
    const other = await newViewer(chat.t);
    const { answer, chat: inChat, all } = await sums(other, taskId, assistantMessageId);
    expect([answer.runs, inChat.runs, all.runs]).toEqual([0, 0, 0]);
    await chat.viewer.mutation(api.tasks.remove, { taskId });
    await chat.t.mutation(internal.tasks.purge, { taskId });
    expect((await chat.viewer.query(api.usage.since, { from: 0, before: null })).sum.runs).toBe(1);
  });

  test("cached tokens have their own price, and an unknown price gives no cost", () => {
    const usage = { inputTokens: 1_000_000, cachedTokens: 500_000, outputTokens: 0 };
    expect(costOf(usage, { input: 2, output: 10, cached: 0.2 })).toBeCloseTo(1.1);
    expect(costOf(usage, PRICES)).toBe(2);
    expect(costOf(usage, undefined)).toBeNull();
    expect(costOf({ inputTokens: 5 }, PRICES)).toBeNull();
  });
});
