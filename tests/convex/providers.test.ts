/** Which models there are, and what the demo says. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { CONTINUE_PROMPT, modelMessages } from "../../convex/model/generator/modelMessages";
import { storableValue } from "../../convex/model/generator/storableValue";
import { describeError } from "../../convex/model/generator/providerErrors";
import { endOf } from "../../convex/model/generator/generationEnd";
import { de } from "../../src/i18n/de.ts";
import { en } from "../../src/i18n/en.ts";
import { demoModel } from "../../convex/providers/demo";
import { replyTo } from "../../convex/providers/demoReplies";
import { listModels } from "../../convex/providers/listModels";
import { newChat } from "./support.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const jsonResponse = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

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
    expect(await listModels()).toEqual({
      models: [
        { id: "llama", name: "llama" },
        { id: "qwen", name: "qwen" },
      ],
      ...{ defaultModel: "llama", connected: true, error: null },
    });
    expect(fetched.mock.calls[0]?.[0]).toBe("http://localhost:11434/v1/models");
  });

  test("of OpenAI: those one can chat with, and the default even if the list cannot be read", async () => {
    vi.stubEnv("OPENAI_API_KEY", "sk-test");
    const ids = ["gpt-5-mini", "whisper-1", "gpt-4o-realtime", "o4-mini", "text-embedding-3-small", "gpt-5"];
    vi.stubGlobal("fetch", () => Promise.resolve(jsonResponse({ data: ids.map((id) => ({ id })) })));
    expect((await listModels()).models.map(({ id }) => id)).toEqual(["gpt-5", "gpt-5-mini", "o4-mini"]);
    vi.stubGlobal("fetch", () => Promise.resolve(jsonResponse({}, 401)));
    expect(await listModels()).toMatchObject({
      ...{ defaultModel: "gpt-5-mini", models: [{ id: "gpt-5-mini" }] },
      error: expect.stringContaining("answered 401") as string,
    });
  });

  test("a server that is not there is told in words", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "http://nowhere.test/v1");
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
    expect(await listModels()).toMatchObject({
      ...{ models: [], defaultModel: null, connected: true },
      error: expect.stringContaining("could not be reached") as string,
    });
  });
});

describe("the demo model", () => {
  test("is honest in its first words, and answers follow-ups by what they ask", () => {
    const ask = (...texts: string[]) => replyTo(texts.map((text) => ({ role: "user" as const, text }))).text;
    expect(ask("Hi")).toContain("**built-in demo model**");
    expect(ask("Hi", "How do I connect Ollama?")).toContain("OPENAI_BASE_URL");
    expect(ask("Hi", "Show me some code")).toContain("```ts");
    expect(ask("Hi", "A table please")).toContain("|:--|");
    expect(ask("Hi", "A long text").length).toBeGreaterThan(8_000);
    const unknown = ask("Hi", "Why is the sky blue?");
    expect(unknown).toContain("> Why is the sky blue?");
    expect(unknown).toContain("cannot answer");
  });

  test("says that it is the demo with everything that it knows by heart, and answers no question with a text about something else", () => {
    const ask = (text: string) => replyTo([{ role: "user", text }]).text;
    for (const wish of ["Show me some code", "Make a table", "Write a long text"]) {
      expect(ask(wish)).toContain("the demo model");
    }
    for (const { prompt } of [...en.suggestions, ...de.suggestions]) {
      expect(ask(prompt)).toContain("only the demo model");
      expect(ask(prompt)).toContain("OPENAI_API_KEY");
      expect(ask(prompt)).not.toMatch(/planet|Fibonacci|Paragraph/);
    }
  });

  test("a broken-off reply is continued where it stopped", async () => {
    const whole = replyTo([{ role: "user", text: "Hi" }]).text;
    const messages = modelMessages(
      {
        history: [{ role: "USER", text: "Hi", files: [] }],
        answered: [{ type: "text", position: 0, text: whole.slice(0, 100) }],
      },
      new Map(),
    );
    expect(messages.at(-1)).toEqual({ role: "user", content: CONTINUE_PROMPT });
    const { content } = await demoModel().doGenerate({
      prompt: [
        { role: "user", content: [{ type: "text", text: "Hi" }] },
        { role: "assistant", content: [{ type: "text", text: whole.slice(0, 100) }] },
        { role: "user", content: [{ type: "text", text: CONTINUE_PROMPT }] },
      ],
    });
    expect(content).toEqual([{ type: "text", text: whole.slice(100) }]);
  });
});

describe("errors in words [CA #320]", () => {
  test.each([
    ["a string", "Out of memory", "Out of memory"],
    ["an Error", new Error("Out of memory"), "Out of memory"],
    ["an object with a message", { message: "Out of memory" }, "Out of memory"],
    ["an error event", { type: "error", error: { code: "x", message: "Out of memory" } }, "Out of memory"],
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
});

describe("finish reasons [G12]", () => {
  test.each([
    ["stop", "stop", "finished"],
    ["tool-calls", "tool_calls", "finished"],
    ["length", "length", "lengthLimit"],
    ["content-filter", "content_filter", "contentFilter"],
    ["error", "error", "providerError"],
    ["other", "eos", "finished"],
    ["other", undefined, "providerError"],
  ] as const)("%s (%s) → %s", (reason, raw, endReason) => {
    expect(endOf(reason, raw, {}).endReason).toBe(endReason);
  });
});

test("what a tool says is stored as it is, or as text when Convex cannot hold it", () => {
  expect(storableValue({ a: [1, { b: null }] })).toEqual({ a: [1, { b: null }] });
  expect(storableValue({ naïve: 1 })).toBe('{"naïve":1}');
  expect(storableValue({ _id: 1 })).toBe('{"_id":1}');
  expect(storableValue(undefined)).toBeNull();
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  expect(storableValue(circular)).toBe("(a value that has no text)");
  expect(String(storableValue("x".repeat(100_000))).length).toBeLessThan(17_000);
});
