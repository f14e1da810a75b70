/** Tools that a model's provider runs by itself: told as calls and sources, and as calls in later requests. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connect } from "../../../convex/providers/connect";
import { providerOf } from "../../../convex/providers/settings";
import type { ProviderKind } from "../../../convex/shared/providerConfig";
import type { Part, ToolPart } from "../../../convex/shared/parts";
import { FakeProvider, runGenerator } from "../fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "../fakeTime.ts";
import { lastMessage, newChat, sendStarted } from "../support.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** An answer of a model of this kind whose server sends these bytes, and what the next request in the chat says of it. */
async function answerOf(kind: ProviderKind, bytes: string) {
  const provider = new FakeProvider();
  const { t, viewer } = await newChat();
  const withModel = () => {
    const server = providerOf({ id: "p", kind, apiKey: "key-for-tests", baseURL: "https://model.test/v1" });
    return connect({ provider: server, modelId: "m" }, { onBytes: () => undefined });
  };
  const first = await sendStarted(viewer, "What is new?");
  const generation = runGenerator(t, first.runId, { connect: withModel });
  const request = await provider.request();
  request.raw(bytes);
  request.close();
  await whileTimePasses(generation);
  const answer = await lastMessage(viewer, first.taskId);
  const { runId } = await sendStarted(viewer, "And?", { taskId: first.taskId });
  const next = runGenerator(t, runId, { connect: withModel });
  const later = await provider.request(1);
  later.close();
  await whileTimePasses(next);
  return { answer, later: JSON.stringify(later.body) };
}

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const calls = (parts: readonly Part[]) =>
  parts.filter((part): part is ToolPart => part.type === "dynamic-tool");
const sources = (parts: readonly Part[]) =>
  parts.flatMap((part) => (part.type === "source-url" ? [part.url] : []));
const text = (parts: readonly Part[]) =>
  parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");

