/** Follow-ups: what may be sent next, asked of the chat's model once for an answer, and never in the way of anything. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import type { DatabaseReader } from "../../convex/_generated/server";
import { followUpsFromReply } from "../../convex/model/suggestions/followUpText";
import type { TestBackend } from "../helpers/backend.ts";
import { failedRequests, reply } from "./askedModel.ts";
import { FakeProvider, type ProviderRequest } from "./fakeProvider.ts";
import { pass, until, useFakeTime } from "./fakeTime.ts";
import {
  expectInvariants,
  newChat,
  newClientId,
  newViewer,
  playGenerator,
  send,
  sendStarted,
  started,
  viewerOf,
  type Viewer,
} from "./support.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const PROMPT = "How do I get a wine stain out of linen?";
const ANSWER = "Salt, then cold water.";

const rowOf = (ctx: { db: DatabaseReader }, messageId: Id<"chatMessages">) =>
  ctx.db
    .query("followUps")
    .withIndex("by_message", (q) => q.eq("messageId", messageId))
    .unique();

/** A prompt whose answer the test ends. */
async function prompt(t: TestBackend, viewer: Viewer, content = PROMPT, taskId?: Id<"tasks">) {
  const sent = await sendStarted(viewer, content, { model: "big", ...(taskId && { taskId }) });
  const generator = playGenerator(t, sent.runId);
  await generator.claim();
  const messageId = sent.assistantMessageId;
  return {
    ...sent,
    generator,
    messageId,
    ask: () => viewer.mutation(api.followUps.request, { messageId }),
    followUps: () => t.run(async (ctx) => (await rowOf(ctx, messageId))?.outcome ?? null),
  };
}

/** A chat with an answer that has finished. */
async function answered() {
  const provider = new FakeProvider();
  const { t, viewer } = await newChat();
  const chat = await prompt(t, viewer);
  await chat.generator.complete(ANSWER);
  return { ...chat, t, viewer, provider };
}

/** The same with the request for follow-ups open. */
async function asked() {
  const chat = await answered();
  await chat.ask();
  // Scheduled functions begin when time passes.
  await pass(20);
  return { ...chat, request: await chat.provider.request() };
}

/** Lets everything that is scheduled for the next minutes happen. */
const later = () => pass(120_000, 1_000);

describe("follow-ups of the chat's model", () => {
  test("no page asks: nothing is asked", async () => {
    const { followUps, provider } = await answered();
    await later();
    expect(await followUps()).toBeNull();
    expect(provider.requests).toHaveLength(0);
  });

  test("however many tabs ask, the model is asked once, and all of them see what it suggests", async () => {
    const { t, viewer, taskId, messageId, ask, followUps, provider } = await answered();
    const otherTab = viewerOf(t, viewer.userId);
    expect(await otherTab.query(api.followUps.get, { taskId })).toBeNull();
    await Promise.all([ask(), otherTab.mutation(api.followUps.request, { messageId }), ask()]);
    expect(await followUps()).toEqual({ kind: "asked" });
    await pass(20);
    const request = await provider.request();
    expect(request.body).toMatchObject({ model: "big", max_tokens: 2_000 });
    const shown = JSON.stringify(request.body.messages);
    expect(shown).toContain(PROMPT);
    expect(shown).toContain(ANSWER);
    reply(request, "1. And coffee?\n2. Does it work on wool?\n3. How long does it take?\n4. Too many");
    const ready = {
      kind: "ready",
      suggestions: ["And coffee?", "Does it work on wool?", "How long does it take?"],
    };
    await until(async () => (await followUps())?.kind === "ready");
    expect(await followUps()).toEqual(ready);
    for (const tab of [viewer, otherTab])
      expect(await tab.query(api.followUps.get, { taskId })).toEqual({ messageId, followUps: ready });
    await ask();
    await later();
    expect(provider.requests).toHaveLength(1);
    await expectInvariants(t);
  });

  test("[G10] the page of messages is the same before and after: no viewer is sent it again", async () => {
    const { t, taskId, messageId, request, followUps } = await asked();
    const rows = () =>
      t.run(async (ctx) => [await ctx.db.get("chatMessages", messageId), await ctx.db.get("tasks", taskId)]);
    const before = await rows();
    reply(request, "- And coffee?");
    await until(async () => (await followUps())?.kind === "ready");
    expect(await rows()).toEqual(before);
  });

  test("of a long answer the model is shown both ends", async () => {
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const { generator, ask } = await prompt(t, viewer);
    await generator.complete(`The beginning. ${"long ".repeat(10_000)} Shall I go on?`);
    await ask();
    await pass(20);
    const shown = JSON.stringify((await provider.request()).body.messages);
    expect(shown).toContain("The beginning.");
    expect(shown).toContain("Shall I go on?");
    expect(shown.length).toBeLessThan(6_000);
  });

  test("the demo model offers what else it can show", async () => {
    for (const name of ["OPENAI_API_KEY", "OPENAI_BASE_URL"]) vi.stubEnv(name, "");
    const { t, viewer } = await newChat();
    const { generator, ask, followUps } = await prompt(t, viewer, "Show me some code");
    await generator.complete("```ts\n```");
    await ask();
    // It speaks at its own pace, after its module was loaded.
    for (let turn = 0; turn < 200 && (await followUps())?.kind !== "ready"; turn++) await pass(100);
    expect(await followUps()).toEqual({
      kind: "ready",
      suggestions: ["Make a table", "Write a long text", "What time is it?"],
    });
  });

  test("they go with their chat", async () => {
    const { t, viewer, taskId, request, followUps } = await asked();
    reply(request, "- And coffee?");
    await until(async () => (await followUps())?.kind === "ready");
    await viewer.mutation(api.tasks.remove, { taskId });
    await later();
    expect(await t.run((ctx) => ctx.db.query("followUps").collect())).toEqual([]);
  });
});

