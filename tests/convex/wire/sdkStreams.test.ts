/** Each provider's API through the AI SDK, as the generator asks it, cut into packets anywhere. */
import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connect } from "../../../convex/providers/connect";
import { providerOf } from "../../../convex/providers/settings";
import type { ProviderConfig } from "../../../convex/shared/providerConfig";
import { sseText, type ProviderApi, type ProviderEvent } from "../../helpers/sse.ts";
import { anyCuts, bodyOf, packets } from "./streams.ts";

beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  state.holdMs = 0;
});

/** Milliseconds for which words are held back, to be merged. */
const state = { holdMs: 0 };
const LINE = { onBytes: () => undefined, holdMs: () => state.holdMs };

/** Which provider speaks which of the APIs. */
const PROVIDERS = {
  compatible: { api: "chat", config: { kind: "openaiCompatible", baseURL: "http://model.test/v1" } },
  responses: { api: "responses", config: { kind: "openai" } },
  "OpenAI's chat": { api: "chat", config: { kind: "openai", api: "chat" } },
  anthropic: { api: "anthropic", config: { kind: "anthropic" } },
  google: { api: "google", config: { kind: "google" } },
  openrouter: { api: "chat", config: { kind: "openrouter" } },
  azure: { api: "responses", config: { kind: "azure", baseURL: "https://house.openai.azure.com" } },
  xai: { api: "chat", config: { kind: "xai" } },
  "xAI's responses": { api: "responses", config: { kind: "xai", api: "responses" } },
  deepseek: { api: "chat", config: { kind: "deepseek" } },
} satisfies Record<string, { api: ProviderApi; config: Omit<ProviderConfig, "id"> }>;
type Name = keyof typeof PROVIDERS;

async function modelOf(name: Name) {
  const provider = providerOf({ id: "p", apiKey: "key-for-tests", ...PROVIDERS[name].config });
  return (await connect({ provider, modelId: "m" }, LINE)).model;
}

type Part = LanguageModelV3StreamPart;

/** All that the SDK tells of a server which answers so. */
async function told(
  name: Name,
  parts: readonly Uint8Array[],
  end: "close" | "break" = "close",
): Promise<Part[]> {
  const headers = { "content-type": "text/event-stream" };
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(bodyOf(parts, end), { headers })));
  const model = await modelOf(name);
  const { stream } = await model.doStream({
    prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  });
  const all: Part[] = [];
  for (const reader = stream.getReader(); ;) {
    const { value, done } = await reader.read();
    if (done) return all;
    all.push(value);
  }
}

/** What of it ends up in an answer. */
function gist(parts: readonly Part[]) {
  const text = (type: "text-delta" | "reasoning-delta") =>
    parts.flatMap((part) => (part.type === type ? [part.delta] : [])).join("");
  const finish = parts.find((part) => part.type === "finish");
  return {
    text: text("text-delta"),
    thoughts: text("reasoning-delta"),
    calls: parts.flatMap((part) => (part.type === "tool-call" ? [`${part.toolName} ${part.input}`] : [])),
    finish: finish?.finishReason.unified,
    usage: finish?.usage.outputTokens.total,
    errors: parts.filter((part) => part.type === "error").length,
  };
}

/** Where the events of a stream end. */
function eventEnds(bytes: Uint8Array): number[] {
  const ends: number[] = [];
  for (let at = 1; at < bytes.length; at++) {
    const isEnd =
      bytes[at] === 10 && (bytes[at - 1] === 10 || (bytes[at - 1] === 13 && bytes[at - 2] === 10));
    if (isEnd) ends.push(at + 1);
  }
  return ends;
}

const TEXT = "Grüße, 世界! 👩‍👩‍👧\n\nThe end.";
const EVENTS: ProviderEvent[] = [
  { type: "reasoning", text: "Hm… " },
  { type: "reasoning", text: "🤔" },
  ...Array.from(TEXT, (text): ProviderEvent => ({ type: "text", text })),
  { type: "toolCall", id: "call_1", name: "time", input: { zone: "Europe/Zürich" } },
  { type: "finish", reason: "tool-calls" },
];

