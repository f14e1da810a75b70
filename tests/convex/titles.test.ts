/** Automatic titles: a chat's model is asked for one after the first answer, at most once more, and never instead of anything else. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import { titleFromReply } from "../../convex/model/suggestions/titleText";
import { failedRequests, reply } from "./askedModel.ts";
import { FakeProvider, type ProviderRequest } from "./fakeProvider.ts";
import { pass, until, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { expectInvariants, newChat, playGenerator, sendStarted, stored } from "./support.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const PROMPT = "How do I get the wine stain out of my grandmother's old tablecloth?";
const FIRST_WORDS = "How do I get the wine stain out…";

/** A chat with its first prompt, whose answer the test ends. */
async function firstPrompt(titles: "on" | "off" = "on") {
  const provider = new FakeProvider("chat", titles);
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, PROMPT, { model: "big" });
  const generator = playGenerator(t, sent.runId);
  await generator.claim();
  const task = () => stored(t, sent.taskId);
  return { ...sent, t, viewer, provider, generator, task };
}

/** The same after the answer's end, with the request for a title open. */
async function asked() {
  const chat = await firstPrompt();
  await chat.generator.complete("Salt, then cold water.");
  // Scheduled functions begin when time passes.
  await pass(20);
  return { ...chat, request: await chat.provider.request() };
}

/** Lets everything that is scheduled for the next minutes happen. */
const later = () => pass(120_000, 1_000);

describe("a title of the chat's model", () => {
  test("replaces the first words after the first answer; the run has ended before it is asked for", async () => {
    const { t, viewer, taskId, task, request, provider } = await asked();
    expect(await task()).toMatchObject({ status: "IDLE", title: FIRST_WORDS, titleSource: "asked" });
    expect(await viewer.query(api.generation.isLocked, { taskId })).toBe(false);
    expect(request.body.model).toBe("big");
    const shown = JSON.stringify(request.body.messages);
    expect(shown).toContain("grandmother's old tablecloth");
    expect(shown).toContain("Salt, then cold water.");
    reply(request, '"Wine Stains on Old Linen"\n');
    await until(async () => (await task()).titleSource === "model");
    expect(await task()).toMatchObject({ status: "IDLE", title: "Wine Stains on Old Linen" });
    expect(provider.requests).toHaveLength(1);
    await expectInvariants(t);
  });

  test("is asked for once when that succeeds: neither another answer nor a repeated end asks again", async () => {
    const { t, viewer, taskId, task, request, provider, generator } = await asked();
    expect(await generator.complete("again")).toMatchObject({ state: "ended" });
    reply(request, "Wine stains");
    await until(async () => (await task()).titleSource === "model");
    const second = await sendStarted(viewer, "And coffee?", { taskId });
    const secondGenerator = playGenerator(t, second.runId);
    await secondGenerator.claim();
    await secondGenerator.complete("The same.");
    await later();
    expect(provider.requests).toHaveLength(1);
    expect(await task()).toMatchObject({ title: "Wine stains" });
  });

  test("the prompt and the answer that are shown to the model are cut", async () => {
    const { provider, generator } = await firstPrompt();
    await generator.complete("long ".repeat(10_000));
    await pass(20);
    const request = await provider.request();
    expect(JSON.stringify(request.body.messages).length).toBeLessThan(6_000);
    expect(request.body).toMatchObject({ max_tokens: 2_000 });
  });

  test("[G7] a stopped answer with some text is an exchange; one without is not, and the next answer is", async () => {
    const { t, viewer, taskId, task, provider } = await firstPrompt();
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await pass(100);
    expect(await task()).toMatchObject({ titleSource: "firstWords" });
    const second = await sendStarted(viewer, "Once more", { taskId });
    const generator = playGenerator(t, second.runId);
    await generator.claim();
    await generator.flush("Use salt");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await pass(20);
    reply(await provider.request(), "Salt");
    await until(async () => (await task()).title === "Salt");
    expect(provider.requests).toHaveLength(1);
  });

  test("a failed answer is no exchange", async () => {
    const { task, provider, generator } = await firstPrompt();
    await generator.flush("Use sa");
    await generator.fail("The connection broke.");
    await later();
    expect(await task()).toMatchObject({ title: FIRST_WORDS, titleSource: "firstWords" });
    expect(provider.requests).toHaveLength(0);
  });
});

describe("a title that somebody gave", () => {
  test("before the answer's end: no model is asked", async () => {
    const { viewer, taskId, task, provider, generator } = await firstPrompt();
    await viewer.mutation(api.tasks.rename, { taskId, title: "Linen" });
    await generator.complete("Salt.");
    await later();
    expect(provider.requests).toHaveLength(0);
    expect(await task()).toMatchObject({ title: "Linen", titleSource: "user" });
  });

  test("while the model thinks: it stays", async () => {
    const { viewer, taskId, task, request } = await asked();
    await viewer.mutation(api.tasks.rename, { taskId, title: "Linen" });
    reply(request, "Wine stains");
    await later();
    expect(await task()).toMatchObject({ title: "Linen", titleSource: "user" });
  });

  test("a chat that was deleted while the model thinks stays deleted", async () => {
    const { t, viewer, taskId, assistantMessageId, request } = await asked();
    await viewer.mutation(api.tasks.remove, { taskId });
    reply(request, "Wine stains");
    await later();
    expect(await t.run((ctx) => ctx.db.get("tasks", taskId))).toBeNull();
    expect(await t.query(internal.titles.input, { messageId: assistantMessageId })).toBeNull();
    expect(await t.mutation(internal.titles.store, { taskId, title: "Late" })).toBeNull();
  });
});