describe("nothing is asked for", () => {
  test("[G11] another's answer, whose follow-ups are not shown either", async () => {
    const { t, taskId, request, followUps } = await asked();
    reply(request, "- And coffee?");
    await until(async () => (await followUps())?.kind === "ready");
    const stranger = await newViewer(t);
    expect(await stranger.query(api.followUps.get, { taskId })).toBeNull();
  });

  test("[G11] another's answer that nobody has asked about", async () => {
    const { t, messageId, followUps, provider } = await answered();
    const stranger = await newViewer(t);
    await stranger.mutation(api.followUps.request, { messageId });
    await later();
    expect(await followUps()).toBeNull();
    expect(provider.requests).toHaveLength(0);
  });

  test("a prompt, a live answer, a stopped one", async () => {
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const { taskId, promptMessageId, generator, ask, followUps } = await prompt(t, viewer);
    await viewer.mutation(api.followUps.request, { messageId: promptMessageId });
    await ask();
    await generator.flush("Salt");
    await ask();
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await ask();
    await later();
    expect(await followUps()).toBeNull();
    expect(provider.requests).toHaveLength(0);
  });

  test("an answer that is not the chat's last, or whose chat is busy or has prompts waiting", async () => {
    const { t, viewer, taskId, ask, followUps, provider } = await answered();
    const next = await prompt(t, viewer, "And coffee?", taskId);
    await ask();
    await send(viewer, "And tea?", { taskId, whenBusy: "queue" });
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await next.ask();
    await later();
    expect([await followUps(), await next.followUps()]).toEqual([null, null]);
    expect(provider.requests).toHaveLength(0);
  });

  test("they are turned off", async () => {
    vi.stubEnv("VERBATIM_FOLLOW_UPS", "off");
    const { t, viewer, taskId, messageId, ask, followUps, provider } = await answered();
    await ask();
    await later();
    expect(await followUps()).toBeNull();
    expect(provider.requests).toHaveLength(0);
    // Those from before are not shown either.
    const outcome = { kind: "ready" as const, suggestions: ["And coffee?"] };
    await t.run((ctx) => ctx.db.insert("followUps", { userId: viewer.userId, taskId, messageId, outcome }));
    expect(await viewer.query(api.followUps.get, { taskId })).toBeNull();
  });

  test("one person's pages ask more than 20 times within a minute", async () => {
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const chats = [];
    for (let count = 0; count < 21; count++) {
      const chat = await prompt(t, viewer);
      await chat.generator.complete(ANSWER);
      await chat.ask();
      chats.push(chat);
    }
    const last = chats[20];
    expect(await last?.followUps()).toBeNull();
    // Three are asked at once, and each waits half a minute for a provider that does not answer.
    await until(async () => {
      await pass(1_000, 1_000);
      return provider.requests.length >= 20;
    });
    await pass(60_000, 1_000);
    expect(provider.requests).toHaveLength(20);
    await last?.ask();
    expect(await last?.followUps()).toEqual({ kind: "asked" });
  });
});

