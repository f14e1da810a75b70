/** What providers want back of a step with tool calls: in the same answer a day and a restart later, in the next turn, and from nobody else. */
import { jsonSchema, tool } from "ai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { MAX_STEP_CHARS } from "../../convex/model/runs/keptSteps";
import { saidIn } from "../../convex/model/runs/history";
import type { KeptStep, StoredPart } from "../../convex/model/validators";
import type { ProviderConfig } from "../../convex/shared/providerConfig";
import { runGenerator } from "./fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { data, named } from "../helpers/providerScripts/providerScript.ts";
import { lastMessage, newChat, recover, sendStarted } from "./support.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
  vi.stubEnv("VERBATIM_TITLES", "off");
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const inputSchema = jsonSchema<{ what: string }>({
  type: "object",
  properties: { what: { type: "string" } },
});
const TOOLS = {
  look: tool({ inputSchema, execute: ({ what }) => ({ seen: what }) }),
  order: tool({ inputSchema, needsApproval: true, execute: ({ what }) => ({ done: what }) }),
};

type Body = Record<string, unknown>;
type Records = Record<string, unknown>[];

type Path = {
  name: string;
  kind: ProviderConfig["kind"];
  model: string;
  /** Settings of the chat. */
  effort?: "high";
  /** Thinks, says "I will.", and calls `look` and `order`. `secret` is what is signed or encrypted. */
  calls: (secret: string) => string;
  answer: string;
  /** Of a request: the step as it goes back, up to its calls. */
  step: (body: Body) => unknown;
  told: (secret: string) => unknown;
  /** In the next turn it is not wanted. */
  forgets?: true;
};

const inputs = { look: JSON.stringify({ what: "shelf" }), order: JSON.stringify({ what: "tea" }) };

const chatChunk = (delta: object, finish: string | null = null) =>
  data({ id: "c", model: "m", choices: [{ index: 0, delta, finish_reason: finish }] });
const chatCalls = (more: object = {}) =>
  chatChunk({
    tool_calls: [
      {
        index: 0,
        id: "call_a",
        type: "function",
        function: { name: "look", arguments: inputs.look },
        ...more,
      },
    ],
  }) +
  chatChunk({
    tool_calls: [
      { index: 1, id: "call_b", type: "function", function: { name: "order", arguments: inputs.order } },
    ],
  }) +
  chatChunk({}, "tool_calls") +
  "data: [DONE]\n\n";
const CHAT_ANSWER = `${chatChunk({ content: "Done." })}${chatChunk({}, "stop")}data: [DONE]\n\n`;
const chatStep = (body: Body) =>
  (body.messages as Records).find(({ role, tool_calls }) => role === "assistant" && tool_calls !== undefined);
const chatToolCalls = (more: object = {}) => [
  { id: "call_a", type: "function", function: { name: "look", arguments: inputs.look }, ...more },
  { id: "call_b", type: "function", function: { name: "order", arguments: inputs.order } },
];

const block = (index: number, content_block: object, deltas: object[]) =>
  named("content_block_start", { index, content_block }) +
  deltas.map((delta) => named("content_block_delta", { index, delta })).join("") +
  named("content_block_stop", { index });
const claudeStream = (blocks: string, stop: string) =>
  named("message_start", {
    message: { id: "msg_1", model: "m", role: "assistant", content: [], usage: { input_tokens: 9 } },
  }) +
  blocks +
  named("message_delta", { delta: { stop_reason: stop }, usage: { output_tokens: 20 } }) +
  named("message_stop", {});

const geminiChunk = (parts: object[], more: object = {}) =>
  data({
    candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 9, totalTokenCount: 18 },
  });

const itemDone = (output_index: number, item: object) =>
  named("response.output_item.added", { output_index, item }) +
  named("response.output_item.done", { output_index, item });
