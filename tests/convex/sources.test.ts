/** Sources that model servers name in their streams, as they are stored. */
import { jsonSchema, tool } from "ai";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChatExtras } from "../../convex/providers/wire/chatDialect";
import { textOf, type Part } from "../../convex/shared/parts";
import { FakeProvider, runGenerator } from "./fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { lastMessage, newChat, sendStarted } from "./support.ts";
import { anyCuts, packets, readAll, seen } from "./wire/streams.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const DONE = "data: [DONE]\n\n";

async function answerTo(bytes: string, kind: "chat" | "responses" = "chat") {
  const provider = new FakeProvider(kind);
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "What is new?");
  const generation = runGenerator(t, sent.runId);
  const request = await provider.request();
  request.raw(bytes);
  request.close();
  await whileTimePasses(generation);
  return await lastMessage(viewer, sent.taskId);
}

const sources = (parts: readonly Part[]) =>
  parts.flatMap((part): (string | string[])[] => {
    if (part.type === "source-url") return [part.title === undefined ? [part.url] : [part.url, part.title]];
    return part.type === "source-document" ? [part.title] : [];
  });

const A = "https://a.example/1";
const B = "https://b.example/2";

/** As Perplexity streams: all addresses with each chunk, their titles with the last ones. */
const perplexity = (content: string, more: object = {}, finish: string | null = null) =>
  data({
    ...{ id: "p", model: "sonar", object: "chat.completion.chunk", created: 1, citations: [A, B, A] },
    choices: [
      {
        index: 0,
        delta: { role: "assistant", content },
        message: { role: "assistant", content },
        finish_reason: finish,
      },
    ],
    ...more,
  });
const RESULTS = {
  search_results: [
    { title: "First", url: A, date: "2026-01-01" },
    { title: "Second", url: B, date: null },
  ],
};

