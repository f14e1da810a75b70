/** The steps of a life: each does the same to the functions and to the plain model. */
import fc from "fast-check";
import { expect } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import { canContinue } from "../../convex/shared/endReasons";
import {
  Chat,
  isExpired,
  touch,
  UNDO_REMOVAL_MS,
  type Expected,
  type Model,
  type Node,
  type Run,
} from "./lifecycleModel.ts";
import {
  adoptRun,
  advance,
  comeToCleanUp,
  endRun,
  endRuns,
  expectAllInvariants,
  expectChat,
  expectReceipt,
  keepReceipt,
  onChat,
  pendingCleanUps,
  settle,
  startPrompt,
  startQueued,
  type Command,
  type Real,
  type WhenBusy,
} from "./lifecycleStep.ts";
import {
  expectFailure,
  knownAfter,
  listMessages,
  recover as recoverRuns,
  runCron,
  type SentFlush,
  type Viewer,
} from "./support.ts";

export const newChat = (content: string): Command => ({
  check: (model) => model.living.length < 3,
  async run(model, real) {
    const clientMessageId = model.newClientId();
    const receipt = await real.devices[0].mutation(api.messages.send, {
      taskId: null,
      clientMessageId,
      content,
    });
    const chat = new Chat(receipt.taskId);
    model.chats.push(chat);
    const pair = chat.addPair(chat.root, content);
    const runId = await adoptRun(chat, model, real);
    keepReceipt(receipt, clientMessageId, { kind: "started", chat, ...pair, runId }, model);
    await expectChat(chat, real);
    await expectAllInvariants(model, real);
  },
  toString: () => `newChat(${content})`,
});

const send = (pick: number, content: string, whenBusy: WhenBusy) =>
  onChat(
    `send ${whenBusy}`,
    pick,
    () => true,
    async (chat, model, real, device) => {
      const clientMessageId = model.newClientId();
      const { taskId } = chat;
      const call = device.mutation(api.messages.send, { taskId, clientMessageId, content, whenBusy });
      const isRejected = chat.isBusy(model.now) && whenBusy === "reject";
      if (isRejected) return expectFailure(call, "GENERATION_IN_PROGRESS");
      const receipt = await call;
      if (await settle(chat, whenBusy, model, real)) {
        chat.queue.push({ clientId: clientMessageId, content });
        keepReceipt(receipt, clientMessageId, { kind: "queued", chat }, model);
        return;
      }
      keepReceipt(receipt, clientMessageId, await startPrompt(chat, { content }, model, real), model);
    },
  );

/** One prompt to several models: their answers stand side by side, each with a run of its own. [G3] */
const compare = (pick: number, content: string, count: number, whenBusy: WhenBusy) =>
  onChat(
    `compare ${count} ${whenBusy}`,
    pick,
    () => true,
    async (chat, model, real, device) => {
      const clientMessageId = model.newClientId();
      const models = Array.from({ length: count }, (_, i) => `model-${i}`);
      const args = { taskId: chat.taskId, clientMessageId, content, models, whenBusy };
      const call = device.mutation(api.messages.compare, args);
      if (chat.isBusy(model.now) && whenBusy === "reject") {
        return expectFailure(call, "GENERATION_IN_PROGRESS");
      }
      const receipt = await call;
      const waits = await settle(chat, whenBusy, model, real);
      if (waits) chat.queue.push({ clientId: clientMessageId, content, models });
      const expected: Expected = waits
        ? { kind: "queued", chat }
        : await startPrompt(chat, { content, models }, model, real);
      model.receipts.set(clientMessageId, expected);
      const runs = waits ? [] : chat.runs;
      const answered = {
        taskId: chat.taskId,
        promptMessageId: expected.kind === "started" ? expected.prompt.id : null,
        variants: runs.map(({ answer, runId }, i) => ({ messageId: answer.id, runId, model: models[i] })),
        status: waits ? "queued" : "started",
      };
      expect(receipt).toEqual({ ...answered, reused: false });
      // As after a lost response. [G2]
      expect(await device.mutation(api.messages.compare, args)).toEqual({ ...answered, reused: true });
    },
  );