const openaiStream = (events: string) =>
  named("response.created", { response: { id: "resp_1", created_at: 1_790_000_000, model: "m" } }) +
  events +
  named("response.completed", { response: { usage: { input_tokens: 9, output_tokens: 9 } } });
const summary = (index: number, delta: string) => {
  const place = { item_id: "rs_1", output_index: 0, summary_index: index };
  const part = { type: "summary_text", text: "" };
  return (
    named("response.reasoning_summary_part.added", { ...place, part }) +
    named("response.reasoning_summary_text.delta", { ...place, delta }) +
    named("response.reasoning_summary_part.done", { ...place, part })
  );
};

const PATHS: Path[] = [
  {
    name: "Gemini 3: the signature of the first call, which alone has one",
    kind: "google",
    model: "gemini-3.5-flash",
    calls: (secret) =>
      geminiChunk([{ text: "Hm. ", thought: true }]) +
      geminiChunk([{ text: "I will." }]) +
      geminiChunk([
        {
          functionCall: { id: "call_a", name: "look", args: { what: "shelf" } },
          thoughtSignature: secret,
        },
        { functionCall: { id: "call_b", name: "order", args: { what: "tea" } } },
      ]) +
      geminiChunk([{ text: "" }], { finishReason: "STOP" }),
    answer: geminiChunk([{ text: "Done." }], { finishReason: "STOP" }),
    step: ({ contents }) =>
      (contents as { parts: object[] }[]).find(({ parts }) => parts.some((part) => "functionCall" in part))
        ?.parts,
    told: (secret) => [
      { text: "Hm. ", thought: true },
      { text: "I will." },
      { functionCall: { id: "call_a", name: "look", args: { what: "shelf" } }, thoughtSignature: secret },
      { functionCall: { id: "call_b", name: "order", args: { what: "tea" } } },
    ],
  },
  {
    name: "Claude: signed and encrypted thoughts, each in its place",
    kind: "anthropic",
    forgets: true,
    model: "claude-sonnet-4-5",
    effort: "high",
    calls: (secret) =>
      claudeStream(
        block(0, { type: "thinking", thinking: "", signature: "" }, [
          { type: "thinking_delta", thinking: "Hm" },
          { type: "thinking_delta", thinking: ". 🤔" },
          { type: "signature_delta", signature: secret },
        ]) +
          block(1, { type: "redacted_thinking", data: `hidden ${secret}` }, []) +
          block(2, { type: "thinking", thinking: "", signature: "" }, [
            { type: "thinking_delta", thinking: "Once more." },
            { type: "signature_delta", signature: `other ${secret}` },
          ]) +
          block(3, { type: "text", text: "" }, [{ type: "text_delta", text: "I will." }]) +
          block(4, { type: "tool_use", id: "call_a", name: "look", input: {} }, [
            { type: "input_json_delta", partial_json: inputs.look },
          ]) +
          block(5, { type: "tool_use", id: "call_b", name: "order", input: {} }, [
            { type: "input_json_delta", partial_json: inputs.order },
          ]),
        "tool_use",
      ),
    answer: claudeStream(
      block(0, { type: "text", text: "" }, [{ type: "text_delta", text: "Done." }]),
      "end_turn",
    ),
    step: ({ messages }) =>
      (messages as Records).find(
        ({ role, content }) => role === "assistant" && JSON.stringify(content).includes("tool_use"),
      )?.content,
    told: (secret) => [
      { type: "thinking", thinking: "Hm. 🤔", signature: secret },
      { type: "redacted_thinking", data: `hidden ${secret}` },
      { type: "thinking", thinking: "Once more.", signature: `other ${secret}` },
      { type: "text", text: "I will." },
      { type: "tool_use", id: "call_a", name: "look", input: { what: "shelf" } },
      { type: "tool_use", id: "call_b", name: "order", input: { what: "tea" } },
    ],
  },
  {
    name: "OpenAI's Responses: encrypted thoughts with both their summaries, which nobody but this server keeps",
    kind: "openai",
    model: "gpt-5-mini",
    calls: (secret) =>
      openaiStream(
        named("response.output_item.added", {
          output_index: 0,
          item: { id: "rs_1", type: "reasoning", summary: [], encrypted_content: "" },
        }) +
          summary(0, "Hm.") +
          summary(1, "Once more.") +
          named("response.output_item.done", {
            output_index: 0,
            item: { id: "rs_1", type: "reasoning", summary: [], encrypted_content: secret },
          }) +
          itemDone(1, {
            ...{ id: "fc_1", type: "function_call", call_id: "call_a", name: "look" },
            ...{ arguments: inputs.look, status: "completed" },
          }) +
          itemDone(2, {
            ...{ id: "fc_2", type: "function_call", call_id: "call_b", name: "order" },
            ...{ arguments: inputs.order, status: "completed" },
          }),
      ),
    answer: openaiStream(
      named("response.output_item.added", { output_index: 0, item: { id: "msg_9", type: "message" } }) +
        named("response.output_text.delta", { item_id: "msg_9", output_index: 0, delta: "Done." }),
    ),
    step: ({ input, store, include }) => ({
      store,
      include,
      items: (input as Records).filter(
        ({ type }) => type === "reasoning" || type === "function_call" || type === "item_reference",
      ),
    }),
    told: (secret) => ({
      store: false,
      include: ["reasoning.encrypted_content"],
      items: [
        {
          ...{ type: "reasoning", id: "rs_1", encrypted_content: secret },
          summary: [
            { type: "summary_text", text: "Hm." },
            { type: "summary_text", text: "Once more." },
          ],
        },
        { type: "function_call", call_id: "call_a", name: "look", arguments: inputs.look },
        { type: "function_call", call_id: "call_b", name: "order", arguments: inputs.order },
      ],
    }),
  },
  {
    name: "OpenRouter: `reasoning_details`",
    kind: "openrouter",
    model: "google/gemini-9-pro",
    calls: (secret) =>
      chatChunk({
        reasoning: "Hm.",
        reasoning_details: [{ type: "reasoning.text", text: "Hm.", format: "google-gemini-v1", index: 0 }],
      }) +
      chatChunk({
        reasoning_details: [
          { type: "reasoning.text", signature: secret, format: "google-gemini-v1", index: 0 },
        ],
      }) +
      chatCalls(),
    answer: CHAT_ANSWER,
    step: (body) => chatStep(body)?.reasoning_details,
    told: (secret) => [
      {
        type: "reasoning.text",
        text: "Hm.",
        signature: secret,
        ...{ format: "google-gemini-v1", index: 0 },
      },
    ],
  },
  {
    name: "DeepSeek: `reasoning_content`",
    kind: "deepseek",
    model: "deepseek-v4-pro",
    calls: (secret) =>
      chatChunk({ reasoning_content: "Hm, " }) + chatChunk({ reasoning_content: secret }) + chatCalls(),
    answer: CHAT_ANSWER,
    step: chatStep,
    told: (secret) => ({ reasoning_content: `Hm, ${secret}`, tool_calls: chatToolCalls() }),
  },
  {
    name: "a compatible server whose thoughts come apart: `reasoning_content`",
    kind: "openaiCompatible",
    model: "kimi-k9-thinking",
    calls: (secret) =>
      chatChunk({ reasoning_content: `Hm, ${secret}` }) + chatChunk({ content: "I will." }) + chatCalls(),
    answer: CHAT_ANSWER,
    step: chatStep,
    told: (secret) => ({
      ...{ content: "I will.", reasoning_content: `Hm, ${secret}` },
      tool_calls: chatToolCalls(),
    }),
  },
  {
    name: "Gemini behind OpenAI's chat API: `extra_content` of the call",
    kind: "openaiCompatible",
    model: "gemini-3.5-flash",
    calls: (secret) => chatCalls({ extra_content: { google: { thought_signature: secret } } }),
    answer: CHAT_ANSWER,
    step: chatStep,
    told: (secret) => ({
      tool_calls: chatToolCalls({ extra_content: { google: { thought_signature: secret } } }).map(
        (call, index) => (index === 0 ? call : chatToolCalls()[1]),
      ),
    }),
  },
];

