import { describe, expect, test, vi } from "vitest";
import { ChatDialect } from "../../../convex/providers/wire/chatDialect";
import { ReplyReader } from "../../../convex/providers/wire/replyReader";
import { ResponsesDialect } from "../../../convex/providers/wire/responsesDialect";
import { useFakeTime } from "../fakeTime.ts";

useFakeTime();

const words = (content: string): object => ({ id: "r", choices: [{ index: 0, delta: { content } }] });
const thoughts = (text: string): object => ({
  id: "r",
  choices: [{ index: 0, delta: { reasoning_content: text } }],
});
const END = { choices: [{ delta: {}, finish_reason: "stop" }], usage: { total_tokens: 1 } };

/** A server that the test speaks as, and what comes out so far. */
function reading(dialect = new ChatDialect()) {
  let source!: ReadableStreamDefaultController<Uint8Array>;
  const state = { holdMs: 0, reads: 0, isTelling: false };
  const told: string[] = [];
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (source = controller) });
  const abort = new AbortController();
  const line = {
    onBytes: () => void (state.reads += 1),
    holdMs: () => state.holdMs,
    onWords: (text: string, given: number) => {
      if (state.isTelling) told.push(`${given}: ${text}`);
      return state.isTelling;
    },
  };
  const reader = new ReplyReader(body, dialect, line, abort.signal);
  const given: unknown[] = [];
  const readAll = async (): Promise<void> => {
    for (;;) {
      const reply = await reader.next();
      given.push(reply?.kind === "value" ? reply.value : reply);
      if (reply === null) return;
    }
  };
  void readAll().catch((error: unknown) => given.push(error));
  const encoder = new TextEncoder();
  const say = async (...values: object[]): Promise<void> => {
    source.enqueue(encoder.encode(values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join("")));
    await vi.advanceTimersByTimeAsync(0);
  };
  return { state, say, given, told, source, reader, abort };
}