describe("a request for a title that failed", () => {
  /** One more prompt, answered. */
  async function exchange({ t, viewer, taskId }: Awaited<ReturnType<typeof asked>>, answer: string) {
    const sent = await sendStarted(viewer, "Thanks", { taskId });
    const generator = playGenerator(t, sent.runId);
    await generator.claim();
    await generator.complete(answer);
    await pass(20);
  }

  test("is repeated after the next answer, about the first exchange", async () => {
    const chat = await asked();
    const { t, task, request, provider } = chat;
    request.refuse(429, { error: { message: "slow down" } });
    await later();
    expect(provider.requests).toHaveLength(1);
    await exchange(chat, "You are welcome.");
    expect(await task()).toMatchObject({ title: FIRST_WORDS, titleSource: "askedAgain" });
    const repeated = await provider.request(1);
    const shown = JSON.stringify(repeated.body.messages);
    expect(shown).toContain("grandmother's old tablecloth");
    expect(shown).toContain("Salt, then cold water.");
    expect(shown).not.toContain("You are welcome.");
    reply(repeated, "Wine Stains");
    await until(async () => (await task()).titleSource === "model");
    expect(await task()).toMatchObject({ title: "Wine Stains" });
    await exchange(chat, "Any time.");
    await later();
    expect(provider.requests).toHaveLength(2);
    await expectInvariants(t);
  });

  test("is repeated once: then the first words stay", async () => {
    const chat = await asked();
    chat.request.drop();
    await later();
    await exchange(chat, "You are welcome.");
    (await chat.provider.request(1)).drop();
    await later();
    await exchange(chat, "Any time.");
    await later();
    expect(chat.provider.requests).toHaveLength(2);
    expect(await chat.task()).toMatchObject({ title: FIRST_WORDS, titleSource: "askedAgain" });
  });

  test("is not repeated over a title that the owner has given since", async () => {
    const chat = await asked();
    chat.request.drop();
    await later();
    await chat.viewer.mutation(api.tasks.rename, { taskId: chat.taskId, title: "Linen" });
    await exchange(chat, "You are welcome.");
    await later();
    expect(chat.provider.requests).toHaveLength(1);
    expect(await chat.task()).toMatchObject({ title: "Linen", titleSource: "user" });
  });
});

describe("the first words stay, and nothing is repeated by itself, when", () => {
  const failures: Record<string, (request: ProviderRequest) => void> = {
    ...failedRequests("Wine st"),
    "the reply has no words": (request) => reply(request, ' "" \n'),
  };
  test.each(Object.keys(failures))("%s", async (name) => {
    const { t, task, request, provider } = await asked();
    failures[name]?.(request);
    await later();
    expect(await task()).toMatchObject({ status: "IDLE", title: FIRST_WORDS, titleSource: "asked" });
    expect(provider.requests).toHaveLength(1);
    await expectInvariants(t);
  });

  test("the model says nothing: its request is aborted after the time limit", async () => {
    const { task, request, provider } = await asked();
    request.open();
    await pass(29_000, 1_000);
    expect(request.aborted).toBe(false);
    await pass(2_000, 100);
    expect(request.aborted).toBe(true);
    await later();
    expect(provider.requests).toHaveLength(1);
    expect(await task()).toMatchObject({ title: FIRST_WORDS });
  });

  test("titles are turned off", async () => {
    const { task, provider, generator } = await firstPrompt("off");
    await generator.complete("Salt.");
    await later();
    expect(provider.requests).toHaveLength(0);
    expect(await task()).toMatchObject({ title: FIRST_WORDS, titleSource: "firstWords" });
  });

  test("only the demo model is there", async () => {
    const { t, viewer } = await newChat();
    const { taskId, runId } = await sendStarted(viewer, "Hello!");
    await whileTimePasses(viewer.action(api.generate.start, { runId }));
    await later();
    expect(await stored(t, taskId)).toMatchObject({ title: "Hello!", titleSource: "firstWords" });
  });
});

test.each([
  ["Wine Stains", "Wine Stains"],
  ['  "Wine Stains."  ', "Wine Stains"],
  ["„Rotweinflecken“", "Rotweinflecken"],
  ["Title: **Wine Stains**", "Wine Stains"],
  ["# Wine\tStains\n\nHere is why.", "Wine Stains"],
  ["\n\nWine Stains\r\nMore", "Wine Stains"],
  ["<think>\nThe user wants\n</think>\n\nWine Stains", "Wine Stains"],
  ["The user wants\n</think>\nWine Stains", "Wine Stains"],
  ["<think>and then it was cut", null],
  ["Wine\u202e \u0007Stains", "Wine Stains"],
  ["Is C++ faster?", "Is C++ faster?"],
  [`${"very ".repeat(20)}long`, `${"very ".repeat(12).trimEnd()}…`],
  ["*** \n ''", null],
  ["", null],
])("the title in the reply %j is %j", (replied, title) => {
  expect(titleFromReply(replied)).toBe(title);
});