/** A chat whose model has called two tools, of which one waits for its person. */
async function asking(path: Path, secret: string, respond: (n: number, body: Body) => Response | null) {
  const models = { add: [path.model, "other-model"] };
  const config: ProviderConfig = {
    ...{ id: "main", kind: path.kind, apiKey: "key", models, defaultModel: path.model },
    ...(path.kind === "openaiCompatible" && { baseURL: "http://model.test/v1" }),
  };
  vi.stubEnv("VERBATIM_PROVIDERS", JSON.stringify({ providers: [config] }));
  const bodies: Body[] = [];
  vi.stubGlobal("fetch", (_url: string, init: RequestInit) => {
    const body = JSON.parse(init.body as string) as Body;
    bodies.push(body);
    const stream = bodies.length === 1 ? path.calls(secret) : path.answer;
    const headers = { "content-type": "text/event-stream" };
    return Promise.resolve(respond(bodies.length - 1, body) ?? new Response(stream, { headers }));
  });
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Order tea", { model: `main::${path.model}` });
  const { taskId, assistantMessageId: messageId } = sent;
  if (path.effort) await viewer.mutation(api.tasks.setSettings, { taskId, changes: { effort: path.effort } });
  await whileTimePasses(runGenerator(t, sent.runId, { tools: TOOLS }));
  const approve = async () => {
    const approval = { messageId, toolCallId: "call_b", approved: true };
    const { runId } = await viewer.mutation(api.approvals.answer, approval);
    await whileTimePasses(runGenerator(t, runId ?? "", { tools: TOOLS }));
    expect(await lastMessage(viewer, taskId)).toMatchObject({ endReason: "finished" });
  };
  const ask = async (content: string, model: string) => {
    const { runId } = await sendStarted(viewer, content, { taskId, model: `main::${model}` });
    await whileTimePasses(runGenerator(t, runId, { tools: TOOLS }));
    expect(await lastMessage(viewer, taskId)).toMatchObject({ endReason: "finished" });
  };
  return { t, viewer, ...sent, messageId, bodies, approve, ask };
}