const openComparisons = (chat: Chat) =>
  chat.path.flatMap(({ comparison }) =>
    comparison !== null && comparison.kept === null ? [comparison] : [],
  );

/** One answer of a comparison is kept; the others are stopped, and the queue goes on. */
const keep = (pick: number) =>
  onChat(
    "keep",
    pick,
    (chat) => openComparisons(chat).length > 0,
    async (chat, model, real, device) => {
      const [comparison] = openComparisons(chat);
      const kept = comparison?.answers[(pick >> 2) % comparison.answers.length];
      if (!comparison || !kept?.id) return;
      const call = device.mutation(api.messages.keep, { messageId: kept.id });
      if (chat.runs.some(({ answer }) => !comparison.answers.includes(answer))) {
        return expectFailure(call, "GENERATION_IN_PROGRESS");
      }
      await call;
      const losers = chat.runs.filter(({ answer }) => answer !== kept);
      for (const run of losers) endRun(chat, run, model, isExpired(run, model.now) ? "crashed" : "stopped");
      comparison.kept = kept;
      if (kept.parent) kept.parent.shown = kept;
      kept.shown = null;
      await advance(chat, model, real);
    },
  );

/** One of the live runs is stopped, the others go on. [G7] */
const stopOne = (pick: number) =>
  onChat(
    "stop one",
    pick,
    (chat) => !chat.isFree,
    async (chat, model, _real, device) => {
      const run = chat.runs[(pick >> 2) % chat.runs.length];
      if (!run?.answer.id) return;
      const outcome = await device.mutation(api.streaming.stopAnswer, { messageId: run.answer.id });
      const expired = isExpired(run, model.now);
      expect(outcome).toBe(expired ? "alreadyEnded" : "stopped");
      endRun(chat, run, model, expired ? "crashed" : "stopped");
      if (chat.isFree) chat.hold();
    },
  );

const repeat = (pick: number): Command => ({
  check: (model) => model.receipts.size > 0,
  async run(model, real) {
    const [clientMessageId, expected] = [...model.receipts][pick % model.receipts.size] ?? [];
    if (!clientMessageId || !expected) return;
    // Whatever else it says: the key decides.
    const receipt = await real.devices[pick % 2]?.mutation(api.messages.send, {
      ...{ taskId: null, clientMessageId, content: "repeated", whenBusy: "interrupt" as const },
    });
    expectReceipt(receipt, expected, true);
    await expectChat(expected.chat, real);
    await expectAllInvariants(model, real);
  },
  toString: () => `repeat(${pick})`,
});

export const claim = (pick: number) =>
  onChat(
    "claim",
    pick,
    // A second claim now and then.
    (chat) => chat.runs.some(({ state }) => state !== "streaming") || (!chat.isFree && pick % 5 === 0),
    async (chat, model, real) => {
      const run = chat.runs[(pick >> 2) % chat.runs.length];
      if (!run) return;
      const { runId } = run;
      const claimed = await real.t.mutation(internal.generation.claim, {
        runId,
        userId: real.devices[0].userId,
      });
      if (run.state === "streaming" || run.state === "awaitingApproval") {
        expect(claimed).toBe("gone");
        return;
      }
      expect(claimed).toBe(model.hasPlace(run) ? "claimed" : "waiting");
      if (!model.hasPlace(run)) return;
      model.claim(run);
      const input = await real.t.query(internal.generation.runInput, { runId });
      run.flushSeq = input?.flushSeq ?? 0;
      run.unpaged.from = run.flushSeq;
      run.known = input ? { answer: input.answer } : {};
    },
  );

const streaming = (chat: Chat): Run[] => chat.runs.filter(({ state }) => state === "streaming");
const awaiting = (chat: Chat): Run[] => chat.runs.filter(({ state }) => state === "awaitingApproval");

/** One of the chat's runs that stream. */
const streamingRun = (chat: Chat, pick: number): Run | undefined => {
  const runs = streaming(chat);
  return runs[(pick >> 2) % Math.max(1, runs.length)];
};

