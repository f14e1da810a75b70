import type { LanguageModelV3StreamPart } from "@ai-sdk/provider";
import { describe, expect, test, vi } from "vitest";
import { mergeDeltas } from "../../convex/model/generator/mergeDeltas";
import { until, useFakeTime } from "./fakeTime.ts";

useFakeTime();

type Part = LanguageModelV3StreamPart;

const text = (delta: string, id = "1"): Part => ({ type: "text-delta", id, delta });
const start: Part = { type: "text-start", id: "1" };
const end: Part = { type: "text-end", id: "1" };

/** A source that the test speaks as, and what comes out so far. `hold` is what each delta would wait. */
function merging() {
  let source!: ReadableStreamDefaultController<Part>;
  const cancelled = vi.fn();
  const parts: Part[] = [];
  const state = { hold: 0, ended: false };
  const reader = mergeDeltas(
    new ReadableStream<Part>({
      start: (controller) => {
        source = controller;
      },
      cancel: cancelled,
    }),
    () => state.hold,
  ).getReader();
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
    }
    state.ended = true;
  };
  void read();
  const say = async (...said: Part[]) => {
    for (const part of said) source.enqueue(part);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { say, parts, state, source, reader, cancelled };
}

describe("[G10] deltas that would wait anyway enter the AI SDK as one", () => {
  test("held ones are merged, until their time or until one need not wait", async () => {
    const { say, parts, state } = merging();
    await say(start, text("at once "));
    expect(parts).toEqual([start, text("at once ")]);
    state.hold = 100;
    await say(text("a"), text("b"));
    await vi.advanceTimersByTimeAsync(99);
    await say(text("c"));
    expect(parts).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(parts.slice(2)).toEqual([text("abc")]);
    await say(text("d"));
    state.hold = 0;
    await say(text("e"));
    expect(parts.slice(3)).toEqual([text("de")]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("[G8] other parts go at once, behind what is held; different texts are never merged", async () => {
    const { say, parts, state, source } = merging();
    state.hold = 100;
    const reasoning: Part = { type: "reasoning-delta", id: "1", delta: "hm" };
    const signed: Part = { ...reasoning, delta: "", providerMetadata: { provider: { signature: "s" } } };
    const said = [start, text("a"), end, text("b"), text("c", "2"), reasoning, signed, text("z")];
    await say(...said);
    expect(parts).toEqual(said.slice(0, -1));
    source.close();
    await until(() => state.ended);
    expect(parts).toEqual(said);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("[G9] a source that fails loses nothing of what it has said", async () => {
    const { say, parts, state, source } = merging();
    state.hold = 100;
    await say(text("a"), text("b"));
    const error = new TypeError("terminated");
    source.error(error);
    await until(() => state.ended);
    expect(parts).toEqual([text("ab"), { type: "error", error }]);
  });

  test("cancelling ends the source and leaves no timer behind", async () => {
    const { say, state, reader, cancelled } = merging();
    state.hold = 100;
    await say(text("a"));
    expect(vi.getTimerCount()).toBe(1);
    await reader.cancel("enough");
    expect(cancelled).toHaveBeenCalledWith("enough");
    expect(vi.getTimerCount()).toBe(0);
  });
});