describe("[G15] questions have places of their own", () => {
  /** Six chats whose model is asked, and answers to none. */
  async function six() {
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const chats = [];
    for (let count = 0; count < 6; count++) {
      const chat = await prompt(t, viewer);
      await chat.generator.complete(ANSWER);
      await chat.ask();
      chats.push(chat);
    }
    await until(async () => {
      await pass(20);
      return provider.requests.length > 2;
    });
    await pass(1_000);
    return { provider, t, viewer, chats };
  }

  test("three are asked at once; when one is over the next is", async () => {
    const { provider, chats } = await six();
    expect(provider.requests).toHaveLength(3);
    const [first] = provider.requests;
    if (first) reply(first, '["Which salt?"]');
    await until(async () => {
      await pass(20);
      return provider.requests.length > 3;
    });
    expect(provider.requests).toHaveLength(4);
    await until(async () => {
      await pass(1_000, 100);
      const all = await Promise.all(chats.map((chat) => chat.followUps()));
      return all.every((one) => one?.kind !== "asked");
    });
    expect(provider.requests).toHaveLength(6);
  });

  test("those whose actions died hold their places for two minutes at most", async () => {
    const { provider, t, viewer } = await six();
    await t.run(async (ctx) => {
      for (const row of await ctx.db.query("asks").collect()) await ctx.db.delete(row._id);
      const messageId = (await ctx.db.query("chatMessages").first())?._id;
      if (!messageId) return;
      for (let i = 0; i < 3; i++) {
        await ctx.db.insert("asks", { kind: "title", messageId, startedAt: Date.now() });
      }
    });
    const asked = provider.requests.length;
    const chat = await prompt(t, viewer);
    await chat.generator.complete(ANSWER);
    await chat.ask();
    await pass(1_000);
    expect(provider.requests).toHaveLength(asked);
    vi.setSystemTime(Date.now() + 121_000);
    await t.mutation(internal.asks.startNext, {});
    await pass(1_000);
    expect(provider.requests).toHaveLength(asked + 1);
  });
});

describe("[G3] another run of the chat goes first", () => {
  test("the request is aborted within about a second, and a later look at the answer asks again", async () => {
    const { t, viewer, taskId, messageId, ask, followUps, provider, request } = await asked();
    request.open();
    const regenerated = started(
      await viewer.mutation(api.messages.regenerate, { messageId, clientMessageId: newClientId() }),
    );
    await pass(1_100);
    expect(request.aborted).toBe(true);
    await until(async () => (await followUps()) === null);
    expect(await viewer.query(api.followUps.get, { taskId })).toBeNull();
    await ask();
    expect(await followUps()).toBeNull();
    const generator = playGenerator(t, regenerated.runId);
    await generator.claim();
    await generator.complete("Or milk.");
    await viewer.mutation(api.messages.selectVariant, { messageId });
    await ask();
    await pass(20);
    reply(await provider.request(1), "- And coffee?");
    await until(async () => (await followUps())?.kind === "ready");
    await later();
    expect(provider.requests).toHaveLength(2);
    expect(await viewer.query(api.generation.isLocked, { taskId })).toBe(false);
    await expectInvariants(t);
  });

  test("when it begins before the model is asked, the model is not asked", async () => {
    const { viewer, taskId, ask, followUps, provider } = await answered();
    await ask();
    await send(viewer, "And coffee?", { taskId });
    await pass(1_000);
    expect(await followUps()).toBeNull();
    expect(provider.requests).toHaveLength(0);
  });

  test("a chat that is deleted meanwhile stays deleted", async () => {
    const { t, viewer, taskId, messageId, request } = await asked();
    await viewer.mutation(api.tasks.remove, { taskId });
    await later();
    expect(request.aborted).toBe(true);
    expect(await t.query(internal.followUps.input, { messageId })).toBeNull();
    expect(await t.run((ctx) => ctx.db.query("followUps").collect())).toEqual([]);
  });
});