const said = (text: string) => [{ type: "text" as const, position: 0, text }];

/** With a page now and then: what it has written since the last one. */
export const flush = (pick: number, text: string, repetitions: number) =>
  onChat(
    `flush ${text.length}×${repetitions}`,
    pick,
    (chat) => streaming(chat).length > 0,
    async (chat, model, real) => {
      const run = streamingRun(chat, pick);
      if (!run) return;
      for (let i = 0; i < repetitions; i++) {
        run.flushSeq += 1;
        const isLast = i === repetitions - 1;
        run.unpaged.text += text;
        const { known, runId, flushSeq, unpaged } = run;
        const hasPage = isLast && pick % 2 === 0;
        const sent: SentFlush = {
          ...{ runId, flushSeq, ...known, parts: said(text) },
          ...(hasPage && { page: { from: unpaged.from, parts: said(unpaged.text) } }),
        };
        // The last flush comes twice, as when its response was lost.
        for (let times = isLast ? 2 : 1; times > 0; times--) {
          const reply = await real.t.mutation(internal.streamingResponses.updateStreamingContent, sent);
          expect(reply.state).toBe("live");
          run.known = knownAfter(known, reply);
        }
        run.answer.text += text;
        run.sent = sent;
        if (hasPage) run.unpaged = { from: run.known.after?.row ?? 0, text: "" };
      }
      touch(run, model.now);
    },
  );

/** The newest flush of a run that streams arrives once more, late: nothing changes. [G4] */
const late = (pick: number) =>
  onChat(
    "late",
    pick,
    (chat) => streaming(chat).some(({ sent }) => sent !== null),
    async (chat, model, real) => {
      const run = streaming(chat).find(({ sent }) => sent !== null);
      if (!run?.sent) return;
      const reply = await real.t.mutation(internal.streamingResponses.updateStreamingContent, run.sent);
      expect(reply.state).toBe("live");
      touch(run, model.now);
    },
  );

/** The model calls a tool that runs by itself. */
const callTool = (pick: number) =>
  onChat(
    "call",
    pick,
    (chat) => streaming(chat).length > 0,
    async (chat, model, real) => {
      const run = streamingRun(chat, pick);
      if (!run) return;
      run.flushSeq += 1;
      const { runId, flushSeq, known } = run;
      const toolCallId = `${runId} ${flushSeq}`;
      const call = {
        type: "dynamic-tool" as const,
        toolCallId,
        toolName: "look",
        position: 1_000 * flushSeq,
      };
      const reply = await real.t.mutation(internal.streamingResponses.updateToolExecution, {
        ...{ runId, flushSeq, ...known, parts: [{ ...call, state: "running" as const }] },
      });
      expect(reply.state).toBe("live");
      run.known = knownAfter(known, reply);
      run.calls.push(toolCallId);
      touch(run, model.now);
    },
  );

/** Its person cancels it: the server adds a row of its own to the log, behind which the next flush goes. */
const cancelCall = (pick: number) =>
  onChat(
    "cancel",
    pick,
    (chat) => streaming(chat).some(({ calls }) => calls.length > 0),
    async (chat, _model, _real, device) => {
      const run = streaming(chat).find(({ calls }) => calls.length > 0);
      const toolCallId = run?.calls.shift();
      if (!run?.answer.id || toolCallId === undefined) return;
      const args = { messageId: run.answer.id, toolCallId };
      expect(await device.mutation(api.streaming.cancelToolCall, args)).toEqual({ outcome: "cancelled" });
      expect(await device.mutation(api.streaming.cancelToolCall, args)).toEqual({ outcome: "alreadyEnded" });
    },
  );

/** A clean-up that an end has scheduled comes now, most often the newest; and then a flush of the run that ended last. */
async function cleanUpNow(pick: number, model: Model, real: Real): Promise<void> {
  const jobs = await pendingCleanUps(model, real);
  const job = jobs.at(pick % 3 === 0 ? pick % Math.max(1, jobs.length) : -1);
  if (job) await comeToCleanUp(job, model, real);
  const old = model.zombies.at(-1);
  if (old) await writeAgain(old, real);
}

