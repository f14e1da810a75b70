/** Calls that a person must approve: rows that wait for as long as it takes, on every device, over restarts; each call starts once. */
import { jsonSchema, tool } from "ai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../../convex/_generated/api";
import { followAnswer } from "../../../convex/model/chatStream/followAnswer";
import { mergeParts, type ToolPart } from "../../../convex/shared/parts";
import type { TestBackend } from "../../helpers/backend.ts";
import { FakeProvider, runGenerator } from "../fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "../fakeTime.ts";
import {
  expectFailure,
  expectInvariants,
  lastMessage,
  liveRun,
  newChat,
  newViewer,
  overview,
  recover,
  send,
  sendStarted,
  viewerOf,
} from "../support.ts";

useFakeTime();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** The tools of these tests, and what they were called with. */
function newTools(execute?: (what: string, signal: AbortSignal | undefined) => unknown) {
  const calls: string[] = [];
  const inputSchema = jsonSchema<{ what: string }>({
    type: "object",
    properties: { what: { type: "string" } },
  });
  const run = ({ what }: { what: string }, { abortSignal }: { abortSignal?: AbortSignal }) => {
    calls.push(what);
    return execute ? execute(what, abortSignal) : { done: what };
  };
  const tools = {
    order: tool({ inputSchema, needsApproval: true, execute: run }),
    look: tool({ inputSchema, execute: run }),
  };
  return { calls, tools };
}

type Call = { id: string; name: "order" | "look"; what: string };

