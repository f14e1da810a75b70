/** How far apart an answer's flushes are where `VERBATIM_FLUSH_MS` says it. */
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Id } from "../../convex/_generated/dataModel";
import { AnswerWriter } from "../../convex/model/generator/answerWriter";
import type { GeneratorCtx } from "../../convex/model/generator/generatorCtx";
import { useFakeTime } from "./fakeTime.ts";

useFakeTime();
afterEach(() => vi.unstubAllEnvs());

/** A writer whose writes take `state.writeMs`, given a word every 10 ms. */
function writing() {
  vi.stubEnv("VERBATIM_FLUSH_MS", "100");
  const state = { writeMs: 0 };
  const flushes: { at: number; text: string }[] = [];
  const runMutation = async (_: unknown, { parts }: { parts: { text: string }[] }) => {
    flushes.push({ at: Date.now(), text: parts.map(({ text }) => text).join("") });
    await new Promise((resolve) => setTimeout(resolve, state.writeMs));
    return { state: "live", cancelledToolCalls: [] };
  };
  const answer = { messageId: "m" as Id<"chatMessages">, userId: "u" as Id<"users"> };
  const writer = new AnswerWriter({ runMutation } as unknown as GeneratorCtx, { runId: "r", answer }, 0, {
    onEnded: () => undefined,
    onCancelledTools: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  writer.start();
  let said = "";
  /** Words for so many milliseconds; the distances between the flushes meanwhile. */
  const speak = async (ms: number): Promise<number[]> => {
    const before = flushes.length;
    for (let passed = 0; passed < ms; passed += 10) {
      said += ".";
      writer.push({ type: "text", position: 0, text: "." });
      await vi.advanceTimersByTimeAsync(10);
    }
    return flushes.slice(before + 1).map(({ at }, i) => at - flushes[before + i]!.at);
  };
  const end = async () => {
    const settled = writer.settle();
    await vi.advanceTimersByTimeAsync(state.writeMs);
    await settled;
    const rest = await writer.takeRest();
    const last = rest.parts.map((part) => (part.type === "text" ? part.text : "")).join("");
    return { written: flushes.map(({ text }) => text).join("") + last, said };
  };
  return { state, writer, speak, end };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("[G10] flushes of a busy machine are fewer and larger", () => {
  test("they keep the set distance while a flush is quick, more while it is slow, and the set one again after", async () => {
    const { state, speak, end } = writing();
    state.writeMs = 10;
    const quick = await speak(3_000);
    expect(Math.max(...quick.slice(1))).toBeLessThanOrEqual(110);
    state.writeMs = 30;
    await speak(3_000);
    const slow = await speak(3_000);
    expect(mean(slow)).toBeGreaterThan(160);
    expect(mean(slow)).toBeLessThan(200);
    state.writeMs = 10;
    await speak(3_000);
    expect(mean(await speak(3_000))).toBeLessThanOrEqual(110);
    const { written, said } = await end();
    expect(written).toBe(said);
  });

  test("a long answer's are half as far apart again", async () => {
    const { writer, speak } = writing();
    await speak(1_000);
    writer.push({ type: "text", position: 0, text: ".".repeat(5_000) });
    await speak(1_000);
    const long = mean(await speak(3_000));
    expect(long).toBeGreaterThan(135);
    expect(long).toBeLessThanOrEqual(150);
  });

  test("a single slow one changes nothing", async () => {
    const { state, speak } = writing();
    state.writeMs = 10;
    await speak(3_000);
    state.writeMs = 250;
    await speak(120);
    state.writeMs = 10;
    await speak(400);
    expect(Math.max(...(await speak(1_000)))).toBeLessThanOrEqual(110);
  });

  test("text never waits much longer than twice that distance, however slow a flush is", async () => {
    const { state, speak } = writing();
    state.writeMs = 200;
    await speak(5_000);
    expect(Math.max(...(await speak(5_000)))).toBeLessThanOrEqual(235);
  });

  test("what a fragment would wait is known: nothing before the first flush, then what is left of the distance", async () => {
    const { state, writer, speak } = writing();
    expect(writer.waitMs()).toBe(0);
    state.writeMs = 1;
    await speak(10);
    expect(writer.waitMs()).toBeGreaterThan(80);
    await vi.advanceTimersByTimeAsync(90);
    expect(writer.waitMs()).toBe(0);
  });
});