describe.each(PATHS)("$name", (path) => {
  const secret = `c2VjcmV0-${path.kind}`;

  test("[G8] goes back with what tools gave, a day and a restart later, and in the next turn where it is wanted; to no other model, and to no page", async () => {
    const { t, viewer, taskId, messageId, bodies, approve, ask } = await asking(path, secret, () => null);
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(60_000));
    vi.setSystemTime(Date.now() + 86_400_000);
    await recover(t);
    await approve();
    expect(path.step(bodies[1] ?? {})).toMatchObject(path.told(secret) as object);
    await ask("And milk", path.model);
    if (path.forgets) expect(JSON.stringify(bodies[2])).not.toContain(secret);
    else expect(path.step(bodies[2] ?? {})).toMatchObject(path.told(secret) as object);
    expect(JSON.stringify(bodies[2])).toContain("shelf");
    await ask("And what does the other one say?", "other-model");
    const signed = ["deepseek", "openaiCompatible"].includes(path.kind) ? "Hm, " : secret;
    expect(JSON.stringify(bodies[3])).toContain("tea");
    expect(JSON.stringify(bodies[3])).not.toContain(signed);
    if (JSON.stringify(path.told(secret)).includes("reasoning_content")) return;
    const page = await viewer.query(api.messages.list, {
      ...{ taskId, paginationOpts: { numItems: 20, cursor: null } },
    });
    const rows = await viewer.query(api.streamingResponses.listChunks, { messageId, from: 0, to: 100 });
    expect(JSON.stringify([page, rows])).not.toContain(secret);
  });
});