describe("[G8] sources are parts of the answer", () => {
  test("`citations` of each chunk, with titles that come last (Perplexity): each once, by their numbers", async () => {
    const answer = await answerTo(
      `${perplexity("Hello[1]")}${perplexity(" there[3].")}${perplexity("", RESULTS, "stop")}${DONE}`,
    );
    expect(answer).toMatchObject({ endReason: "finished" });
    expect(textOf(answer.parts)).toBe("Hello[1] there[3].");
    // The third is the first once more: the text's numbers are places in the list.
    expect(sources(answer.parts)).toEqual([
      [A, "First"],
      [B, "Second"],
      [A, "First"],
    ]);
    const positions = answer.parts.map(({ position }) => position);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
  });

  test("`search_results` alone, and in a chunk without choices", async () => {
    const says = data({ choices: [{ index: 0, delta: { content: "Hello[2]" } }] });
    const ends = data({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    const answer = await answerTo(`${says}${data(RESULTS)}${ends}${DONE}`);
    expect(answer).toMatchObject({ endReason: "finished" });
    expect(sources(answer.parts)).toEqual([
      [A, "First"],
      [B, "Second"],
    ]);
  });

  test("`url_citation` annotations of a delta (OpenRouter, OpenAI): one address is one source", async () => {
    const annotation = (url: string, title: string) => ({
      ...{ type: "url_citation", url_citation: { url, title, content: "…", start_index: 0, end_index: 5 } },
    });
    const says = (content: string, annotations: object[]) =>
      data({ choices: [{ index: 0, delta: { content, annotations } }] });
    const answer = await answerTo(
      says("Hello", [annotation(A, "First"), annotation(B, "Second")]) +
        says(" there", [annotation(A, "First")]) +
        data({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }) +
        DONE,
    );
    expect(textOf(answer.parts)).toBe("Hello there");
    expect(sources(answer.parts)).toEqual([
      [A, "First"],
      [B, "Second"],
    ]);
  });

  test("a plain reply's, in its message", async () => {
    const annotations = [{ type: "url_citation", url_citation: { url: A, title: "First" } }];
    const answer = await answerTo(
      JSON.stringify({
        object: "chat.completion",
        choices: [{ index: 0, message: { content: "Hello", annotations }, finish_reason: "stop" }],
      }),
    );
    expect(textOf(answer.parts)).toBe("Hello");
    expect(sources(answer.parts)).toEqual([[A, "First"]]);
  });

  test("annotations of the Responses API: addresses, and documents by their names", async () => {
    const event = (type: string, fields: object) => data({ type, ...fields });
    const place = { item_id: "m", output_index: 0, content_index: 0 };
    const added = (annotation: object) =>
      event("response.output_text.annotation.added", { ...place, annotation_index: 0, annotation });
    const answer = await answerTo(
      event("response.output_item.added", { output_index: 0, item: { id: "m", type: "message" } }) +
        event("response.output_text.delta", { ...place, delta: "Hello" }) +
        added({ type: "url_citation", start_index: 0, end_index: 5, url: A, title: "First" }) +
        // Servers of others leave fields out, or send the shape of chat completions.
        added({ type: "url_citation", url: B }) +
        added({ type: "url_citation", url_citation: { url: A } }) +
        added({ type: "file_citation", file_id: "file-1", filename: "report.pdf", index: 5 }) +
        added({ type: "file_citation", file_id: "file-1", filename: "report.pdf", index: 9 }) +
        added({ type: "unheard_of" }) +
        event("response.output_item.done", { output_index: 0, item: { id: "m", type: "message" } }) +
        event("response.completed", { response: { usage: { input_tokens: 1, output_tokens: 1 } } }),
      "responses",
    );
    expect(answer).toMatchObject({ endReason: "finished" });
    expect(textOf(answer.parts)).toBe("Hello");
    expect(sources(answer.parts)).toEqual([[A, "First"], [B], "report.pdf"]);
  });
});

test("[G8] an answer of two rounds: each names its sources from 1, and all are kept", async () => {
  const provider = new FakeProvider("chat");
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "What is new?");
  const tools = {
    lookUp: tool({ inputSchema: jsonSchema<object>({ type: "object" }), execute: () => "found" }),
  };
  const generation = runGenerator(t, sent.runId, { tools });
  const first = await provider.request();
  first.raw(data({ citations: [A], choices: [{ index: 0, delta: { content: "One" } }] }));
  first.say(
    { type: "toolCall", id: "c", name: "lookUp", input: {} },
    { type: "finish", reason: "tool-calls" },
  );
  first.close();
  const finished = whileTimePasses(generation);
  const second = await provider.request(1);
  second.raw(data({ citations: [B], choices: [{ index: 0, delta: { content: "Two" } }] }));
  second.say({ type: "finish", reason: "stop" });
  second.close();
  await finished;
  const { parts } = await lastMessage(viewer, sent.taskId);
  expect(sources(parts)).toEqual([[A], [B]]);
  const positions = parts.map(({ position }) => position);
  expect(positions).toEqual(positions.map((_, index) => index));
});

describe("[G12] sources of any shape fail no answer", () => {
  test.each<[string, unknown]>([
    ["no list", "https://a.example"],
    ["null", null],
    ["numbers and nulls in it", [1, null, {}, []]],
    ["a thousand", Array.from({ length: 1_000 }, (_, n) => `${A}?${n}`)],
    ["one that is far too long", [`${A}?${"x".repeat(50_000)}`]],
    ["half a character", [`${A}\ud800`]],
    ["addresses that run code", ["javascript:alert(1)"]],
  ])("citations: %s", async (_name, citations) => {
    const answer = await answerTo(
      `${perplexity("Hello", { citations, search_results: citations })}${perplexity("", { citations }, "stop")}${DONE}`,
    );
    expect(answer).toMatchObject({ endReason: "finished" });
    expect(textOf(answer.parts)).toBe("Hello");
    expect(sources(answer.parts).length).toBeLessThanOrEqual(200);
    expect(JSON.stringify(answer.parts).length).toBeLessThan(50_000);
  });

  test("cut into packets anywhere, a stream names the same sources", async () => {
    const stream = `${perplexity("Grüße[1]")}${perplexity(" da[2].")}${perplexity("", RESULTS, "stop")}${DONE}`;
    const read = async (cuts: readonly number[]) => {
      const replies = await readAll(packets(stream, cuts));
      const named = replies.flatMap((reply) =>
        reply.kind === "value" ? ((reply.value as Partial<ChatExtras>).verbatim_sources ?? []) : [],
      );
      return { ...seen(replies), named };
    };
    const whole = await read([]);
    expect(whole).toMatchObject({ text: "Grüße[1] da[2].", finish: "stop" });
    expect(whole.named).not.toEqual([]);
    await fc.assert(
      fc.asyncProperty(anyCuts, async (cuts) => {
        expect(await read(cuts)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });
});
