/**
 * What every step of a life does besides its own: it finds its chat, keeps the plain model in step with the functions, and compares
 * what they show.
 */
import type { FunctionArgs } from "convex/server";
import { expect } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { TestBackend } from "../helpers/backend.ts";
import {
  CLEAN_UP_DELAY_MS,
  isExpired,
  type Chat,
  type Expected,
  type Model,
  type Node,
  type Queued,
  type Run,
} from "./lifecycleModel.ts";
import { jobsOf, listMessages, liveRuns, overview, textShown, type Message, type Viewer } from "./support.ts";

export type Real = { t: TestBackend; devices: [Viewer, Viewer]; stranger: Viewer };

/** A step of a life. Steps hold no state, so that a failing life can be shortened. */
export type Command = {
  check(model: Model): boolean;
  run(model: Model, real: Real): Promise<void>;
  toString(): string;
};

/** A command on one chat, picked at run time; checked against the model afterwards. */
export function onChat(
  name: string,
  pick: number,
  applies: (chat: Chat) => boolean,
  run: (chat: Chat, model: Model, real: Real, device: Viewer) => Promise<void>,
): Command {
  const find = (model: Model) => {
    const chats = model.living.filter(applies);
    return chats[pick % Math.max(1, chats.length)];
  };
  return {
    check: (model) => find(model) !== undefined,
    async run(model, real) {
      const chat = find(model);
      if (!chat) return;
      await run(chat, model, real, real.devices[pick % 2] ?? real.devices[0]);
      await expectChat(chat, real);
      await expectAllInvariants(model, real);
    },
    toString: () => `${name}(${pick})`,
  };
}

export async function expectAllInvariants(model: Model, real: Real): Promise<void> {
  const { invariants } = await overview(real.t);
  const { runsPastLease, ...always } = invariants;
  expect(Object.entries(always).filter(([, count]) => count !== 0)).toEqual([]);
  expect(runsPastLease).toBe(model.runs.filter((run) => isExpired(run, model.now)).length);
}

/** Clean-ups that are scheduled and have not come. */
export async function pendingCleanUps(model: Model, { t }: Real) {
  const jobs = await jobsOf(t);
  return jobs.filter(({ _id, name }) => name.includes("cleanUpChunks") && !model.cleanUps.has(_id));
}

/** One of them comes. */
export async function comeToCleanUp(
  job: Awaited<ReturnType<typeof pendingCleanUps>>[number],
  model: Model,
  { t }: Real,
): Promise<void> {
  model.cleanUps.add(job._id);
  const [args] = job.args as [FunctionArgs<typeof internal.streamingResponses.cleanUpChunks>];
  await t.mutation(internal.streamingResponses.cleanUpChunks, args);
}

/** When all scheduled clean-ups have come, no row is left that is stored elsewhere, and none without its message. */
export async function expectTidy(model: Model, real: Real): Promise<void> {
  model.pass(CLEAN_UP_DELAY_MS);
  for (;;) {
    const [job] = await pendingCleanUps(model, real);
    if (!job) break;
    await comeToCleanUp(job, model, real);
  }
  const left = await real.t.run(async ({ db }) => {
    const rows = await db.query("streamingChunks").collect();
    const pages = await db.query("streamingPages").collect();
    const places = [
      ...rows.map(({ messageId, index }) => ({ messageId, index })),
      ...pages.map(({ messageId, from: index }) => ({ messageId, index })),
    ];
    const found = [];
    for (const place of places) {
      const message = await db.get(place.messageId);
      const isLive = message !== null && message.endReason === undefined;
      if (!isLive && place.index < (message?.inlinedChunks ?? Infinity)) found.push(place);
    }
    return found;
  });
  expect(left).toEqual([]);
}

/** The functions show this chat as the model has it. */
export async function expectChat(chat: Chat, real: Real): Promise<void> {
  const [viewer] = real.devices;
  const messages = await listMessages(viewer, chat.taskId);
  if (chat.deleted) {
    expect(messages).toEqual([]);
    return;
  }
  expect(
    messages.map(({ role, status, endReason, variant, variantCount }) => ({
      ...{ role, status, endReason, variant, variantCount },
    })),
  ).toEqual(
    chat.path.map((shown) => ({
      ...{ role: shown.role, status: shown.status, endReason: shown.endReason },
      variant: shown.parent?.children.indexOf(shown),
      variantCount: shown.parent?.children.length,
    })),
  );
  for (const [i, shown] of chat.path.entries()) {
    const message = messages[i];
    if (message) expect(await textShown(viewer, message)).toBe(shown.text);
    if (message && shown.comparison) await expectComparison(shown, message, viewer);
  }
  const sequences = messages.map(({ sequence }) => sequence);
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  expect(await viewer.query(api.generation.isLocked, { taskId: chat.taskId })).toBe(!chat.isFree);
  for (const { answer, runId, state } of chat.runs) {
    if (answer.id === null) throw new Error("A run's answer has no id");
    const { id: messageId } = answer;
    const live = await viewer.query(api.streamingResponses.getStreamingResponse, { messageId });
    // Who follows a run that streams, or that waits for its person, has no use for its id.
    expect(live).toMatchObject(state === "waiting" || state === "called" ? { runId, state } : { state });
  }
  const queue = await viewer.query(api.queue.list, { taskId: chat.taskId });
  expect(queue.map(({ clientMessageId, content }) => ({ clientId: clientMessageId, content }))).toEqual(
    chat.queue.map(({ clientId, content }) => ({ clientId, content })),
  );
  const task = await viewer.query(api.tasks.get, { taskId: chat.taskId });
  expect(task?.queuePaused).toBe(chat.paused);
}