const cleanUp = (pick: number): Command => ({
  check: (model) => model.zombies.length > 0,
  async run(model, real) {
    await cleanUpNow(pick, model, real);
    for (const chat of model.living) await expectChat(chat, real);
  },
  toString: () => `cleanUp(${pick})`,
});

const heartbeat = (pick: number) =>
  onChat(
    "heartbeat",
    pick,
    (chat) => streaming(chat).length > 0,
    async (chat, model, real) => {
      const run = streamingRun(chat, pick);
      if (!run) return;
      await real.t.mutation(internal.streamingResponses.heartbeat, { runId: run.runId });
      touch(run, model.now);
    },
  );

const finish = (pick: number, text: string, ending: "complete" | "fail") =>
  onChat(
    ending,
    pick,
    (chat) => streaming(chat).length > 0,
    async (chat, model, real) => {
      const run = streamingRun(chat, pick);
      if (!run) return;
      run.flushSeq += 1;
      const parts = text === "" ? [] : [{ type: "text" as const, position: 0, text }];
      const common = { runId: run.runId, last: { flushSeq: run.flushSeq, parts } };
      const { completeStreamingResponse, errorStreamingResponse } = internal.streamingResponses;
      if (ending === "complete") {
        const end = { endReason: "finished" as const, finishReason: "stop" as const };
        await real.t.mutation(completeStreamingResponse, { ...common, ...end });
      } else {
        const end = { endReason: "providerError" as const, errorMessage: "no more" };
        await real.t.mutation(errorStreamingResponse, { ...common, ...end });
      }
      run.answer.text += text;
      endRun(chat, run, model, ending === "complete" ? "finished" : "providerError");
      await advance(chat, model, real);
    },
  );

/** The model calls tools that its person must approve. */
const ask = (pick: number, text: string, count: number) =>
  onChat(
    `ask ${count}`,
    pick,
    (chat) => streaming(chat).length > 0,
    async (chat, model, real) => {
      const run = streaming(chat)[(pick >> 2) % streaming(chat).length];
      if (!run) return;
      const { runId } = run;
      run.flushSeq += 1;
      const calls = Array.from({ length: count }, (_, i) => ({
        ...{ toolCallId: `${runId} ${i}`, toolName: "order", position: 1_000 * run.flushSeq + i },
      }));
      const asked = calls.map((call) => ({ ...call, input: "{}" }));
      const parts = [
        { type: "text" as const, position: 0, text },
        ...calls.map((call) => ({
          type: "dynamic-tool" as const,
          state: "awaitingApproval" as const,
          ...call,
        })),
      ];
      const last = { flushSeq: run.flushSeq, parts };
      // Twice, as when the response was lost.
      for (let times = 2; times > 0; times--) {
        await real.t.mutation(internal.approvals.ask, { runId, last, calls: asked });
      }
      run.answer.text += text;
      run.state = "awaitingApproval";
      run.open = calls.map(({ toolCallId }) => toolCallId);
      model.bury(run);
    },
  );

/** Their person answers, on either device; after the last answer the run waits for a place, under a new name. */
const answerCall = (pick: number, approved: boolean) =>
  onChat(
    approved ? "approve" : "refuse",
    pick,
    (chat) => awaiting(chat).length > 0,
    async (chat, model, real, device) => {
      const run = awaiting(chat)[(pick >> 2) % awaiting(chat).length];
      const toolCallId = run?.open.shift();
      if (!run?.answer.id || toolCallId === undefined) return;
      const args = { messageId: run.answer.id, toolCallId, approved };
      await expectFailure(real.stranger.mutation(api.approvals.answer, args), "NOT_FOUND");
      const { outcome, runId } = await device.mutation(api.approvals.answer, args);
      expect(outcome).toBe("answered");
      expect(runId === null).toBe(run.open.length > 0);
      expect((await device.mutation(api.approvals.answer, args)).outcome).toBe("alreadyAnswered");
      if (runId !== null) model.resume(run, runId);
    },
  );

