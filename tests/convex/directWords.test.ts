import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import type { TextStreamPart, ToolSet } from "ai";
import { describe, expect, test, vi } from "vitest";
import { DirectWords } from "../../convex/model/generator/directWords";

type Part = LanguageModelV3StreamPart;

const delta = (text: string, id = "1"): Part => ({ type: "text-delta", id, delta: text });
const start: Part = { type: "text-start", id: "1" };
const end: Part = { type: "text-end", id: "1" };

/** A model that the test speaks as; what comes out for the SDK, and what is told around it. */
function leading() {
  let source!: ReadableStreamDefaultController<Part>;
  const cancelled = vi.fn();
  const told: string[] = [];
  const words = new DirectWords(({ type, id, text }) => told.push(`${type} ${id}: ${text}`));
  const stream = new ReadableStream<Part>({
    start: (controller) => void (source = controller),
    cancel: cancelled,
  });
  const reader = words.lead(stream).getReader();
  const passed: Part[] = [];
  const state = { ended: false };
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      passed.push(value);
    }
    state.ended = true;
  };
  void read();
  const say = async (...parts: Part[]) => {
    for (const part of parts) source.enqueue(part);
    await new Promise((resolve) => setImmediate(resolve));
  };
  /** What was passed to the SDK as number `index` comes out of it; its ids are the SDK's own. */
  const comesOut = (index: number, id: string) => {
    const part = { ...passed[index], id } as unknown as TextStreamPart<ToolSet>;
    const wasTold = words.hasTold(part);
    words.opened(part);
    return wasTold;
  };
  return { say, words, passed, told, comesOut, source, state, reader, cancelled };
}

describe("[G10] words are led around the AI SDK", () => {
  test("they are told at once, one by one; the SDK is given them in one, before what follows them", async () => {
    const { say, passed, told, comesOut } = leading();
    await say(start);
    comesOut(0, "t");
    await say(delta("a"));
    expect(told).toEqual(["text-delta t: a"]);
    await say(delta("b"));
    expect(told).toEqual(["text-delta t: a", "text-delta t: b"]);
    expect(passed).toHaveLength(1);
    await say(end);
    expect(passed.slice(1)).toEqual([delta("ab"), end]);
    expect(comesOut(1, "t")).toBe(true);
  });

  test("[G8] they wait for the beginning of their text, which is behind all that came before it in the SDK", async () => {
    const { say, passed, told, comesOut } = leading();
    const thought: Part = { type: "reasoning-start", id: "1" };
    const thoughts = (text: string): Part => ({ type: "reasoning-delta", id: "1", delta: text });
    await say(
      thought,
      thoughts("Hm"),
      { type: "reasoning-end", id: "1" },
      start,
      delta("a"),
      delta("b"),
      end,
    );
    expect(told).toEqual([]);
    expect(passed.map(({ type }) => type)).toEqual([
      "reasoning-start",
      "reasoning-delta",
      "reasoning-end",
      "text-start",
      "text-delta",
      "text-end",
    ]);
    comesOut(0, "r");
    expect(told).toEqual(["reasoning-delta r: Hm"]);
    expect(comesOut(1, "r")).toBe(true);
    comesOut(2, "r");
    comesOut(3, "r");
    expect(told.slice(1)).toEqual(["text-delta r: ab"]);
  });

  test("[G8] two texts at once, and a second one of the same name, are told apart", async () => {
    const { say, told, comesOut } = leading();
    await say(start, { type: "text-start", id: "2" });
    comesOut(0, "one");
    comesOut(1, "two");
    await say(delta("a"), delta("b", "2"), delta("c"), end, start, delta("d"), delta("e", "2"));
    comesOut(5, "three");
    expect(told).toEqual([
      "text-delta one: a",
      "text-delta two: b",
      "text-delta one: c",
      "text-delta two: e",
      "text-delta three: d",
    ]);
  });

  test("a signature, a source and the input of a tool reach the SDK, in order", async () => {
    const { say, passed, told, comesOut } = leading();
    const signed: Part = { ...delta("c"), providerMetadata: { provider: { signature: "s" } } } as Part;
    const source: Part = { type: "source", sourceType: "url", id: "s", url: "https://example.com" };
    const input = (text: string, id = "c"): Part => ({ type: "tool-input-delta", id, delta: text });
    await say(
      start,
      delta("a"),
      delta("b"),
      signed,
      source,
      input("{"),
      input("}"),
      input("[", "d"),
      delta("e"),
      end,
    );
    comesOut(0, "t");
    expect(told).toEqual(["text-delta t: abce"]);
    expect(passed.slice(1)).toEqual([
      delta("ab"),
      signed,
      source,
      input("{}"),
      input("[", "d"),
      delta("e"),
      end,
    ]);
  });

  test("words that go on from the last ones need not even enter the SDK, which is given them in the end", async () => {
    const { say, words, passed, told, comesOut } = leading();
    expect(words.goOn("x", 0)).toBe(false);
    await say(start);
    expect(words.goOn("x", 0)).toBe(false);
    await say(delta("a"));
    expect(words.goOn("b", 1)).toBe(true);
    expect(told).toEqual([]);
    comesOut(0, "t");
    expect(words.goOn("c", 1)).toBe(true);
    expect(told).toEqual(["text-delta t: ab", "text-delta t: c"]);
    await say(end);
    expect(passed.slice(1)).toEqual([delta("abc"), end]);
    expect(words.goOn("x", 1)).toBe(false);
  });

  test("[G8] they go through the SDK while others are on their way there, and behind anything else", async () => {
    const { say, words, passed } = leading();
    await say(start, delta("a"));
    expect(words.goOn("c", 2)).toBe(false);
    await say(delta("b"));
    expect(words.goOn("c", 2)).toBe(true);
    await say({ type: "source", sourceType: "url", id: "s", url: "https://example.com" });
    expect(words.goOn("d", 2)).toBe(false);
    expect(passed.map((part) => (part.type === "text-delta" ? part.delta : part.type))).toEqual([
      "text-start",
      "abc",
      "source",
    ]);
  });

  test("words without a beginning are the SDK's affair", async () => {
    const { say, passed, told, comesOut } = leading();
    await say(delta("a"));
    expect(passed).toEqual([delta("a")]);
    expect(comesOut(0, "1")).toBe(false);
    expect(told).toEqual([]);
  });

  test("[G9] a source that fails loses nothing of what it has said", async () => {
    const { say, passed, told, comesOut, source, state } = leading();
    await say(start, delta("a"), delta("b"));
    const error = new TypeError("terminated");
    source.error(error);
    await vi.waitUntil(() => state.ended);
    comesOut(0, "t");
    expect(told).toEqual(["text-delta t: ab"]);
    expect(passed.slice(1)).toEqual([delta("ab"), { type: "error", error }]);
  });

  test("once it is cancelled nothing more is told", async () => {
    const { say, told, comesOut, reader, cancelled } = leading();
    await say(start, delta("a"));
    comesOut(0, "t");
    await reader.cancel("enough");
    expect(cancelled).toHaveBeenCalledWith("enough");
    expect(told).toEqual(["text-delta t: a"]);
  });
});
