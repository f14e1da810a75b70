/** What models think, as it is asked for and stored. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mergeParts, textOf, type Part } from "../../convex/shared/parts";
import { FakeProvider, runGenerator, type ProviderRequest } from "./fakeProvider.ts";
import { pass, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { lastMessage, newChat, sendStarted } from "./support.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function generating(kind: "chat" | "responses", model = "gpt-5-mini") {
  const provider = new FakeProvider(kind);
  vi.stubEnv("OPENAI_MODEL", model);
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Think");
  const generation = runGenerator(t, sent.runId);
  return {
    ...{ provider, request: await provider.request() },
    ended: async () => {
      await whileTimePasses(generation);
      return await lastMessage(viewer, sent.taskId);
    },
  };
}

const reasoningAsked = ({ body }: ProviderRequest) => (body as { reasoning?: unknown }).reasoning;
const finish = (request: ProviderRequest) => {
  request.say({ type: "text", text: "Done" }, { type: "finish", reason: "stop" });
  request.close();
};

describe("summaries of what a model thinks", () => {
  test.each(["gpt-5-mini", "gpt-5.2", "o3", "o4-mini", "gpt-10"])("%s is asked for them", async (model) => {
    const { request, ended } = await generating("responses", model);
    expect(reasoningAsked(request)).toEqual({ summary: "auto" });
    finish(request);
    expect(await ended()).toMatchObject({ endReason: "finished" });
  });

  test.each(["gpt-4.1", "gpt-4o", "gpt-5-chat-latest", "chatgpt-4o-latest", "omni"])(
    "%s, which has none, is not",
    async (model) => {
      const { request, ended } = await generating("responses", model);
      expect(reasoningAsked(request)).toBeUndefined();
      finish(request);
      expect(await ended()).toMatchObject({ endReason: "finished" });
    },
  );

  test.each([
    [
      "an organisation that is not verified",
      {
        message: "Your organization must be verified to generate reasoning summaries. Please go to: …",
        ...{ type: "invalid_request_error", param: "reasoning.summary", code: "unsupported_value" },
      },
    ],
    [
      "a model without any",
      {
        message: "Unsupported parameter: 'reasoning.summary' is not supported with the 'o1-mini' model.",
        ...{ type: "invalid_request_error", param: "reasoning.summary", code: "unsupported_parameter" },
      },
    ],
  ])("[G12] refused to %s: the answer comes without", async (_name, error) => {
    const { provider, request, ended } = await generating("responses");
    request.refuse(400, { error });
    const second = await provider.request(1);
    expect(reasoningAsked(second)).toBeUndefined();
    finish(second);
    const answer = await ended();
    expect(answer).toMatchObject({ endReason: "finished", problem: null });
    expect(textOf(answer.parts)).toBe("Done");
    expect(provider.requests).toHaveLength(2);
  });

  test("[G12] another refusal is told as it is, and nothing is asked again", async () => {
    const { provider, request, ended } = await generating("responses");
    request.refuse(401, { error: { message: "Incorrect API key provided", code: "invalid_api_key" } });
    expect(await ended()).toMatchObject({ endReason: "providerError", problem: { kind: "key" } });
    expect(provider.requests).toHaveLength(1);
  });
});

describe("[G8] reasoning is one part, with its duration", () => {
  test("over chat completions: it ends with the first word", async () => {
    const { request, ended } = await generating("chat");
    request.say({ type: "reasoning", text: "Hm. " });
    await pass(7_000, 500);
    request.say({ type: "reasoning", text: "Yes." });
    await pass(5_000, 500);
    finish(request);
    const { parts } = await ended();
    expect(parts.map(({ type }) => type)).toEqual(["reasoning", "text"]);
    const [thoughts] = parts;
    if (thoughts?.type !== "reasoning") throw new Error("No reasoning");
    expect(thoughts.text).toBe("Hm. Yes.");
    expect(Math.round(((thoughts.endedAt ?? 0) - (thoughts.startedAt ?? 0)) / 1_000)).toBe(12);
  });

  test("`<think>` in the text, too", async () => {
    const { request, ended } = await generating("chat");
    request.text("<think>Hm.");
    await pass(3_000, 500);
    request.text("</think>");
    finish(request);
    const [thoughts, words] = (await ended()).parts;
    expect(words).toMatchObject({ type: "text", text: "Done" });
    if (thoughts?.type !== "reasoning") throw new Error("No reasoning");
    expect((thoughts.endedAt ?? 0) - (thoughts.startedAt ?? 0)).toBeGreaterThan(2_500);
  });

  test("several summaries with nothing between them are one part", async () => {
    const { request, ended } = await generating("responses");
    const data = (type: string, fields: object) => `data: ${JSON.stringify({ type, ...fields })}\n\n`;
    const summary = (index: number, delta: string) =>
      data("response.reasoning_summary_part.added", { item_id: "rs", summary_index: index }) +
      data("response.reasoning_summary_text.delta", { item_id: "rs", summary_index: index, delta }) +
      data("response.reasoning_summary_part.done", { item_id: "rs", summary_index: index });
    request.raw(
      data("response.output_item.added", { output_index: 0, item: { id: "rs", type: "reasoning" } }) +
        summary(0, "**First**") +
        summary(1, "**Second**") +
        data("response.output_item.done", { output_index: 0, item: { id: "rs", type: "reasoning" } }),
    );
    finish(request);
    const { parts } = await ended();
    expect(parts.map(({ type }) => type)).toEqual(["reasoning", "text"]);
    expect(parts[0]).toMatchObject({ text: "**First**\n\n**Second**" });
  });

  test("folding some of the fragments and then the rest gives the same as all of them", () => {
    const fragments: Part[] = [
      { type: "reasoning", position: 0, text: "a", startedAt: 1 },
      { type: "reasoning", position: 0, text: "", endedAt: 5 },
      { type: "reasoning", position: 0, text: "\n\nb" },
      { type: "reasoning", position: 0, text: "", endedAt: 9 },
      { type: "text", position: 1, text: "c" },
    ];
    const whole = mergeParts(fragments);
    expect(whole[0]).toEqual({ type: "reasoning", position: 0, text: "a\n\nb", startedAt: 1, endedAt: 9 });
    for (let cut = 0; cut <= fragments.length; cut++) {
      expect(mergeParts([...mergeParts(fragments.slice(0, cut)), ...fragments.slice(cut)])).toEqual(whole);
      expect(mergeParts([...fragments.slice(0, cut), ...mergeParts(fragments.slice(cut))])).toEqual(whole);
    }
  });
});
