/** What servers that call themselves compatible with OpenAI send, and what is made of it. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BROKEN_OFF } from "../../../convex/providers/wire/dialect";
import { useFakeTime, whileTimePasses } from "../fakeTime.ts";
import { anyCuts, packets, readAll, seen } from "./streams.ts";

beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const read = async (text: string, end?: "close" | "break" | "open") =>
  seen(await readAll(packets(text, []), end === undefined ? {} : { end }));

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (delta: unknown, more: object = {}, finish: unknown = null): string =>
  data({
    id: "c1",
    object: "chat.completion.chunk",
    created: 1,
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  });
const DONE = "data: [DONE]\n\n";
const STOP = chunk({}, {}, "stop");
const HELLO = chunk({ content: "Hello" });

describe("the frame of a stream", () => {
  const whole = { text: "Hello", finish: "stop", error: null };

  test.each<[string, string]>([
    ["as the standard has it", `${HELLO}${STOP}${DONE}`],
    ["CRLF", `${HELLO}${STOP}${DONE}`.replaceAll("\n", "\r\n")],
    ["CR", `${HELLO}${STOP}${DONE}`.replaceAll("\n", "\r")],
    ["a byte order mark", `\uFEFF${HELLO}${STOP}${DONE}`],
    ["no space behind the colon", `${HELLO}${STOP}${DONE}`.replaceAll("data: ", "data:")],
    ["comments between", `: OPENROUTER PROCESSING\n\n${HELLO}: keep-alive\n${STOP}:\n${DONE}`],
    ["ids, names and retries", `id: 7\nevent: message\nretry: 10\n${HELLO}event: x\n${STOP}${DONE}`],
    ["no empty line at the end", `${HELLO}${STOP}data: [DONE]`],
    ["no line end at the end, and no [DONE]", `${HELLO}${STOP}`.trimEnd()],
    ["single line ends between events", `${HELLO}${STOP}${DONE}`.replaceAll("\n\n", "\n")],
    ["a field name twice", `${HELLO}${STOP}${DONE}`.replaceAll("data: ", "data: data: ")],
    ["empty events as signs of life", `data:\n\n${HELLO}data: \n\n${STOP}${DONE}`],
    [
      "an event of several lines",
      `data: {"choices":[{"delta":\ndata: {"content":"Hello"}}]}\n\n${STOP}${DONE}`,
    ],
    ["lines of JSON alone", `${HELLO}${STOP}`.replaceAll("data: ", "").replaceAll("\n\n", "\n")],
  ])("%s", async (_name, text) => {
    expect(await read(text)).toMatchObject(whole);
  });
});

describe("[G12] a complete answer is not failed by what follows", () => {
  useFakeTime();
  const whole = { text: "Hello", finish: "stop", error: null };

  test.each<[string, string, ("close" | "break" | "open")?]>([
    ["[DONE] without a finish reason", `${HELLO}${DONE}`],
    ["a connection that stays open after the finish reason", `${HELLO}${STOP}`, "open"],
    ["a connection that stays open after [DONE]", `${HELLO}${STOP}${DONE}`, "open"],
    ["a connection that breaks after the finish reason", `${HELLO}${STOP}`, "break"],
    ["an error after the finish reason", `${HELLO}${STOP}${data({ error: { message: "too late" } })}`],
    ["text behind [DONE]", `${HELLO}${STOP}${DONE}${chunk({ content: " nobody reads" })}`],
    ["half an event behind the finish reason", `${HELLO}${STOP}data: {"choi`],
    [
      "everything once more as a message in the last chunk (MiniMax)",
      `${HELLO}${data({
        object: "chat.completion",
        choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } }],
      })}`,
    ],
  ])("%s", async (_name, text, end) => {
    // Of a connection that stays open, a moment is waited for more.
    expect(await whileTimePasses(read(text, end), 10_000)).toMatchObject(whole);
  });

  test("the usage that comes after the finish reason is waited for", async () => {
    const usage = data({ choices: [], usage: { prompt_tokens: 3, completion_tokens: "4", total_tokens: 7 } });
    expect((await read(`${HELLO}${STOP}${usage}${DONE}`)).usage).toEqual({
      ...{ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    });
  });

  test("a finish reason in each chunk (Gemini) ends nothing while text comes", async () => {
    const each = ["One ", "two ", "three"].map((content) => chunk({ content }, {}, "stop")).join("");
    expect(await read(`${each}${DONE}`)).toMatchObject({ text: "One two three", finish: "stop" });
  });
});

describe("chunks that no schema has", () => {
  test.each<[string, unknown]>([
    ["usage without choices", { usage: { prompt_tokens: 1 } }],
    ["choices: null", { choices: null }],
    ["no choice", { choices: [] }],
    ["a choice that is null", { choices: [null] }],
    ["a delta that is null", { choices: [{ delta: null }] }],
    ["ping", { type: "ping" }],
    ["a text", "ping"],
    ["a number", 5],
    ["null", null],
    ["an empty error", { error: null, choices: [{ delta: {} }] }],
    [
      "strings where numbers should be",
      { created: "now", id: 7, model: null, choices: [{ index: "0", delta: { content: "" } }] },
    ],
    ["another role", { choices: [{ delta: { role: "model", content: "" } }] }],
    ["usage of text", { choices: [], usage: { prompt_tokens: "many", total_tokens: {} } }],
    ["logprobs and more", { choices: [{ delta: {}, logprobs: 7, index: 0 }], x: { y: [] } }],
    ["another choice", { choices: [{ index: 1, delta: { content: "not asked for" } }] }],
  ])("%s: skipped, and the answer goes on", async (_name, odd) => {
    const stream = `${HELLO}${data(odd)}${chunk({ content: " world" })}${STOP}${DONE}`;
    expect(await read(stream)).toMatchObject({ text: "Hello world", finish: "stop", error: null });
  });

  test("no JSON at all: skipped, logged, and the answer goes on", async () => {
    const log = vi.spyOn(console, "info");
    const stream = `${HELLO}data: {"choices":[{"delta":{"cont\n\n${chunk({ content: "!" })}${STOP}${DONE}`;
    expect(await read(stream)).toMatchObject({ text: "Hello!", finish: "stop" });
    expect(log).toHaveBeenCalledWith(expect.stringContaining("Skipped an event of the model's stream"));
  });

  test.each<[string, unknown, { text?: string; thoughts?: string }]>([
    [
      "content as parts",
      {
        content: [
          { type: "text", text: "A" },
          { type: "text", text: "B" },
        ],
      },
      { text: "AB" },
    ],
    [
      "thoughts among the parts (Mistral)",
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "T" }] },
          { type: "text", text: "A" },
        ],
      },
      { text: "A", thoughts: "T" },
    ],
    ["a number that was meant as text", { content: 42 }, { text: "42" }],
    ["reasoning_content (DeepSeek)", { reasoning_content: "T", content: null }, { thoughts: "T" }],
    ["reasoning (OpenRouter, Groq)", { reasoning: "T", content: "" }, { thoughts: "T" }],
    ["both names at once", { reasoning: "T", reasoning_content: "T" }, { thoughts: "T" }],
    [
      "reasoning: null beside text",
      { reasoning: null, reasoning_content: null, content: "A" },
      { text: "A" },
    ],
  ])("%s", async (_name, delta, said) => {
    expect(await read(`${chunk(delta)}${STOP}${DONE}`)).toMatchObject({ error: null, ...said });
  });

  test("a refusal is text, and an answer that is nothing else ends as one", async () => {
    expect(
      await read(`${chunk({ refusal: "I will " })}${chunk({ refusal: "not." })}${STOP}${DONE}`),
    ).toMatchObject({
      ...{ text: "I will not.", finish: "refusal" },
    });
  });

  test("completions of the time before chat", async () => {
    const old = (text: string, reason: string | null) =>
      data({ choices: [{ text, index: 0, finish_reason: reason }] });
    expect(await read(`${old("Hello", null)}${old("", "length")}${DONE}`)).toMatchObject({
      text: "Hello",
      finish: "length",
    });
  });

  test("tool calls without numbers, with arguments as an object (Gemini, Ollama)", async () => {
    const call = (id: string, name: string) => ({
      id,
      type: "function",
      function: { name, arguments: { n: 1 } },
    });
    const replies = await readAll(
      packets(
        `${chunk({ tool_calls: [call("a", "one"), call("b", "two")] })}${chunk({}, {}, "tool_calls")}${DONE}`,
        [],
      ),
    );
    expect(replies[0]).toMatchObject({
      value: {
        choices: [
          {
            delta: {
              tool_calls: [
                { index: 0, id: "a", function: { name: "one", arguments: '{"n":1}' } },
                { index: 1, id: "b", function: { name: "two", arguments: '{"n":1}' } },
              ],
            },
          },
        ],
      },
    });
  });
});

describe("a plain reply in place of a stream", () => {
  const reply = {
    ...{
      id: "c1",
      object: "chat.completion",
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    },
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Hello", reasoning_content: "Hm" },
        finish_reason: "stop",
      },
    ],
  };

  test.each<[string, string]>([
    ["on one line", JSON.stringify(reply)],
    ["on many lines", JSON.stringify(reply, null, 2)],
    ["behind empty lines, which keep it alive (DeepSeek)", `\n\n\n${JSON.stringify(reply)}`],
    ["as the one event of a stream", data(reply)],
  ])("%s", async (_name, text) => {
    expect(await read(text)).toMatchObject({
      ...{ text: "Hello", thoughts: "Hm", finish: "stop", usage: reply.usage, error: null },
    });
  });

  test("one that does not say how it ended is whole all the same", async () => {
    const { choices: _, ...rest } = reply;
    const silent = { ...rest, choices: [{ message: { content: "Hello" } }] };
    expect(await read(JSON.stringify(silent))).toMatchObject({ text: "Hello", finish: "stop", error: null });
  });
});

describe("[G12] errors in a stream that was accepted", () => {
  test.each<[string, string, string]>([
    [
      "OpenAI, vLLM since 0.10",
      data({ error: { message: "Overloaded", type: "server_error", code: 503 } }),
      "Overloaded",
    ],
    ["a text", data({ error: "Overloaded" }), "Overloaded"],
    [
      "vLLM before",
      data({ object: "error", message: "Overloaded", type: "BadRequestError", code: 400 }),
      "Overloaded",
    ],
    ["FastAPI", data({ detail: "Overloaded" }), "Overloaded"],
    [
      "llama.cpp before October 2025",
      'error: {"code":500,"message":"Overloaded","type":"server_error"}\n\n',
      "Overloaded",
    ],
    ["llama.cpp, in words alone", "error: Overloaded\n\n", "Overloaded"],
    ["an event by that name", 'event: error\ndata: {"message":"Overloaded"}\n\n', "Overloaded"],
    ["an event with words alone", "event: error\ndata: Overloaded\n\n", "Overloaded"],
    ["without a frame (Lemonade)", `${JSON.stringify({ error: { message: "Overloaded" } })}\n`, "Overloaded"],
    [
      "without a frame, on many lines (Google)",
      JSON.stringify([{ error: { code: 503, message: "Overloaded" } }], null, 2),
      "Overloaded",
    ],
    [
      "OpenRouter, of the server behind it",
      data({
        id: "x",
        error: {
          code: 502,
          message: "Provider returned error",
          metadata: { raw: '{"error":{"message":"Overloaded"}}' },
        },
        choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
      }),
      "Overloaded",
    ],
    [
      "OpenRouter, in the choice",
      data({ choices: [{ delta: {}, error: { message: "Overloaded" } }] }),
      "Overloaded",
    ],
    [
      "MiniMax",
      data({ choices: null, base_resp: { status_code: 1002, status_msg: "Overloaded" } }),
      "Overloaded",
    ],
  ])("%s: told after what was said, in the server's words", async (_name, error, words) => {
    expect(await read(`${HELLO}${error}\n${DONE}`)).toMatchObject({
      text: "Hello",
      error: { message: words },
    });
    const alone = await read(error);
    expect(JSON.stringify(alone.refused), "a refusal, when it comes first").toContain(words);
  });

  test("a stream that just ends, or breaks, was not complete", async () => {
    for (const end of ["close", "break"] as const) {
      expect(await read(HELLO, end)).toMatchObject({
        text: "Hello",
        finish: null,
        error: { type: BROKEN_OFF },
      });
    }
  });

  test("something else than a model server", async () => {
    expect(await read("<!doctype html>\n<html><title>Router</title></html>")).toMatchObject({
      refused: expect.stringContaining("<!doctype html>") as string,
    });
    expect(await read("Not ready")).toMatchObject({ refused: "Not ready" });
  });
});

describe("any split and any cut", () => {
  const words = "Grüße, 世界! 👩‍👩‍👧 “quoted” \\n <think>\n";
  const pieces = Array.from(words).map((content) => chunk({ content }));
  const stream = `\uFEFF: hello\r\n\r\n${chunk({ reasoning_content: "Hm… 🤔" })}${pieces.join("")}data: {odd\n\n${data({ choices: null })}${STOP}${data({ choices: [], usage: { prompt_tokens: 1 } })}${DONE}`;

  test("[G9] any split into packets gives the same answer", async () => {
    const whole = await read(stream);
    expect(whole).toMatchObject({
      text: words,
      thoughts: "Hm… 🤔",
      finish: "stop",
      usage: { prompt_tokens: 1 },
      error: null,
    });
    await fc.assert(
      fc.asyncProperty(anyCuts, async (cuts) => {
        expect(seen(await readAll(packets(stream, cuts)))).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  test("[G12] any cut ends truthfully: finished only with what says so, and no word is lost or made up", async () => {
    const bytes = new TextEncoder().encode(stream);
    const stopAt = new TextEncoder().encode(stream.slice(0, stream.indexOf(STOP) + STOP.length - 2)).length;
    for (let length = 0; length <= bytes.length; length++) {
      for (const end of ["close", "break"] as const) {
        const { text, finish, error, refused } = seen(await readAll([bytes.slice(0, length)], { end }));
        expect([length, end, words.startsWith(text), refused]).toEqual([length, end, true, null]);
        // An event that a broken connection has left without its blank line may go on.
        const isWhole = length >= (end === "break" ? stopAt + 2 : stopAt);
        expect([length, end, finish === "stop", error === null]).toEqual([length, end, isWhole, isWhole]);
      }
    }
  });

  test("whatever a server sends, the reader ends, and gives the SDK only what its schema has", async () => {
    const anyChunk = fc.oneof(
      fc.json().map((json) => `data: ${json}\n\n`),
      fc.string({ unit: "binary" }),
      fc.constantFrom(HELLO, STOP, DONE, ": x\n", "error: {}\n\n", "{", "}\n", "[\n", "data:", "\r", "\n\n"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyChunk, { maxLength: 20 }), anyCuts, async (parts, cuts) => {
        for (const reply of await readAll(packets(parts.join(""), cuts))) {
          if (reply.kind === "refused") continue;
          const value = reply.value as { choices?: unknown; error?: { message: unknown } };
          expect(Array.isArray(value.choices) || typeof value.error?.message === "string").toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