/** A run that has ended writes once more. [G4] */
async function writeAgain(old: Model["zombies"][number], { t }: Real): Promise<void> {
  const { runId, known, sent } = old;
  const last = { flushSeq: old.flushSeq + 1, parts: said("from the dead") };
  const { updateStreamingContent, heartbeat, completeStreamingResponse } = internal.streamingResponses;
  const replies = [
    await t.mutation(updateStreamingContent, { runId, ...last, ...known }),
    await t.mutation(heartbeat, { runId }),
    await t.mutation(completeStreamingResponse, {
      ...{ runId, last, endReason: "finished", finishReason: "stop" },
    }),
  ];
  // And what it wrote last arrives once more.
  if (sent) replies.push(await t.mutation(updateStreamingContent, sent));
  expect(new Set(replies.map((reply) => reply.state))).toEqual(new Set(["ended"]));
  expect(await t.mutation(internal.generation.claim, { runId, userId: null })).toBe("gone");
}

const zombie = (pick: number): Command => ({
  check: (model) => model.zombies.length > 0,
  async run(model, real) {
    const old = model.zombies[pick % model.zombies.length];
    if (!old) return;
    await writeAgain(old, real);
    for (const chat of model.living) await expectChat(chat, real);
    await expectAllInvariants(model, real);
  },
  toString: () => `zombie(${pick})`,
});

const stop = (pick: number) =>
  onChat(
    "stop",
    pick,
    () => true,
    async (chat, model, _real, device) => {
      const { taskId } = chat;
      const { outcome } = await device.mutation(api.streaming.stopTask, { taskId });
      expect(outcome).toBe(chat.isBusy(model.now) ? "stopped" : "alreadyEnded");
      if (chat.isFree) return;
      endRuns(chat, model, "stopped");
      chat.hold();
    },
  );

const timePasses = (ms: number): Command => ({
  check: () => true,
  run(model) {
    model.pass(ms);
    return Promise.resolve();
  },
  toString: () => `timePasses(${ms})`,
});

/** A live run and its chat. */
const liveIn = (chat: Chat) => chat.runs.map((run) => ({ chat, run }));

/** What each end schedules: runs that wait are called as places come free. [G15] */
const callNext: Command = {
  check: (model) => model.runs.some(({ state }) => state === "waiting"),
  async run(model, real) {
    await real.t.mutation(internal.generation.callNext, {});
    model.callNext();
    for (const chat of model.living) await expectChat(chat, real);
    await expectAllInvariants(model, real);
  },
  toString: () => "callNext",
};

/** The cron, or the watchdog of every run, comes by. [G6] */
const recover = (by: "cron" | "watchdog"): Command => ({
  check: (model) => model.runs.length > 0,
  async run(model, real) {
    const live = model.living.flatMap(liveIn);
    // In the order in which they fell silent: when one's queue goes on, others still count.
    const expired = live
      .filter(({ run }) => isExpired(run, model.now))
      .sort(({ run: a }, { run: b }) => a.heartbeatAt - b.heartbeatAt || a.claim - b.claim);
    if (by === "cron") {
      expect(await runCron(real.t)).toBe(expired.length);
    } else {
      for (const { run } of new Set([...expired, ...live])) {
        await real.t.mutation(internal.generation.watchdog, { runId: run.runId });
      }
    }
    for (const { chat, run } of expired) {
      endRun(chat, run, model, "crashed");
      await advance(chat, model, real);
    }
    for (const chat of model.living) await expectChat(chat, real);
    await expectAllInvariants(model, real);
  },
  toString: () => `recover(${by})`,
});

/** The server was killed and comes back. */
const restart: Command = {
  check: (model) => model.runs.length > 0,
  async run(model, real) {
    await recoverRuns(real.t);
    const claimed = model.living.flatMap(liveIn).filter(({ run }) => run.state === "streaming");
    for (const { chat, run } of claimed.sort((a, b) => a.run.number - b.run.number)) {
      endRun(chat, run, model, "crashed");
      await advance(chat, model, real);
      await expectChat(chat, real);
    }
    await expectAllInvariants(model, real);
  },
  toString: () => "restart",
};

