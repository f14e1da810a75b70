/** What the demo model says, and what tools say. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { modelMessages } from "../../convex/model/generator/modelMessages";
import { CONTINUE_PROMPT } from "../../convex/model/generator/promptTexts";
import { storableValue } from "../../convex/model/generator/storableValue";
import { de } from "../../src/i18n/de.ts";
import { en } from "../../src/i18n/en.ts";
import { demoModel } from "../../convex/providers/demo";
import { replyTo } from "../../convex/providers/demoReplies";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
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
      expect(ask(wish)).toMatch(/^_I am the demo model/);
    }
    for (const question of [
      "How does a hash table work?",
      "What is a long poem?",
      "Why do functions return?",
      "Is Python nice?",
      "How do I install Python?",
    ]) {
      expect(ask(question), question).toBe(ask("Hi"));
      expect(replyTo(["Hi", question].map((text) => ({ role: "user", text }))).text).toContain(
        "cannot answer",
      );
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
        steps: [],
        context: {
          from: 0,
          isCut: false,
          answeredRoom: 0,
          estimate: 0,
          tooLong: null,
          prices: null,
          summary: null,
          scale: 1,
          maxOutput: null,
          mustReserve: false,
          ownKey: false,
        },
      },
      new Map(),
      { hasTools: true, model: null },
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
