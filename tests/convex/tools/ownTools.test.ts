/** Verbatim's own tools: who has them, what they say, and what becomes of calls that go wrong. */
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { jsonSchema, tool, type ToolSet } from "ai";
import { api, internal } from "../../../convex/_generated/api";
import type { ToolPart } from "../../../convex/shared/parts";
import { FakeProvider, runGenerator } from "../fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "../fakeTime.ts";
import {
  expectFailure,
  lastMessage,
  newChat,
  newClientId,
  newViewer,
  playGenerator,
  send,
  sendStarted,
  started,
  type Viewer,
} from "../support.ts";

useFakeTime();
beforeEach(() => {
  vi.stubEnv("VERBATIM_TOOLS", "all");
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const namesIn = (body: { tools?: unknown }) =>
  ((body.tools ?? []) as { function: { name: string } }[]).map((offered) => offered.function.name);

const sendWith = async (viewer: Viewer, tools: string[], content = "Do it") =>
  started(
    await viewer.mutation(api.messages.send, {
      ...{ taskId: null, clientMessageId: newClientId(), content, tools },
    }),
  );

type Call = { name: string; input: unknown };

/** One answer whose model makes these calls at once, and then says "Done.". What it was told of them, and their parts. */
async function answerWithCalls(
  calls: Call[],
  { tools, readPage }: { tools?: ToolSet; readPage?: (url: string) => Promise<never> } = {},
) {
  const provider = new FakeProvider();
  const { t, viewer } = await newChat();
  const sent = await sendWith(viewer, ["calculator", "currentTime", "searchChats", "readPage"]);
  const generation = runGenerator(t, sent.runId, {
    ...(tools && { tools }),
    ...(readPage && {
      node: {
        readPage,
        openServers: () =>
          Promise.resolve({ tools: {}, unavailable: [], signedOut: [], close: () => Promise.resolve() }),
      },
    }),
  });
  const first = await provider.request();
  calls.forEach(({ name, input }, index) => {
    first.say({ type: "toolCall", id: `call-${index}`, name, input });
  });
  first.say({ type: "finish", reason: "tool-calls" });
  first.close();
  const finished = whileTimePasses(generation);
  const second = await provider.request(1);
  second.say({ type: "text", text: "Done." }, { type: "finish", reason: "stop" });
  second.close();
  await finished;
  const answer = await lastMessage(viewer, sent.taskId);
  const parts = answer.parts.filter((part): part is ToolPart => part.type === "dynamic-tool");
  const told = (second.body.messages ?? [])
    .filter(({ role }) => role === "tool")
    .map(({ content }) => String(content));
  return { t, viewer, answer, parts, told };
}

describe("who has tools", () => {
  test("nobody, unless the owner has switched them on and the person has chosen them", async () => {
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    /** On a backend that has just started: it reads the settings then. */
    const offered = async () => {
      const fresh = await newChat();
      return (await fresh.viewer.query(api.toolChoice.offered, {})).map(({ id }) => id);
    };
    // Web search needs an engine, too.
    expect(await offered()).toEqual(["calculator", "currentTime", "searchChats", "readPage"]);
    vi.stubEnv("VERBATIM_BRAVE_KEY", "key");
    vi.stubEnv("VERBATIM_TOOLS", " webSearch, calculator ,nonsense");
    expect(await offered()).toEqual(["calculator", "webSearch"]);
    for (const nothing of ["", "none"]) {
      vi.stubEnv("VERBATIM_TOOLS", nothing);
      expect(await offered()).toEqual([]);
    }
    vi.stubEnv("VERBATIM_TOOLS", "all");

    /** The names of the tools that the model is offered in the n-th answer. */
    const offeredIn = async (n: number, runId: string) => {
      const generation = runGenerator(t, runId);
      const request = await provider.request(n);
      request.say({ type: "text", text: "Hello." }, { type: "finish", reason: "stop" });
      request.close();
      await whileTimePasses(generation);
      return namesIn(request.body);
    };
    const { taskId, runId } = await sendStarted(viewer, "Hello");
    expect(await offeredIn(0, runId)).toEqual([]);

    await viewer.mutation(api.toolChoice.set, { taskId, tools: ["currentTime", "calculator", "noSuchTool"] });
    expect((await viewer.query(api.tasks.get, { taskId }))?.tools).toEqual(["calculator", "currentTime"]);
    const second = await sendStarted(viewer, "Again", { taskId });
    expect(await offeredIn(1, second.runId)).toEqual(["calculator", "currentTime"]);

    // The embedded engine reads the settings once, when it starts.
    if (inject("engine") !== "convex-test") return;
    vi.stubEnv("VERBATIM_TOOLS", "currentTime");
    const third = await sendStarted(viewer, "Again", { taskId });
    expect(await offeredIn(2, third.runId)).toEqual(["currentTime"]);
  });

  test("[G11] a chat's tools are its person's to choose", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await sendWith(viewer, ["calculator"]);
    const stranger = await newViewer(t);
    await expectFailure(stranger.mutation(api.toolChoice.set, { taskId, tools: ["readPage"] }), "NOT_FOUND");
    const tools = Array.from({ length: 65 }, (_, i) => `tool${i}`);
    await expectFailure(viewer.mutation(api.toolChoice.set, { taskId, tools }), "INVALID_INPUT");
  });

  test("a script's request leaves a chat to the Node action whose tools need it", async () => {
    vi.stubEnv("VERBATIM_MCP_SERVERS", JSON.stringify({ shop: { url: "https://shop.test/mcp" } }));
    const { t, viewer } = await newChat();
    const needsNode = async (tools: string[]) => {
      const { assistantMessageId: messageId } = await sendWith(viewer, tools);
      return await t.query(internal.chatStream.needsNode, { messageId });
    };
    expect(await needsNode(["calculator", "searchChats"])).toBe(false);
    expect([await needsNode(["readPage"]), await needsNode(["mcp:shop"])]).toEqual([true, true]);
  });

  test("a chat that a version before tools has made has none", async () => {
    const { viewer } = await newChat();
    const { taskId } = await send(viewer, "Hello");
    expect((await viewer.query(api.tasks.get, { taskId }))?.tools).toEqual([]);
  });
});

describe("calls", () => {
  test("calculator and clock: what they give goes to the model", async () => {
    const { parts, told } = await answerWithCalls([
      { name: "calculator", input: { expression: "6 * 7" } },
      { name: "currentTime", input: { timeZone: "Asia/Tokyo" } },
    ]);
    expect(parts.map(({ state }) => state)).toEqual(["complete", "complete"]);
    expect(parts[0]?.output).toEqual({ expression: "6 * 7", result: 42 });
    expect(told.join()).toContain("42");
    expect(told.join()).toContain("GMT+9");
  });

  test("[G11] searching chats finds the person's own, and those of a live run only", async () => {
    const { t, viewer } = await newChat();
    const stranger = await newViewer(t);
    await send(viewer, "My aubergine recipe");
    await send(stranger, "Their aubergine secret");
    const { runId } = await sendStarted(viewer, "Which recipes did I have?");
    const find = () => t.query(internal.search.forRun, { runId, text: "aubergine" });
    expect(await find()).toEqual({ tasks: [], messages: [] });
    const generator = playGenerator(t, runId);
    await generator.claim();
    expect((await find()).messages.map(({ snippet }) => snippet)).toEqual(["My aubergine recipe"]);
    await generator.complete("None.");
    expect(await find()).toEqual({ tasks: [], messages: [] });
  });

  test("wrong input, a tool that is not there, and one that fails: the model is told why, and goes on", async () => {
    const readPage = () => Promise.reject(new Error("There is no such host."));
    const { parts, told, answer } = await answerWithCalls(
      [
        { name: "calculator", input: { sum: "1+1" } },
        { name: "deleteEverything", input: {} },
        { name: "calculator", input: { expression: "1 / 0" } },
        { name: "readPage", input: { url: "https://nowhere.test" } },
      ],
      { readPage },
    );
    expect(parts.map(({ state }) => state)).toEqual(["failed", "failed", "failed", "failed"]);
    const words = ["expression", "deleteEverything", "divided by zero", "There is no such host."];
    for (const [i, word] of words.entries()) {
      expect(parts[i]?.errorText).toContain(word);
      expect(told[i]).toContain(word);
    }
    expect(answer).toMatchObject({ endReason: "finished" });
  });

  test("a megabyte of output: 100,000 characters go to the model, 16,384 are kept", async () => {
    const tools = {
      big: tool({ inputSchema: jsonSchema({ type: "object" }), execute: () => "€".repeat(1_000_000) }),
    };
    const { parts, told } = await answerWithCalls([{ name: "big", input: {} }], { tools });
    expect(parts[0]).toMatchObject({ state: "complete" });
    expect(String(parts[0]?.output).length).toBeLessThan(17_000);
    expect(told[0]?.length).toBeLessThan(101_000);
    expect(told[0]).toContain("900000 more characters were left out");
  });

  test("[G8] eight at once: each has its own result", async () => {
    const { parts, told } = await answerWithCalls(
      Array.from({ length: 8 }, (_, i) => ({ name: "calculator", input: { expression: `${i} * 100` } })),
    );
    expect(parts.map(({ output }) => (output as { result: number }).result)).toEqual([
      ...[0, 100, 200, 300, 400, 500, 600, 700],
    ]);
    expect(parts.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(told).toHaveLength(8);
  });

  test("each tool has its own limit of time", async () => {
    const readPage = () => new Promise<never>(() => undefined);
    const { parts } = await answerWithCalls([{ name: "readPage", input: { url: "https://slow.test" } }], {
      readPage,
    });
    const [part] = parts;
    expect(part).toMatchObject({ state: "timedOut" });
    expect((part?.endedAt ?? 0) - (part?.startedAt ?? 0)).toBeGreaterThanOrEqual(25_000);
    expect((part?.endedAt ?? 0) - (part?.startedAt ?? 0)).toBeLessThan(30_000);
  });
});

describe("web search", () => {
  /** A SearXNG whose answer to each query is these pages. */
  function stubEngine(provider: FakeProvider, pages: Record<string, string[]>) {
    vi.stubEnv("VERBATIM_SEARXNG_URL", "https://searx.test");
    const model = globalThis.fetch;
    vi.stubGlobal("fetch", (input: string | URL | Request, init?: RequestInit) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.hostname !== "searx.test") return model(input, init);
      const found = pages[url.searchParams.get("q") ?? ""] ?? [];
      return Promise.resolve(
        Response.json({ results: found.map((name) => ({ url: `https://${name}.test/`, title: name })) }),
      );
    });
    return provider;
  }

  /** One answer in which the model searches, round by round, and then speaks. */
  async function answerWith(rounds: string[][], pages: Record<string, string[]>) {
    const provider = stubEngine(new FakeProvider(), pages);
    const { t, viewer } = await newChat();
    const sent = await sendWith(viewer, ["webSearch"]);
    const generation = runGenerator(t, sent.runId);
    for (const [round, queries] of rounds.entries()) {
      const request = await provider.request(round);
      queries.forEach((query, index) => {
        request.say({ type: "toolCall", id: `${round}-${index}`, name: "webSearch", input: { query } });
      });
      request.say({ type: "finish", reason: "tool-calls" });
      request.close();
    }
    const finished = whileTimePasses(generation);
    const last = await provider.request(rounds.length);
    last.say({ type: "text", text: "As [1] and [3] say." }, { type: "finish", reason: "stop" });
    last.close();
    await finished;
    const told = (last.body.messages ?? [])
      .filter(({ role }) => role === "tool")
      .map(({ content }) => JSON.parse(String(content)) as { results: { number: number; title: string }[] });
    return { told, answer: await lastMessage(viewer, sent.taskId) };
  }

  test("[G8] what is found is a source of the answer, by the number that the model was told", async () => {
    const { told, answer } = await answerWith([["tea"], ["cups", "pots"]], {
      ...{ tea: ["green", "black"], cups: ["china", "green"], pots: ["iron", "clay"] },
    });
    const titles = answer.parts.flatMap((part) => (part.type === "source-url" ? [part.title] : []));
    expect([...titles].sort()).toEqual(["black", "china", "clay", "green", "iron"]);
    const positions = answer.parts.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(new Set(positions).size).toBe(positions.length);
    const numbered = told.flatMap(({ results }) => results);
    expect(numbered).toHaveLength(6);
    // A number is a place in the list, also of a page that was found twice.
    for (const { number, title } of numbered) expect(titles[number - 1]).toBe(title);
  });

  test("a search that fails, and one without results, have no sources", async () => {
    const { told, answer } = await answerWith([["nothing"]], {});
    expect(told).toEqual([{ results: [] }]);
    expect(answer.parts.map(({ type }) => type)).toEqual(["dynamic-tool", "text"]);
  });
});