describe.each(Object.keys(PROVIDERS) as Name[])("%s", (name) => {
  const { api } = PROVIDERS[name];
  const stream = sseText(api, EVENTS);
  const thoughts = "Hm… 🤔";

  test("[G9] any split gives the same answer, also with words that are held back", async () => {
    const whole = gist(await told(name, packets(stream, [])));
    expect(whole).toMatchObject({
      ...{ text: TEXT, thoughts, calls: ['time {"zone":"Europe/Zürich"}'] },
      ...{ finish: "tool-calls", errors: 0 },
    });
    expect(whole.usage).toBeGreaterThan(0);
    await fc.assert(
      fc.asyncProperty(anyCuts, fc.constantFrom(0, 1), async (cuts, holdMs) => {
        state.holdMs = holdMs;
        expect(gist(await told(name, packets(stream, cuts)))).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  test("[G12] any cut ends truthfully", async () => {
    const bytes = new TextEncoder().encode(stream);
    const ends = eventEnds(bytes);
    const anyLength = fc.oneof(fc.constantFrom(...ends), fc.nat({ max: bytes.length - 1 }));
    await fc.assert(
      fc.asyncProperty(
        anyLength,
        fc.constantFrom("close" as const, "break" as const),
        async (length, end) => {
          const cut = told(name, [bytes.slice(0, length)], end);
          // A provider may throw what comes before the first word.
          const { text, finish, errors } = gist(
            await cut.catch((): Part[] => [{ type: "error", error: null }]),
          );
          expect(TEXT.startsWith(text)).toBe(true);
          if (errors === 0) expect([length, finish]).toEqual([length, "tool-calls"]);
          // Google's finish reason is in its last event.
          if (errors === 0) expect(length).toBeGreaterThan(bytes.length - (api === "responses" ? 10 : 600));
        },
      ),
      { numRuns: 60 },
    );
    for (const length of ends.slice(0, -1)) {
      const { errors, finish } = gist(
        await told(name, [bytes.slice(0, length)]).catch((): Part[] => [{ type: "error", error: null }]),
      );
      if (finish !== "tool-calls") expect([length, errors]).toEqual([length, 1]);
    }
  });

  test("an error in mid-answer comes behind all that was said", async () => {
    const broken = sseText(api, [
      { type: "text", text: "So far" },
      { type: "error", message: "Overloaded" },
    ]);
    const parts = await told(name, packets(broken, []));
    expect(gist(parts).text).toBe("So far");
    expect(JSON.stringify(parts.find((part) => part.type === "error"))).toContain("Overloaded");
  });
});

describe("[G12] the Responses API where it is not regular", () => {
  const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const read = async (text: string) => gist(await told("responses", packets(text, [])));
  const delta = (text: string) => data({ type: "response.output_text.delta", item_id: "m1", delta: text });
  const completed = data({
    type: "response.completed",
    response: { id: "r", usage: { input_tokens: "1", output_tokens: 2 } },
  });

  test("text of an item that was never opened, and usage in strings", async () => {
    expect(await read(`${delta("Hello")}${completed}`)).toMatchObject({
      text: "Hello",
      finish: "stop",
      usage: 2,
      errors: 0,
    });
  });

  test("no JSON, no type, and pings between are skipped", async () => {
    const odd = `data: {"type"\n\n${data({ hello: 1 })}${data(null)}${data({ type: "keepalive" })}`;
    expect(await read(`${delta("Hel")}${odd}${delta("lo")}${odd}${completed}`)).toMatchObject({
      text: "Hello",
      finish: "stop",
      errors: 0,
    });
  });

  test("nothing that follows the end fails it", async () => {
    expect(
      await read(`${delta("Hello")}${completed}${data({ type: "error", message: "late" })}`),
    ).toMatchObject({
      ...{ text: "Hello", finish: "stop", errors: 0 },
    });
  });

  test("a plain reply is read", async () => {
    const output = [
      { id: "rs", type: "reasoning", summary: [{ type: "summary_text", text: "Hm" }] },
      {
        id: "m1",
        type: "message",
        role: "assistant",
        content: [{ type: "output_text", text: "Hello", annotations: [] }],
      },
    ];
    const reply = {
      id: "r",
      object: "response",
      status: "completed",
      output,
      usage: { input_tokens: 1, output_tokens: 2 },
    };
    expect(await read(JSON.stringify(reply))).toMatchObject({
      text: "Hello",
      thoughts: "Hm",
      finish: "stop",
      usage: 2,
      errors: 0,
    });
  });

  test("a refusal alone ends as one", async () => {
    const refusal = data({ type: "response.refusal.delta", item_id: "m1", delta: "I will not." });
    expect(await read(`${refusal}${completed}`)).toMatchObject({
      text: "I will not.",
      finish: "content-filter",
    });
  });

  test("response.failed tells its error", async () => {
    const failed = data({
      type: "response.failed",
      response: { error: { code: "server_error", message: "Overloaded" } },
    });
    const parts = await told("responses", packets(`${delta("Hello")}${failed}`, []));
    expect(JSON.stringify(parts.find((part) => part.type === "error"))).toContain("Overloaded");
  });
});