/** All answers of a comparison, shown or not, are as the model has them. */
async function expectComparison({ comparison }: Node, message: Message, viewer: Viewer): Promise<void> {
  if (!comparison) return;
  const { answers, kept } = comparison;
  expect(message.comparison?.answerIds).toEqual(answers.map(({ id }) => id));
  expect(message.comparison?.keptId ?? null).toBe(kept?.id ?? null);
  const compared = await viewer.query(api.messages.listCompared, { promptMessageId: message._id });
  expect(compared.map(({ status, endReason, variant }) => ({ status, endReason, variant }))).toEqual(
    answers.map(({ status, endReason }, variant) => ({ status, endReason, variant })),
  );
  for (const [i, answer] of answers.entries()) {
    const found = compared[i];
    if (found) expect(await textShown(viewer, found)).toBe(answer.text);
  }
}

/** The ids of what the chat shows become known. */
async function learnIds(chat: Chat, viewer: Viewer): Promise<void> {
  for (const [i, message] of (await listMessages(viewer, chat.taskId)).entries()) {
    const shown = chat.path[i];
    if (shown) shown.id = message._id;
  }
}

/** A run that the functions began for the newest answer of the path: its ids and `runId` become known. */
export async function adoptRun(chat: Chat, model: Model, real: Real): Promise<string> {
  await learnIds(chat, real.devices[0]);
  const [run, ...others] = await liveRuns(real.t, chat.taskId);
  if (!run || others.length > 0) throw new Error("The model has one run, the functions have not");
  model.addRun(chat, chat.last, run.runId);
  return run.runId;
}

/** The runs that the functions began for a comparison at the end of the path. Returns the first one's `runId`. */
export async function adoptComparison(
  chat: Chat,
  { prompt, answers }: { prompt: Node; answers: Node[] },
  model: Model,
  real: Real,
): Promise<string> {
  const [viewer] = real.devices;
  await learnIds(chat, viewer);
  if (prompt.id === null) throw new Error("The prompt is not shown");
  const compared = await viewer.query(api.messages.listCompared, { promptMessageId: prompt.id });
  const runs = await liveRuns(real.t, chat.taskId);
  expect(runs.map(({ messageId }) => messageId)).toEqual(compared.map(({ _id }) => _id));
  for (const [i, answer] of answers.entries()) {
    answer.id = compared[i]?._id ?? null;
    model.addRun(chat, answer, runs[i]?.runId ?? "");
  }
  return runs[0]?.runId ?? "";
}

type Reason = Parameters<Chat["end"]>[1];

export function endRun(chat: Chat, run: Run, model: Model, reason: Reason): void {
  model.bury(run);
  chat.end(run, reason);
}

/** Ends all runs of a chat: those whose lease is over as crashed, the others for `reason`. */
export function endRuns(chat: Chat, model: Model, reason: Reason): void {
  for (const run of [...chat.runs]) endRun(chat, run, model, isExpired(run, model.now) ? "crashed" : reason);
}

/** The queue goes on after an end, if it may. */
export async function advance(chat: Chat, model: Model, real: Real): Promise<void> {
  const next = chat.dequeue();
  if (next) await startQueued(chat, next, model, real);
}

export async function startQueued(chat: Chat, queued: Queued, model: Model, real: Real): Promise<void> {
  chat.tidyQueue();
  model.receipts.set(queued.clientId, await startPrompt(chat, queued, model, real));
}

/** The functions have begun this prompt at the end of the chat, which is free: so does the model. Returns what its receipt says. */
export async function startPrompt(
  chat: Chat,
  { content, models }: Pick<Queued, "content" | "models">,
  model: Model,
  real: Real,
): Promise<Expected> {
  const parent = chat.closeEnd();
  if (models === undefined) {
    const pair = chat.addPair(parent, content);
    return { kind: "started", chat, ...pair, runId: await adoptRun(chat, model, real) };
  }
  const added = chat.addComparison(parent, content, models);
  const runId = await adoptComparison(chat, added, model, real);
  return { kind: "started", chat, prompt: added.prompt, answer: added.answers[0] ?? parent, runId };
}

/** A first call's receipt is as expected, and so is that of every repetition. */
export function keepReceipt(receipt: unknown, clientId: string, expected: Expected, model: Model): void {
  model.receipts.set(clientId, expected);
  expectReceipt(receipt, expected, false);
}

export function expectReceipt(receipt: unknown, expected: Expected, reused: boolean): void {
  const { chat } = expected;
  const ids =
    expected.kind === "started"
      ? {
          promptMessageId: expected.prompt.id,
          assistantMessageId: expected.answer.id,
          runId: expected.runId,
          status: "started",
        }
      : { promptMessageId: null, assistantMessageId: null, runId: null, status: "queued" };
  expect(receipt).toEqual({ taskId: chat.taskId, ...ids, reused });
}

export type WhenBusy = "reject" | "queue" | "interrupt";

/** What a send that was accepted did to the live runs: true when the prompt now waits in the queue. */
export async function settle(chat: Chat, whenBusy: WhenBusy, model: Model, real: Real): Promise<boolean> {
  const expired = chat.runs.filter((run) => isExpired(run, model.now));
  for (const run of expired) endRun(chat, run, model, "crashed");
  if (expired.length > 0 && whenBusy === "queue") await advance(chat, model, real);
  else if (whenBusy === "interrupt") endRuns(chat, model, "stopped");
  return !chat.isFree;
}