describe("nothing is suggested, and nothing is repeated, when", () => {
  const failures: Record<string, (request: ProviderRequest) => void> = {
    ...failedRequests("- And coffee?\n- And"),
    "the reply is an excuse": (request) => reply(request, "I am sorry, I cannot do that."),
  };
  test.each(Object.keys(failures))("%s", async (name) => {
    const { t, ask, followUps, provider, request } = await asked();
    failures[name]?.(request);
    await until(async () => (await followUps())?.kind === "none");
    await ask();
    await later();
    expect(await followUps()).toEqual({ kind: "none" });
    expect(provider.requests).toHaveLength(1);
    await expectInvariants(t);
  });

  test("the model says nothing: its request is aborted after the time limit", async () => {
    const { followUps, request } = await asked();
    request.open();
    await pass(29_000, 1_000);
    expect(request.aborted).toBe(false);
    await pass(2_000, 100);
    expect(request.aborted).toBe(true);
    await until(async () => (await followUps())?.kind === "none");
  });
});

const THREE = ["And coffee?", "Does it work on wool?", "How long?"];
test.each<[name: string, reply: string, followUps: string[]]>([
  ["plain lines", "And coffee?\nDoes it work on wool?\n\nHow long?\n", THREE],
  ["numbers", "1. And coffee?\n2) Does it work on wool?\n3: How long?", THREE],
  ["marks", "- And coffee?\n* Does it work on wool?\n• How long?", THREE],
  [
    "a list in prose",
    'Here are some:\n\n1. **And coffee?**\n2. "Does it work on wool?"\n3. How long?\n\nTell me!',
    THREE,
  ],
  ["announced lines", "Sure! Three ideas:\nAnd coffee?\nDoes it work on wool?\nHow long?", THREE],
  ["labels", "Follow-up 1: And coffee?\nQuestion 2: Does it work on wool?\nFrage: How long?", THREE],
  ["quotes", "„And coffee?“\n“Does it work on wool?”\n'How long?',", THREE],
  [
    "a quote inside",
    '- What does "wool" mean?\n- "Wool" or "cotton"',
    ['What does "wool" mean?', '"Wool" or "cotton"'],
  ],
  ["JSON", '["And coffee?", "Does it work on wool?", "How long?"]', THREE],
  [
    "JSON in a fence",
    '```json\n{"suggestions": [\n "And coffee?",\n {"text": "Does it work on wool?"}, "How long?"]}\n```',
    THREE,
  ],
  ["broken JSON", '[\n  "And coffee?",\n  "Does it work on wool?",\n  "How long?"', THREE],
  ["brackets", "What is a[0]?\nAnd [1]?", ["What is a[0]?", "And [1]?"]],
  ["thoughts", "<think>\n1. Hm?\n</think>\n\n1. And coffee?", ["And coffee?"]],
  ["thoughts whose beginning was not sent", "1. Hm?\n</think>\n1. And coffee?", ["And coffee?"]],
  ["thoughts alone", "<think>\n1. Hm?", []],
  ["the same twice", "- And coffee?\n- and COFFEE?\n- How long?", ["And coffee?", "How long?"]],
  ["too long", `- ${"very ".repeat(20)}long\n- How long?`, ["How long?"]],
  ["control marks", "- And \u202e\u0007coffee?\r\n- How\tlong?", ["And coffee?", "How long?"]],
  ["another language", "1. Und Kaffee?\n2. どうですか。", ["Und Kaffee?", "どうですか。"]],
  ["one line", "I cannot do that.", []],
  ["no words", "---\n***\n[]", []],
  ["nothing", "", []],
])("follow-ups in a reply: %s", (_name, replied, followUps) => {
  expect(followUpsFromReply(replied)).toEqual(followUps);
});