describe("[G10] words that would wait anyway are read together and enter the AI SDK as one", () => {
  test("they are left unread for as long as they would wait; those that need not wait are given at once", async () => {
    const { state, say, given } = reading();
    state.holdMs = 100;
    await say(words("at once"));
    expect(given).toEqual([words("at once")]);
    await say(words("a"), words("b"));
    await vi.advanceTimersByTimeAsync(99);
    expect(given).toHaveLength(1);
    expect(state.reads).toBe(1);
    state.holdMs = 0;
    await vi.advanceTimersByTimeAsync(1);
    expect(given.slice(1)).toEqual([words("ab")]);
    await say(words("c"));
    expect(given.slice(2)).toEqual([words("c")]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("the signal of the run, which each of its requests has, is listened to during a pause alone", async () => {
    const { state, say, source, abort } = reading();
    const added = vi.spyOn(abort.signal, "addEventListener");
    const removed = vi.spyOn(abort.signal, "removeEventListener");
    state.holdMs = 100;
    for (const word of ["at once", "a", "b"]) {
      await say(words(word));
      await vi.advanceTimersByTimeAsync(100);
    }
    source.close();
    await vi.advanceTimersByTimeAsync(250);
    expect(added).toHaveBeenCalled();
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });

  test("whatever the distance of flushes: an end, a tool call or a lost connection is noticed within 250 ms", async () => {
    const { state, say, given } = reading();
    state.holdMs = 1_000;
    await say(words("a"));
    await say(words("b"), END);
    await vi.advanceTimersByTimeAsync(249);
    expect(given).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(given[1]).toEqual(words("b"));
  });

  test("[G8] only words of one text are merged: thoughts, tool calls and the end stay where they are", async () => {
    const { say, given, source } = reading();
    const call = {
      choices: [
        { delta: { tool_calls: [{ index: 0, id: "c", function: { name: "time", arguments: "{}" } }] } },
      ],
    };
    await say(thoughts("Hm"), thoughts("…"), words("a"), words("b"), call, words("c"), END);
    source.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(given).toMatchObject([
      { choices: [{ delta: { reasoning_content: "Hm…" } }] },
      { choices: [{ delta: { content: "ab" } }] },
      { choices: [{ delta: { tool_calls: [{ id: "c" }] } }] },
      { choices: [{ delta: { content: "c" } }] },
      { choices: [{ finish_reason: "stop" }], usage: { total_tokens: 1 } },
      null,
    ]);
  });

  test("[G8] words that go on from the last value may be told directly; any others are given", async () => {
    const { state, say, given, told } = reading();
    state.isTelling = true;
    await say(words("one"));
    await say(words("two"), words("three"));
    await say(thoughts("Hm"));
    await say(words("four"));
    expect(told).toEqual(["3: twothree"]);
    state.isTelling = false;
    await say(words("five"));
    state.isTelling = true;
    await say(words("six"));
    expect(told.slice(1)).toEqual(["13: six"]);
    expect(given).toEqual([words("one"), thoughts("Hm"), words("four"), words("five")]);
  });

  test("[G8] none is told directly behind values of which nobody knows how many words the SDK makes", async () => {
    const { state, say, given, told } = reading(new ChatDialect({ details: true }));
    state.isTelling = true;
    const details = [{ type: "reasoning.text", text: "Hm" }];
    await say(words("one"));
    await say(words("two"));
    await say({ choices: [{ delta: { reasoning: "Hm", reasoning_details: details } }] });
    await say(words("three"));
    await say(words("four"));
    expect(told).toEqual(["3: two"]);
    expect(given.slice(2)).toEqual([words("three"), words("four")]);
  });

  test("[G7] an abort is told at once, and so is the end of whoever reads; neither leaves a timer behind", async () => {
    const aborted = reading();
    const cancelled = reading();
    for (const { state, say } of [aborted, cancelled]) {
      state.holdMs = 100;
      await say(words("a"));
    }
    expect(vi.getTimerCount()).toBe(2);
    const error = new DOMException("Stopped", "AbortError");
    aborted.abort.abort(error);
    aborted.source.error(error);
    cancelled.reader.cancel();
    await vi.advanceTimersByTimeAsync(0);
    expect(aborted.given.slice(1)).toEqual([error]);
    expect(cancelled.given.slice(1)).toEqual([null]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("[G8] words are merged only within one text", () => {
  test("chat completions: with what else a chunk may hold they are left alone", () => {
    const { merged } = new ChatDialect();
    const both = { choices: [{ delta: { content: "a", reasoning_content: "b" } }] };
    const extras = { choices: [], verbatim_sources: [], verbatim_images: [] };
    for (const other of [both, extras, END, thoughts("a"), { choices: [{ delta: {} }] }]) {
      expect(merged(words("a"), other)).toBe(null);
      expect(merged(other, words("a"))).toBe(null);
    }
    expect(merged(words("🤔 "), words("世界"))).toEqual(words("🤔 世界"));
  });

  test("Responses: of one item and one summary", () => {
    const { merged } = new ResponsesDialect();
    const text = (delta: string, id = "m1", type = "response.output_text.delta") => ({
      type,
      item_id: id,
      delta,
    });
    const summary = (delta: string, index: number) => ({
      ...text(delta, "r1", "response.reasoning_summary_text.delta"),
      ...{ summary_index: index, sequence_number: 7 },
    });
    expect(merged(text("a"), text("b"))).toEqual(text("ab"));
    expect(merged(summary("a", 0), summary("b", 0))).toEqual(summary("ab", 0));
    for (const other of [text("b", "m2"), text("b", "m1", "response.refusal.delta"), summary("b", 0)])
      expect(merged(text("a"), other)).toBe(null);
    expect(merged(summary("a", 0), summary("b", 1))).toBe(null);
    const call = text("{", "c1", "response.function_call_arguments.delta");
    expect(merged(call, call)).toBe(null);
  });
});