const continueAnswer = (pick: number) =>
  onChat(
    "continue",
    pick,
    (chat) => chat.path.some((shown) => shown.role === "ASSISTANT"),
    async (chat, model, real, device) => {
      const answers = chat.path.filter((shown) => shown.role === "ASSISTANT");
      const answer = answers[pick % answers.length];
      if (!answer?.id) return;
      await goOn(chat, answer, model, real, device);
    },
  );

/** Continues an answer, or is refused. */
async function goOn(chat: Chat, answer: Node, model: Model, real: Real, device: Viewer): Promise<void> {
  if (answer.id === null) return;
  const clientMessageId = model.newClientId();
  const call = device.mutation(api.messages.continueAnswer, { messageId: answer.id, clientMessageId });
  if (chat.isBusy(model.now)) return expectFailure(call, "GENERATION_IN_PROGRESS");
  const crashes = chat.runs.some((run) => run.answer === answer);
  const endReason = crashes ? "crashed" : answer.endReason;
  if (answer !== chat.last || endReason === null || !canContinue(endReason)) {
    return expectFailure(call, "NOT_CONTINUABLE");
  }
  const receipt = await call;
  endRuns(chat, model, "crashed");
  const runId = await adoptRun(chat, model, real);
  const prompt = answer.parent;
  if (!prompt) return;
  keepReceipt(receipt, clientMessageId, { kind: "started", chat, prompt, answer, runId }, model);
}

/** Stopped, and continued at once; a clean-up comes just then. */
const secondThoughts = (pick: number) =>
  onChat(
    "second thoughts",
    pick,
    (chat) => chat.runs.some((run) => run.answer === chat.last && run.sent !== null),
    async (chat, model, real, device) => {
      const { taskId } = chat;
      await device.mutation(api.streaming.stopTask, { taskId });
      endRuns(chat, model, "stopped");
      chat.hold();
      await goOn(chat, chat.last, model, real, device);
      await cleanUpNow(pick, model, real);
    },
  );

/** Edit or regenerate: another variant at a place of the path. */
const vary = (pick: number, kind: "edit" | "regenerate", whenBusy: "reject" | "interrupt") =>
  onChat(
    `${kind} ${whenBusy}`,
    pick,
    (chat) => chat.path.length > 0,
    async (chat, model, real, device) => {
      const role = kind === "edit" ? "USER" : "ASSISTANT";
      const places = chat.path.filter((shown) => shown.role === role);
      const place = places[pick % places.length];
      if (!place?.id || !place.parent) return;
      const clientMessageId = model.newClientId();
      const args = { messageId: place.id, clientMessageId, whenBusy };
      const content = `edited ${clientMessageId}`;
      const call =
        kind === "edit"
          ? device.mutation(api.messages.edit, { ...args, content })
          : device.mutation(api.messages.regenerate, args);
      const isBusy = chat.isBusy(model.now);
      if (isBusy && whenBusy === "reject") return expectFailure(call, "GENERATION_IN_PROGRESS");
      const receipt = await call;
      endRuns(chat, model, "stopped");
      const { prompt, answer } =
        kind === "edit"
          ? chat.addPair(place.parent, content)
          : { prompt: place.parent, answer: chat.add(place.parent, "ASSISTANT", "") };
      const runId = await adoptRun(chat, model, real);
      keepReceipt(receipt, clientMessageId, { kind: "started", chat, prompt, answer, runId }, model);
    },
  );

const select = (pick: number) =>
  onChat(
    "select",
    pick,
    (chat) => hiddenSiblings(chat).length > 0,
    async (chat, model, _real, device) => {
      const hidden = hiddenSiblings(chat);
      const chosen = hidden[pick % hidden.length];
      if (!chosen?.id) return;
      const call = device.mutation(api.messages.selectVariant, { messageId: chosen.id });
      const isBusy = chat.isBusy(model.now);
      // The run that ends for its lease lets the queue go on, and then the chat is busy again: nothing has changed.
      const wouldAdvance = !chat.isFree && !isBusy && !chat.paused && chat.queue.length > 0;
      if (isBusy || wouldAdvance) return expectFailure(call, "GENERATION_IN_PROGRESS");
      await call;
      endRuns(chat, model, "crashed");
      chat.select(chosen);
    },
  );