const refusal = (message: string) =>
  Response.json({ error: { message, type: "invalid_request_error" } }, { status: 400 });
const pathOf = (kind: Path["kind"], model?: string): Path => {
  const found = PATHS.find((path) => path.kind === kind && (model ?? path.model) === path.model);
  if (!found) throw new Error(`There is no path of ${kind}`);
  return found;
};

describe("what a server refuses thoughts for does not end the chat", () => {
  /** From before steps were kept. */
  const forget = ({ t }: Pick<Awaited<ReturnType<typeof asking>>, "t">) =>
    t.run(async (ctx) => {
      for (const { _id } of await ctx.db.query("keptSteps").collect()) await ctx.db.delete("keptSteps", _id);
    });

  test.each([
    [
      "Claude wants thoughts before the call, and gets none: it goes on without thinking",
      pathOf("anthropic"),
      "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`.",
      (body: Body) => body.thinking,
      { type: "disabled" },
    ],
    [
      "Gemini wants a signature: it gets the word for none",
      pathOf("openaiCompatible", "gemini-3.5-flash"),
      "Function call is missing a thought_signature in functionCall parts.",
      (body: Body) => JSON.stringify(chatStep(body)).includes("skip_thought_signature_validator"),
      true,
    ],
    [
      "Kimi wants thoughts: it gets some",
      pathOf("openaiCompatible", "kimi-k9-thinking"),
      "thinking is enabled but reasoning_content is missing in assistant tool call message at index 1",
      (body: Body) => chatStep(body)?.reasoning_content,
      " ",
    ],
  ] as const)("[G17] of a step from before: %s", async (_, path, message, read, expected) => {
    const chat = await asking(path, "sig", (n) => (n === 1 ? refusal(message) : null));
    await forget(chat);
    await chat.approve();
    expect(chat.bodies).toHaveLength(3);
    expect(read(chat.bodies[2] ?? {})).toEqual(expected);
  });

  test("[G12] another organisation's key: encrypted thoughts are left out, words and calls stay", async () => {
    const chat = await asking(pathOf("openai"), "sealed", (n) =>
      n === 1
        ? refusal("The encrypted content for item rs_1 could not be verified. Reason: decryption failed.")
        : null,
    );
    await chat.approve();
    const [, refused, asked] = chat.bodies;
    expect(JSON.stringify(refused)).toContain("sealed");
    expect(JSON.stringify(asked)).not.toContain("sealed");
    expect((asked?.input as Records).map(({ type, role }) => type ?? role)).toEqual(
      (refused?.input as Records)
        .map(({ type, role }) => type ?? role)
        .filter((kind) => kind !== "reasoning"),
    );
  });

  test("[G12] anything else that it refuses is refused once", async () => {
    const chat = await asking(pathOf("openai"), "sealed", (n) =>
      n === 1 ? refusal("Bad temperature") : null,
    );
    const approval = { messageId: chat.messageId, toolCallId: "call_b", approved: true };
    const { runId } = await chat.viewer.mutation(api.approvals.answer, approval);
    await whileTimePasses(runGenerator(chat.t, runId ?? "", { tools: TOOLS }));
    expect(chat.bodies).toHaveLength(2);
    expect(await lastMessage(chat.viewer, chat.taskId)).toMatchObject({ endReason: "providerError" });
  });
});