/** A run whose model has called these tools, and now waits for its person. */
async function asking(made: Call[], execute?: Parameters<typeof newTools>[0]) {
  const provider = new FakeProvider();
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Order it");
  const { tools, calls } = newTools(execute);
  const generation = runGenerator(t, sent.runId, { tools });
  const first = await provider.request();
  first.say({ type: "text", text: "I will. " });
  for (const { id, name, what } of made) first.say({ type: "toolCall", id, name, input: { what } });
  first.say({ type: "finish", reason: "tool-calls" });
  first.close();
  await whileTimePasses(generation);
  const { taskId, assistantMessageId: messageId } = sent;
  const parts = async () => {
    const message = await lastMessage(viewer, taskId);
    const range = { messageId, from: message.omittedChunks?.from ?? 0, to: message.omittedChunks?.to ?? 0 };
    const rows = await viewer.query(api.streamingResponses.listChunks, range);
    return mergeParts([...message.parts, ...rows.flatMap((row) => row.parts)]);
  };
  const toolParts = async () =>
    (await parts()).filter((part): part is ToolPart => part.type === "dynamic-tool");
  const answer = (toolCallId: string, approved: boolean, device = viewer) =>
    device.mutation(api.approvals.answer, { messageId, toolCallId, approved });
  /** The generator that goes on, and the model's next words. */
  const goOn = async (runId: string | null, n = 1) => {
    if (runId === null) throw new Error("The run does not go on");
    const finished = runGenerator(t, runId, { tools });
    const request = await provider.request(n);
    request.say({ type: "text", text: "It is done." }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(finished);
    return JSON.stringify(request.body.messages?.filter(({ role }) => role === "tool"));
  };
  return { t, viewer, provider, tools, calls, ...sent, messageId, parts, toolParts, answer, goOn };
}

const ORDER: Call = { id: "call-1", name: "order", what: "tea" };

describe("a call that needs approval", () => {
  test("waits as a row: no place, no live row, no timer; the answer so far is shown, and the chat is marked", async () => {
    const { t, viewer, taskId, messageId, toolParts, calls } = await asking([ORDER]);
    expect(calls).toEqual([]);
    expect(await toolParts()).toMatchObject([
      { state: "awaitingApproval", input: { what: "tea" }, position: 1 },
    ]);
    expect((await liveRun(t, taskId))?.state.kind).toBe("awaitingApproval");
    const live = await viewer.query(api.streamingResponses.getStreamingResponse, { messageId });
    expect(live).toMatchObject({ state: "awaitingApproval", tail: null });
    expect(await t.run((ctx) => ctx.db.query("streamingResponses").collect())).toEqual([]);
    expect(await viewer.query(api.tasks.get, { taskId })).toMatchObject({ status: "RUNNING", unread: true });
    expect((await overview(t)).live).toMatchObject({ claimed: 0, awaitingApproval: 1 });
    // In the list of chats, also after it was seen.
    await viewer.mutation(api.tasks.markRead, { taskId });
    expect(await viewer.query(api.generation.awaitingApproval, {})).toEqual([taskId]);
    expect(await (await newViewer(t)).query(api.generation.awaitingApproval, {})).toEqual([]);
    await expectInvariants(t);
  });

  test("a script that follows the answer is told, and its request ends", async () => {
    const { t, viewer, messageId, answer } = await asking([ORDER]);
    const sessionId = await t.run(async (ctx) => (await ctx.db.query("authSessions").first())?._id ?? "");
    const proof = { kind: "session", sessionId } as const;
    const read = (from: number) =>
      t.query(internal.chatStream.read, { userId: viewer.userId, proof, messageId, from });
    const news: unknown[] = [];
    for await (const one of followAnswer(read, () => Promise.reject(new Error("It waits")))) news.push(one);
    expect(news).toEqual([{ text: "I will. ", end: null, isLast: true }]);
    await answer("call-1", true);
    expect(await read(0)).toMatchObject({ awaitsApproval: false, end: null });
  });

  test("[G1, G8] approved from another device a day and a restart later: the run goes on in the same answer", async () => {
    const { t, viewer, taskId, parts, answer, goOn, calls } = await asking([ORDER]);
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(60_000));
    vi.setSystemTime(Date.now() + 86_400_000);
    expect(await recover(t)).toBe(0);
    await t.mutation(internal.generation.cleanupExpiredLocks, {});
    expect((await liveRun(t, taskId))?.state.kind).toBe("awaitingApproval");
    const { outcome, runId } = await answer("call-1", true, viewerOf(t, viewer.userId));
    expect(outcome).toBe("answered");
    expect(calls).toEqual([]);
    expect(await goOn(runId)).toContain('{\\"done\\":\\"tea\\"}');
    expect(calls).toEqual(["tea"]);
    const message = await lastMessage(viewer, taskId);
    expect(message).toMatchObject({ status: "complete", endReason: "finished" });
    expect((await parts()).map(({ type, position }) => [type, position])).toEqual([
      ["text", 0],
      ["dynamic-tool", 1],
      ["text", 2],
    ]);
    expect(message.parts).toMatchObject([
      { text: "I will. " },
      { state: "complete", input: { what: "tea" }, output: { done: "tea" } },
      { text: "It is done." },
    ]);
    expect(await t.run((ctx) => ctx.db.query("toolApprovals").collect())).toEqual([]);
    await expectInvariants(t);
  });

  test("refused from another device, while this one approves: the first answer counts, it is never started, and the model is told", async () => {
    const { t, answer, goOn, calls, viewer, taskId, toolParts } = await asking([ORDER]);
    const other = viewerOf(t, viewer.userId);
    const { outcome, runId } = await answer("call-1", false, other);
    expect(outcome).toBe("answered");
    expect(await toolParts()).toMatchObject([{ state: "refused" }]);
    expect(await answer("call-1", true)).toEqual({ outcome: "alreadyAnswered", runId: null });
    expect(await goOn(runId)).toContain("The user refused this tool call");
    expect(calls).toEqual([]);
    for (const device of [viewer, other]) {
      const { parts, endReason } = await lastMessage(device, taskId);
      expect(endReason).toBe("finished");
      expect(parts).toMatchObject([{}, { state: "refused" }, { text: "It is done." }]);
    }
  });

  test("several: the run goes on after the last answer; those without need have run already", async () => {
    const { answer, goOn, calls, toolParts } = await asking([
      ORDER,
      { id: "call-2", name: "look", what: "the price" },
      { id: "call-3", name: "order", what: "coffee" },
    ]);
    expect(calls).toEqual(["the price"]);
    expect((await toolParts()).map(({ state }) => state)).toEqual([
      "awaitingApproval",
      "complete",
      "awaitingApproval",
    ]);
    expect(await answer("call-1", true)).toEqual({ outcome: "answered", runId: null });
    expect((await toolParts()).map(({ state }) => state)).toEqual([
      "pending",
      "complete",
      "awaitingApproval",
    ]);
    const told = await goOn((await answer("call-3", false)).runId);
    expect(calls).toEqual(["the price", "tea"]);
    for (const words of ["the price", "tea", "refused"]) expect(told).toContain(words);
    expect((await toolParts()).map(({ state }) => state)).toEqual(["complete", "complete", "refused"]);
  });

  test("answered twice at once: the first answer counts, and the call starts once", async () => {
    const { t, viewer, answer, calls, tools, provider, taskId } = await asking([ORDER]);
    const other = viewerOf(t, viewer.userId);
    const answers = await Promise.all([answer("call-1", true), answer("call-1", true, other)]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(["alreadyAnswered", "answered"]);
    const runId = answers.find((one) => one.runId !== null)?.runId ?? "";
    const generations = [runGenerator(t, runId, { tools }), runGenerator(t, runId, { tools })];
    const request = await provider.request(1);
    request.say({ type: "text", text: "Done." }, { type: "finish", reason: "stop" });
    request.close();
    expect((await whileTimePasses(Promise.all(generations))).sort()).toEqual(["ended", "gone"]);
    expect(calls).toEqual(["tea"]);
    expect(await answer("call-1", false)).toMatchObject({ outcome: "alreadyAnswered" });
    expect(await lastMessage(viewer, taskId)).toMatchObject({ endReason: "finished" });
  });

  test("asked again in the same answer, by a server that numbers its calls anew: each is answered for itself", async () => {
    const { t, answer, calls, tools, provider, toolParts, goOn } = await asking([ORDER]);
    const generation = runGenerator(t, (await answer("call-1", true)).runId ?? "", { tools });
    const request = await provider.request(1);
    request.say({ type: "toolCall", id: "call-1", name: "order", input: { what: "milk" } });
    request.say({ type: "finish", reason: "tool-calls" });
    request.close();
    await whileTimePasses(generation);
    expect((await toolParts()).map(({ state }) => state)).toEqual(["complete", "awaitingApproval"]);
    await goOn((await answer("call-1", true)).runId, 2);
    expect(calls).toEqual(["tea", "milk"]);
    expect((await toolParts()).map(({ output }) => output)).toEqual([{ done: "tea" }, { done: "milk" }]);
  });

  test("[G11] nobody else may answer", async () => {
    const { t, answer, toolParts } = await asking([ORDER]);
    await expectFailure(answer("call-1", true, await newViewer(t)), "NOT_FOUND");
    expect(await answer("no such call", true)).toMatchObject({ outcome: "alreadyAnswered" });
    expect(await toolParts()).toMatchObject([{ state: "awaitingApproval" }]);
  });

  test("`cancelToolCall` refuses it", async () => {
    const { viewer, messageId, toolParts } = await asking([ORDER]);
    const cancel = { messageId, toolCallId: "call-1" };
    expect(await viewer.mutation(api.streaming.cancelToolCall, cancel)).toEqual({ outcome: "cancelled" });
    expect(await toolParts()).toMatchObject([{ state: "refused" }]);
    expect(await viewer.mutation(api.streaming.cancelToolCall, cancel)).toEqual({ outcome: "alreadyEnded" });
  });
});

describe("while a call waits", () => {
  test("[G7] Stop ends the run; what was done is kept, and a later answer changes nothing", async () => {
    const { t, viewer, taskId, answer, calls, messageId } = await asking([
      { id: "call-0", name: "look", what: "the price" },
      ORDER,
    ]);
    expect(await viewer.mutation(api.streaming.stopTask, { taskId })).toMatchObject({ outcome: "stopped" });
    const stopped = await lastMessage(viewer, taskId);
    expect(stopped).toMatchObject({ status: "complete", endReason: "stopped" });
    expect(stopped.parts.slice(1)).toMatchObject([{ state: "complete" }, { state: "cancelled" }]);
    expect(await answer("call-1", true)).toMatchObject({ outcome: "alreadyAnswered", runId: null });
    expect(await viewer.query(api.streamingResponses.getStreamingResponse, { messageId })).toBeNull();
    expect(calls).toEqual(["the price"]);
    expect(await lastMessage(viewer, taskId)).toEqual(stopped);
    expect(await t.run((ctx) => ctx.db.query("toolApprovals").collect())).toEqual([]);
    await expectInvariants(t);
  });

  test("[G7] Stop after the answer and before the start: the call is not started", async () => {
    const { t, viewer, taskId, answer, calls, tools } = await asking([ORDER]);
    const { runId } = await answer("call-1", true);
    await viewer.mutation(api.streaming.stopTask, { taskId });
    expect(await runGenerator(t, runId ?? "", { tools })).toBe("gone");
    expect(calls).toEqual([]);
    expect((await lastMessage(viewer, taskId)).parts[1]).toMatchObject({ state: "cancelled" });
    await expectInvariants(t);
  });

  test("[G3] a send follows whenBusy", async () => {
    const { viewer, taskId, messageId } = await asking([ORDER]);
    await expectFailure(send(viewer, "Hello?", { taskId }), "GENERATION_IN_PROGRESS");
    expect((await send(viewer, "Then this", { taskId, whenBusy: "queue" })).status).toBe("queued");
    expect((await send(viewer, "No, this", { taskId, whenBusy: "interrupt" })).status).toBe("started");
    const { page } = await viewer.query(api.messages.list, {
      taskId,
      paginationOpts: { numItems: 9, cursor: null },
    });
    expect(page.find(({ _id }) => _id === messageId)).toMatchObject({ endReason: "stopped" });
  });

  test("the chat can be deleted", async () => {
    const { t, viewer, taskId } = await asking([ORDER]);
    await viewer.mutation(api.tasks.remove, { taskId });
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    for (const table of ["toolApprovals", "runs", "chatMessages", "streamingChunks"] as const) {
      expect(await t.run((ctx) => ctx.db.query(table).collect())).toEqual([]);
    }
  });

  test("[G15] it takes nobody's place: neither the server's nor one of its person's", async () => {
    vi.stubEnv("VERBATIM_LIVE_RUNS", "1");
    vi.stubEnv("VERBATIM_LIVE_RUNS_PER_PERSON", "1");
    vi.stubEnv("VERBATIM_MAX_RUNS_PER_PERSON", "1");
    const { t, viewer } = await asking([ORDER]);
    const { runId } = await sendStarted(viewer, "Another chat");
    expect(await t.mutation(internal.generation.claim, { runId, userId: viewer.userId })).toBe("claimed");
  });
});

describe("a call that was approved", () => {
  /** One that runs until the test lets it go. */
  async function running() {
    let signal: AbortSignal | undefined;
    const chat = await asking([ORDER], (_what, given) => {
      signal = given;
      return new Promise(() => undefined);
    });
    const { runId } = await chat.answer("call-1", true);
    const generation = runGenerator(chat.t, runId ?? "", { tools: chat.tools });
    for (let i = 0; i < 100 && chat.calls.length === 0; i++) await vi.advanceTimersByTimeAsync(20);
    return { ...chat, runId: runId ?? "", generation, signal: () => signal };
  }

  test("[G6] a crash while it runs: its outcome is said to be unknown, and it is never run again by itself", async () => {
    const { t, viewer, taskId, answer, calls, tools, messageId, provider } = await asking([ORDER]);
    const { runId } = await answer("call-1", true);
    await t.mutation(internal.generation.claim, { runId: runId ?? "", userId: null });
    const start = { runId: runId ?? "", toolCallId: "call-1" };
    expect(await t.mutation(internal.approvals.start, start)).toBe(true);
    expect(await t.mutation(internal.approvals.start, start)).toBe(false);
    // The process dies here.
    expect(await recover(t)).toBe(1);
    const crashed = await lastMessage(viewer, taskId);
    expect(crashed).toMatchObject({ endReason: "crashed" });
    expect(crashed.parts[1]).toMatchObject({ state: "unknown" });
    const again = await viewer.mutation(api.messages.continueAnswer, { messageId, clientMessageId: "again" });
    const generation = runGenerator(t, again.runId ?? "", { tools });
    const request = await provider.request(1);
    expect(JSON.stringify(request.body.messages)).toContain("Nobody knows whether it took effect");
    request.say({ type: "text", text: "I will ask." }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    expect(calls).toEqual([]);
    expect((await lastMessage(viewer, taskId)).parts[1]).toMatchObject({ state: "unknown" });
    await expectInvariants(t);
  });

  test("a crash before it starts: it has failed, and was not started", async () => {
    const { t, viewer, taskId, answer } = await asking([ORDER]);
    const { runId } = await answer("call-1", true);
    await t.mutation(internal.generation.claim, { runId: runId ?? "", userId: null });
    expect(await recover(t)).toBe(1);
    expect((await lastMessage(viewer, taskId)).parts[1]).toMatchObject({ state: "failed" });
  });

  test("cancelled alone: the model is told and goes on", async () => {
    const { viewer, messageId, provider, generation, taskId, signal } = await running();
    const cancel = { messageId, toolCallId: "call-1" };
    expect(await viewer.mutation(api.streaming.cancelToolCall, cancel)).toEqual({ outcome: "cancelled" });
    const finished = whileTimePasses(generation);
    const request = await provider.request(1);
    expect(signal()?.aborted).toBe(true);
    request.say({ type: "text", text: "Without it, then." }, { type: "finish", reason: "stop" });
    request.close();
    await finished;
    expect(JSON.stringify(request.body.messages)).toContain("cancelled");
    expect((await lastMessage(viewer, taskId)).parts[1]).toMatchObject({ state: "cancelled" });
  });

  test("[G7] Stop while it runs", async () => {
    const { viewer, taskId, generation, signal } = await running();
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const stopped = await lastMessage(viewer, taskId);
    expect(stopped.parts[1]).toMatchObject({ state: "cancelled" });
    await whileTimePasses(generation);
    expect(signal()?.aborted).toBe(true);
    expect((await lastMessage(viewer, taskId)).parts).toEqual(stopped.parts);
  });

  test("[G4] what the generator before it still writes changes nothing", async () => {
    const { t, runId: oldRunId, answer, toolParts } = await asking([ORDER]);
    const before = await toolParts();
    const write = {
      runId: oldRunId,
      flushSeq: 99,
      parts: [{ type: "text" as const, position: 9, text: "late" }],
    };
    for (const answered of [false, true]) {
      if (answered) await answer("call-1", true);
      const reply = await t.mutation(internal.streamingResponses.updateStreamingContent, write);
      expect(reply.state).toBe("ended");
      await t.mutation(internal.approvals.ask, {
        runId: oldRunId,
        last: { flushSeq: 99, parts: [] },
        calls: [],
      });
    }
    expect(await toolParts()).toMatchObject([{ ...before[0], state: "pending" }]);
  });

  test("a tool that is gone by then has failed, without being started", async () => {
    const { t, viewer, taskId, answer, provider } = await asking([ORDER]);
    const { runId } = await answer("call-1", true);
    const generation = runGenerator(t, runId ?? "", { tools: {} });
    const request = await provider.request(1);
    request.say({ type: "text", text: "Too bad." }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    expect((await lastMessage(viewer, taskId)).parts[1]).toMatchObject({ state: "failed" });
  });
});

describe("[G16] what a run takes that stops for approval", () => {
  const spendingOf = (t: TestBackend) => t.run(async (ctx) => (await ctx.db.query("spendings").collect())[0]);

  test("is kept for each of its turns; nothing is held while it waits, and it goes on only when there is enough", async () => {
    vi.stubEnv("VERBATIM_BUDGET_TOKENS_PER_PERSON", "100000");
    const { t, viewer, answer, goOn, taskId, messageId } = await asking([
      { id: "a", name: "order", what: "tea" },
    ]);
    const usages = () => t.run((ctx) => ctx.db.query("usages").collect());
    const [turn] = await usages();
    expect(turn?.usage?.inputTokens).toBeGreaterThan(0);
    expect(await spendingOf(t)).toMatchObject({ reserved: 0, spent: turn?.charged?.amount });
    const limit = (tokens: number) =>
      t.run(async (ctx) => {
        const [row] = await ctx.db.query("budgetSettings").collect();
        const none = { dollars: null, tokens: null };
        const limits = { server: none, person: { dollars: null, tokens } };
        if (row) await ctx.db.patch("budgetSettings", row._id, limits);
        else await ctx.db.insert("budgetSettings", limits);
      });
    await limit(10);
    await expectFailure(answer("a", true), "BUDGET_USED_UP");
    expect((await liveRun(t, taskId))?.state.kind).toBe("awaitingApproval");
    await limit(100_000);
    const { runId } = await answer("a", true);
    expect((await spendingOf(t))?.reserved).toBeGreaterThan(0);
    await goOn(runId);
    const rows = await usages();
    expect(rows).toHaveLength(2);
    expect(await spendingOf(t)).toMatchObject({
      reserved: 0,
      spent: rows.reduce((sum, { charged }) => sum + (charged?.amount ?? 0), 0),
    });
    const sum = await viewer.query(api.usage.ofAnswer, { messageId });
    expect(sum).toMatchObject({ runs: 2, untold: 0 });
  });
});