/** Variants that are not shown at places that are. */
function hiddenSiblings(chat: Chat): Node[] {
  return [chat.root, ...chat.path].flatMap((parent) =>
    parent.children.filter((child) => child !== parent.shown),
  );
}

type QueueChange = "remove" | "move" | "edit" | "sendNow" | "resume";

const changeQueue = (pick: number, change: QueueChange) =>
  onChat(
    `queue ${change}`,
    pick,
    (chat) => chat.queue.length > 0,
    async (chat, model, real, device) => {
      const { taskId } = chat;
      const rows = await device.query(api.queue.list, { taskId });
      const index = pick % rows.length;
      const row = rows[index];
      const queued = chat.queue[index];
      if (!row || !queued) return;
      const queuedPromptId = row._id;
      switch (change) {
        case "remove":
          await device.mutation(api.queue.remove, { queuedPromptId });
          chat.queue.splice(index, 1);
          chat.tidyQueue();
          model.receipts.set(queued.clientId, { kind: "withdrawn", chat });
          return;
        case "move": {
          const toIndex = (pick >> 3) % rows.length;
          await device.mutation(api.queue.move, { queuedPromptId, toIndex });
          chat.queue.splice(index, 1);
          chat.queue.splice(toIndex, 0, queued);
          return;
        }
        case "edit":
          queued.content = `reworded ${pick}`;
          await device.mutation(api.queue.edit, { queuedPromptId, content: queued.content });
          return;
        case "sendNow": {
          await device.mutation(api.queue.sendNow, { queuedPromptId });
          endRuns(chat, model, "stopped");
          chat.queue.splice(index, 1);
          return startQueued(chat, queued, model, real);
        }
        case "resume":
          await device.mutation(api.queue.resume, { taskId });
          chat.paused = false;
          return advance(chat, model, real);
        default:
          return change satisfies never;
      }
    },
  );

const remove = (pick: number) =>
  onChat(
    "delete",
    pick,
    () => true,
    async (chat, model, real, device) => {
      const { taskId } = chat;
      await device.mutation(api.tasks.remove, { taskId });
      for (const run of [...chat.runs]) endRun(chat, run, model, "stopped");
      chat.deleted = true;
      // What the scheduler does afterwards, batch by batch.
      model.pass(UNDO_REMOVAL_MS);
      for (let batch = 0; batch < 20; batch++) await real.t.mutation(internal.tasks.purge, { taskId });
      const messages = await real.t.run((ctx) =>
        ctx.db
          .query("chatMessages")
          .withIndex("by_task_sequence", (q) => q.eq("taskId", taskId))
          .take(1),
      );
      expect(messages).toEqual([]);
      for (const [clientId, expected] of model.receipts) {
        if (expected.chat === chat && expected.kind === "queued")
          model.receipts.set(clientId, { kind: "withdrawn", chat });
      }
    },
  );

/** Somebody else, who knows every id, sees nothing and changes nothing. [G11] */
const stranger = (pick: number) =>
  onChat(
    "stranger",
    pick,
    () => true,
    async (chat, model, real) => {
      const { stranger: other } = real;
      const { taskId } = chat;
      const messageId = chat.path.find((shown) => shown.id)?.id;
      const clientMessageId = model.newClientId();
      const { messages, queue, streaming } = api;
      const mine = { taskId, clientMessageId, content: "mine", whenBusy: "interrupt" as const };
      await expectFailure(other.mutation(messages.send, mine), "NOT_FOUND");
      await expectFailure(other.mutation(streaming.stopTask, { taskId }), "NOT_FOUND");
      await expectFailure(other.mutation(queue.resume, { taskId }), "NOT_FOUND");
      if (messageId) {
        await expectFailure(
          other.mutation(messages.continueAnswer, { messageId, clientMessageId }),
          "NOT_FOUND",
        );
        await expectFailure(other.mutation(messages.selectVariant, { messageId }), "NOT_FOUND");
        await expectFailure(other.mutation(messages.keep, { messageId }), "NOT_FOUND");
        await expectFailure(other.mutation(streaming.stopAnswer, { messageId }), "NOT_FOUND");
        expect(await other.query(messages.listCompared, { promptMessageId: messageId })).toEqual([]);
      }
      expect(await other.query(api.tasks.get, { taskId })).toBeNull();
      expect(await listMessages(other, taskId)).toEqual([]);
      for (const { runId } of chat.runs)
        expect(await real.t.mutation(internal.generation.claim, { runId, userId: other.userId })).toBe(
          "gone",
        );
    },
  );