test("[G16] one row a step, with the lengths of thoughts and not their words; signatures beyond the limit are not kept", async () => {
  const path = pathOf("anthropic");
  const { t, approve } = await asking(path, "s".repeat(300), () => null);
  await approve();
  const rows = await t.run((ctx) => ctx.db.query("keptSteps").collect());
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ from: 0, to: 3, model: "main::claude-sonnet-4-5" });
  expect(rows[0]?.pieces.map(({ kind, position }) => [kind, position])).toEqual([
    ["thought", 0],
    ["thought", 0],
    ["thought", 0],
    ["call", 2],
    ["call", 3],
  ]);
  expect(JSON.stringify(rows)).not.toContain("Once more");
  expect(JSON.stringify(rows).length).toBeLessThan(3 * 300 + 1_000);

  const long = await asking(path, "s".repeat(MAX_STEP_CHARS), () => null);
  await long.approve();
  expect(await long.t.run((ctx) => ctx.db.query("keptSteps").collect())).toEqual([]);
  expect(JSON.stringify(long.bodies[1])).toContain("tool_use");
});

test("[G11] goes with its chat", async () => {
  const { t, viewer, taskId, approve } = await asking(pathOf("google"), "sig", () => null);
  await approve();
  expect(await t.run((ctx) => ctx.db.query("keptSteps").collect())).toHaveLength(1);
  await viewer.mutation(api.tasks.remove, { taskId });
  await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(600_000));
  expect(await t.run((ctx) => ctx.db.query("keptSteps").collect())).toEqual([]);
});

describe("[G8] what is told of an answer with steps", () => {
  const thought = (position: number, text: string): StoredPart => ({ type: "reasoning", position, text });
  const text = (position: number, words: string): StoredPart => ({ type: "text", position, text: words });
  const call = (position: number): StoredPart => ({
    ...{ type: "dynamic-tool", position, toolCallId: `c${position}`, toolName: "look" },
    ...{ state: "complete", input: {}, output: "seen" },
  });
  const parts = [thought(0, "Hm.\n\nOnce more."), call(1), thought(2, "Ah."), text(3, "It is so.")];
  const steps: KeptStep[] = [
    {
      ...{ from: 0, to: 1, model: "m" },
      pieces: [
        { kind: "thought", position: 0, chars: 3, metadata: '{"p":{"signature":"a"}}' },
        { kind: "thought", position: 0, chars: 10 },
        { kind: "call", position: 1 },
      ],
    },
    { from: 2, to: 3, model: "m", pieces: [{ kind: "thought", position: 2, chars: 3 }] },
  ];
  const told = (all: readonly StoredPart[], kept: readonly KeptStep[], left = 10_000) =>
    saidIn(all, { tokens: left }, left, (words) => words.length, kept).said.map((part) =>
      part.type === "step" ? part.said.map(({ type }) => type) : part.type,
    );

  test("each step in one, its thoughts where they were", () => {
    expect(told(parts, steps)).toEqual([
      ["thought", "thought", "call"],
      ["thought", "text"],
    ]);
  });

  test("text that a later run went on with is told once, with the step that began it", () => {
    const later: KeptStep = {
      ...{ from: 3, to: 5, model: "m" },
      pieces: [
        { kind: "thought", position: 4, chars: 2 },
        { kind: "call", position: 5 },
      ],
    };
    expect(told([...parts, thought(4, "So"), call(5)], [...steps, later])).toEqual([
      ["thought", "thought", "call"],
      ["thought", "text"],
      ["thought", "call"],
    ]);
  });

  test.each([
    ["a thought of which only the end was read", [thought(0, "more."), ...parts.slice(1)], steps],
    ["a thought that is not there", parts.slice(1), steps],
    [
      "words among its thoughts that are not its own",
      [thought(0, "Hm.\n\nOnce more. Ha!"), ...parts.slice(1)],
      steps,
    ],
    [
      "a call that it does not know",
      [parts[0]!, call(1), call(1.5), ...parts.slice(2)],
      [{ ...steps[0]!, to: 1.5 }, steps[1]!],
    ],
  ])("half a step is none: %s", (_, all, kept) => {
    const [first] = told(all, kept);
    expect(first).toBe("call");
  });

  test("without room for what it adds: words and calls, the oldest first", () => {
    expect(told(parts, steps, 65)).toEqual(["call", ["thought", "text"]]);
    expect(told(parts, [])).toEqual(["call", "text"]);
  });
});