describe("Anthropic's", () => {
  const event = (type: string, more: object = {}) => `event: ${type}\n${data({ type, ...more })}`;
  const block = (index: number, content_block: object, ...deltas: object[]) =>
    event("content_block_start", { index, content_block }) +
    deltas.map((delta) => event("content_block_delta", { index, delta })).join("") +
    event("content_block_stop", { index });
  const stream = (...blocks: string[]) =>
    event("message_start", {
      message: { id: "m", model: "m", usage: { input_tokens: 1, output_tokens: 1 } },
    }) +
    blocks.join("") +
    event("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 7 } }) +
    event("message_stop");
  const search = (index: number, id: string, query: string) =>
    block(
      index,
      { type: "server_tool_use", id, name: "web_search", input: {} },
      { type: "input_json_delta", partial_json: `{"query": ${JSON.stringify(query)}}` },
    );
  const says = (index: number, words: string) =>
    block(index, { type: "text", text: "" }, { type: "text_delta", text: words });

  test("[G8] a search is a call with what it was asked and what it found; pages are sources; the next request has it as words", async () => {
    const result = {
      ...{ type: "web_search_tool_result", tool_use_id: "s1" },
      content: [
        {
          ...{ type: "web_search_result", url: "https://tea.test/", title: "Tea" },
          ...{ encrypted_content: "E".repeat(40_000), page_age: "3 days ago", a_new_field: 1 },
        },
        { type: "web_search_result", url: "https://cup.test/", title: null },
        { type: "a_new_kind" },
      ],
    };
    const { answer, later } = await answerOf(
      "anthropic",
      stream(says(0, "I look. "), search(1, "s1", "tea"), block(2, result), says(3, "Tea is green.")),
    );
    expect(answer.endReason).toBe("finished");
    const [call, ...others] = calls(answer.parts);
    expect(others).toEqual([]);
    expect(call).toMatchObject({ toolName: "web_search", state: "complete", providerExecuted: true });
    expect(call?.input).toEqual({ query: "tea" });
    expect(JSON.stringify(call?.output)).toContain("https://cup.test/");
    expect(JSON.stringify(call?.output)).not.toContain("EEEE");
    expect(sources(answer.parts)).toEqual(["https://tea.test/", "https://cup.test/"]);
    expect(text(answer.parts)).toBe("I look. Tea is green.");
    expect(later).toContain("The tool web_search was called with");
    expect(later).not.toContain("server_tool_use");
  });

  test("one that fails says so, and the answer goes on; of tools that nobody knows nothing is lost but they", async () => {
    const failed = {
      ...{ type: "web_search_tool_result", tool_use_id: "s1" },
      content: { type: "web_search_tool_result_error", error_code: "max_uses_exceeded" },
    };
    const ran = {
      ...{ type: "code_execution_tool_result", tool_use_id: "c1" },
      content: { type: "code_execution_result", stdout: "42\n", stderr: "", return_code: 0, content: [] },
    };
    const { answer } = await answerOf(
      "anthropic",
      stream(
        search(0, "s1", "tea"),
        block(1, failed),
        block(2, { type: "server_tool_use", id: "c1", name: "code_execution", input: { code: "6*7" } }),
        block(3, ran),
        block(4, { type: "server_tool_use", id: "x1", name: "brand_new", input: {} }),
        block(5, { type: "brand_new_tool_result", tool_use_id: "x1", content: [] }),
        says(6, "Forty-two."),
      ),
    );
    expect(answer.endReason).toBe("finished");
    const [searched, computed] = calls(answer.parts);
    expect(searched).toMatchObject({ toolName: "web_search", state: "failed" });
    expect(searched?.errorText).toContain("max_uses_exceeded");
    expect(computed).toMatchObject({ toolName: "code_execution", state: "complete" });
    expect(JSON.stringify(computed?.output)).toContain("42");
    expect(text(answer.parts)).toBe("Forty-two.");
  });
});

test("OpenAI's: a search of the Responses API, with a step of a kind that nobody knows", async () => {
  const item = (index: number, id: string, action: object) =>
    data({
      ...{ type: "response.output_item.added", output_index: index },
      item: { type: "web_search_call", id, status: "in_progress", action },
    }) +
    data({
      ...{ type: "response.output_item.done", output_index: index },
      item: { type: "web_search_call", id, status: "completed", action },
    });
  const citation = {
    type: "url_citation",
    start_index: 0,
    end_index: 3,
    url: "https://tea.test/",
    title: "Tea",
  };
  const { answer } = await answerOf(
    "openai",
    item(0, "ws_1", { type: "search", query: "tea", sources: [{ type: "url", url: "https://tea.test/" }] }) +
      item(1, "ws_2", { type: "a_new_step", what: 1 }) +
      data({ type: "response.output_item.added", output_index: 2, item: { type: "message", id: "msg" } }) +
      data({ type: "response.output_text.delta", item_id: "msg", delta: "Tea." }) +
      data({ type: "response.output_text.annotation.added", annotation: citation }) +
      data({ type: "response.output_item.done", output_index: 2, item: { type: "message", id: "msg" } }) +
      data({
        type: "response.completed",
        response: { usage: { input_tokens: 1, output_tokens: 2 } },
      }),
  );
  expect(answer.endReason).toBe("finished");
  expect(calls(answer.parts)).toMatchObject([
    { toolName: "web_search", state: "complete", providerExecuted: true },
    { toolName: "web_search", state: "complete", providerExecuted: true },
  ]);
  expect(JSON.stringify(calls(answer.parts)[0]?.output)).toContain('"query":"tea"');
  expect(sources(answer.parts)).toEqual(["https://tea.test/"]);
  expect(text(answer.parts)).toBe("Tea.");
});

test("Google's: code that it ran, and the pages of its grounding", async () => {
  const chunk = (parts: object[], more: object = {}) =>
    data({ candidates: [{ content: { role: "model", parts }, ...more }] });
  const { answer } = await answerOf(
    "google",
    chunk([{ executableCode: { language: "PYTHON", code: "print(6*7)" } }]) +
      chunk([{ codeExecutionResult: { outcome: "OUTCOME_OK", output: "42\n" } }]) +
      chunk([{ text: "Forty-two." }], {
        ...{ finishReason: "STOP" },
        groundingMetadata: { groundingChunks: [{ web: { uri: "https://tea.test/", title: "Tea" } }] },
      }),
  );
  expect(answer.endReason).toBe("finished");
  const [call] = calls(answer.parts);
  expect(call).toMatchObject({ toolName: "code_execution", state: "complete", providerExecuted: true });
  expect(JSON.stringify(call?.output)).toContain("42");
  expect(sources(answer.parts)).toEqual(["https://tea.test/"]);
  expect(text(answer.parts)).toBe("Forty-two.");
});