const pick = fc.nat(1_000);
const words = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }).map((text) => `«${text}»`);
const whenBusy = fc.constantFrom<WhenBusy>("reject", "queue", "queue", "interrupt");
const one = <T>(...values: T[]) => fc.constantFrom(...values);

/** Weighted so that runs get somewhere. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 1, arbitrary: words.map(newChat) },
  { weight: 6, arbitrary: fc.tuple(pick, words, whenBusy).map((args) => send(...args)) },
  {
    weight: 4,
    arbitrary: fc.tuple(pick, words, one(2, 2, 3, 4), whenBusy).map((args) => compare(...args)),
  },
  { weight: 4, arbitrary: pick.map(keep) },
  { weight: 2, arbitrary: pick.map(stopOne) },
  { weight: 2, arbitrary: pick.map(repeat) },
  { weight: 8, arbitrary: pick.map(claim) },
  { weight: 5, arbitrary: fc.tuple(pick, words, one(1, 2, 2, 26)).map((args) => flush(...args)) },
  // Long enough to be sealed, and now and then too long for one document.
  { weight: 2, arbitrary: fc.tuple(pick, one("x".repeat(1_100)), one(1, 3)).map((args) => flush(...args)) },
  {
    weight: 1,
    arbitrary: fc.tuple(pick, one("y".repeat(8_000)), one(1, 1, 9)).map((args) => flush(...args)),
  },
  { weight: 1, arbitrary: pick.map(heartbeat) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(pick, one("", "the end"), one<"complete" | "fail">("complete", "fail"))
      .map((args) => finish(...args)),
  },
  { weight: 2, arbitrary: fc.tuple(pick, one("", "May I?"), one(1, 2)).map((args) => ask(...args)) },
  { weight: 3, arbitrary: fc.tuple(pick, one(true, false)).map((args) => answerCall(...args)) },
  { weight: 1, arbitrary: pick.map(zombie) },
  { weight: 1, arbitrary: pick.map(late) },
  { weight: 1, arbitrary: pick.map(callTool) },
  { weight: 1, arbitrary: pick.map(cancelCall) },
  { weight: 3, arbitrary: pick.map(cleanUp) },
  { weight: 3, arbitrary: pick.map(stop) },
  { weight: 2, arbitrary: one(1_000, 6_000, 15_000, 31_000).map(timePasses) },
  { weight: 2, arbitrary: one<"cron" | "watchdog">("cron", "watchdog").map(recover) },
  { weight: 3, arbitrary: fc.constant(callNext) },
  { weight: 1, arbitrary: fc.constant(restart) },
  { weight: 3, arbitrary: pick.map(continueAnswer) },
  { weight: 4, arbitrary: pick.map(secondThoughts) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        pick,
        one<"edit" | "regenerate">("edit", "regenerate"),
        one<"reject" | "interrupt">("reject", "interrupt"),
      )
      .map((args) => vary(...args)),
  },
  { weight: 3, arbitrary: pick.map(select) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(pick, one<QueueChange>("remove", "move", "edit", "sendNow", "resume"))
      .map((args) => changeQueue(...args)),
  },
  { weight: 1, arbitrary: pick.map(remove) },
  { weight: 1, arbitrary: pick.map(stranger) },
);
