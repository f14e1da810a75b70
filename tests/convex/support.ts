/** What the function suites share: viewers, sending, and driving a run by its mutations without any generator. */
import type { FunctionArgs } from "convex/server";
import { ConvexError } from "convex/values";
import { expect } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Doc, Id } from "../../convex/_generated/dataModel";
import type { RunReply } from "../../convex/model/validators";
import type { ErrorCode } from "../../convex/shared/errors";
import { mergeParts, textOf, type Part } from "../../convex/shared/parts";
import { newBackend, type TestBackend } from "../helpers/backend.ts";

export type Viewer = ReturnType<TestBackend["withIdentity"]> & { userId: Id<"users">; subject: string };
export type Message = Awaited<ReturnType<typeof listMessages>>[number];

/** The session of each user of a test. */
const sessions = new Map<Id<"users">, Id<"authSessions">>();

/** A user with a session of their own. Several viewers of one user are several pages. */
export async function newViewer(t: TestBackend): Promise<Viewer> {
  const userId = await t.run((ctx) => ctx.db.insert("users", { isAnonymous: true }));
  const session = { userId, expirationTime: Date.now() + 365 * 86_400_000 };
  sessions.set(userId, await t.run((ctx) => ctx.db.insert("authSessions", session)));
  return viewerOf(t, userId);
}

export function viewerOf(t: TestBackend, userId: Id<"users">): Viewer {
  const subject = `${userId}|${sessions.get(userId) ?? "session"}`;
  return Object.assign(t.withIdentity({ subject }), { userId, subject });
}

export async function newChat(): Promise<{ t: TestBackend; viewer: Viewer }> {
  const t = newBackend();
  return { t, viewer: await newViewer(t) };
}

let sends = 0;
export const newClientId = () => `client-${++sends}`;

type SendOptions = {
  taskId?: Id<"tasks"> | null;
  clientMessageId?: string;
  whenBusy?: "reject" | "queue" | "interrupt";
  model?: string;
};

export async function send(viewer: Viewer, content: string, options: SendOptions = {}) {
  const { taskId = null, clientMessageId = newClientId(), ...rest } = options;
  return await viewer.mutation(api.messages.send, { taskId, clientMessageId, content, ...rest });
}

/** A send whose run has begun: its ids are there. */
export async function sendStarted(viewer: Viewer, content: string, options: SendOptions = {}) {
  return started(await send(viewer, content, options));
}

type Receipt = Awaited<ReturnType<typeof send>>;

export function started(receipt: Receipt) {
  const { promptMessageId, assistantMessageId, runId } = receipt;
  if (!promptMessageId || !assistantMessageId || !runId) throw new Error("The prompt waits in the queue");
  return { ...receipt, promptMessageId, assistantMessageId, runId };
}

export type SentFlush = FunctionArgs<typeof internal.streamingResponses.updateStreamingContent>;

/** What a generator says in a flush of its answer, and of where it goes on. */
export type Known = Pick<SentFlush, "answer" | "after">;

/** The same after the reply to a flush. */
export function knownAfter(known: Known, reply: RunReply): Known {
  if (reply.state === "ended" || reply.rows === undefined || reply.seenLiveAt === undefined) return known;
  return { ...known, after: { row: reply.rows, seenLiveAt: reply.seenLiveAt } };
}

/** A run's generator, played by the test: it calls the same mutations in the order that the test wants. */
export function playGenerator(t: TestBackend, runId: string) {
  const { streamingResponses } = internal;
  let flushSeq = 0;
  let known: Known = {};
  let knownBefore = known;
  const write = async (kind: "updateStreamingContent" | "updateToolExecution", parts: Part[]) => {
    knownBefore = known;
    const reply = await t.mutation(streamingResponses[kind], {
      runId,
      flushSeq: ++flushSeq,
      parts,
      ...known,
    });
    known = knownAfter(known, reply);
    return reply;
  };
  const text = (value: string, position = 0): Part[] => [{ type: "text", position, text: value }];
  return {
    claim: async () => {
      const claim = await t.mutation(internal.generation.claim, { runId, userId: null });
      const input = claim === "claimed" && (await t.query(internal.generation.runInput, { runId }));
      if (input) known = { answer: input.answer };
      return claim;
    },
    flush: (value: string, position = 0) => write("updateStreamingContent", text(value, position)),
    /** The same flush once more, as after a lost response. */
    repeatFlush: (value: string) =>
      t.mutation(streamingResponses.updateStreamingContent, {
        ...{ runId, flushSeq, parts: text(value), ...knownBefore },
      }),
    flushParts: (parts: Part[]) => write("updateToolExecution", parts),
    heartbeat: () => t.mutation(streamingResponses.heartbeat, { runId }),
    complete: (value = "", position = 0) =>
      t.mutation(streamingResponses.completeStreamingResponse, {
        runId,
        last: { flushSeq: ++flushSeq, parts: value === "" ? [] : text(value, position) },
        endReason: "finished",
        finishReason: "stop",
      }),
    fail: (errorMessage: string) =>
      t.mutation(streamingResponses.errorStreamingResponse, {
        runId,
        last: { flushSeq: ++flushSeq, parts: [] },
        endReason: "providerError",
        errorMessage,
      }),
    /** Continues counting where the log is: for a run inside an answer that has rows already. */
    startAt: (seq: number) => {
      flushSeq = seq;
    },
  };
}

/** All rows of all logs: a test has few. */
export const rowsOf = (t: TestBackend) => t.run((ctx) => ctx.db.query("streamingChunks").collect());

/** All functions that were scheduled, those that have run too: a test has few. */
export const jobsOf = (t: TestBackend) =>
  t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());

/** The visible path, oldest first. */
export async function listMessages(viewer: Viewer, taskId: Id<"tasks">, numItems = 50) {
  const { page } = await viewer.query(api.messages.list, {
    taskId,
    paginationOpts: { numItems, cursor: null },
  });
  return page.reverse();
}

/** The last message of the visible path. */
export async function lastMessage(viewer: Viewer, taskId: Id<"tasks">): Promise<Message> {
  const last = (await listMessages(viewer, taskId)).at(-1);
  if (!last) throw new Error("The chat is empty");
  return last;
}

/** What a reader is shown of a message, read as `convex/README.md` says. */
export async function textShown(viewer: Viewer, message: Message): Promise<string> {
  const { _id: messageId, parts } = message;
  if (message.status === "complete" || message.status === "failed") {
    if (message.omittedChunks === null) return textOf(parts);
    return textOf(mergeParts([...parts, ...(await readRange(viewer, messageId, message.omittedChunks))]));
  }
  const live = await viewer.query(api.streamingResponses.getStreamingResponse, { messageId });
  if (!live) throw new Error("A live message has no live tail");
  const sealed = await readPieces(viewer, messageId, {
    from: message.omittedChunks?.from ?? 0,
    to: live.from,
  });
  // A page may have the newest row, too.
  const tail = sealed.next > live.from ? [] : (live.tail ?? []);
  return textOf(mergeParts<Part>([...parts, ...sealed.parts, ...tail]));
}

/** The same for one message of a chat. */
export async function shownText(
  viewer: Viewer,
  taskId: Id<"tasks">,
  messageId: Id<"chatMessages">,
): Promise<string> {
  const message = (await listMessages(viewer, taskId)).find(({ _id }) => _id === messageId);
  if (!message) throw new Error("The message is not shown");
  return await textShown(viewer, message);
}

/** Chunk rows in calls of the largest size. */
export async function readRange(
  viewer: Viewer,
  messageId: Id<"chatMessages">,
  range: { from: number; to: number },
): Promise<Part[]> {
  return (await readPieces(viewer, messageId, range)).parts;
}

/** The same, and the row that comes next: `to`, or one after it. */
async function readPieces(
  viewer: Viewer,
  messageId: Id<"chatMessages">,
  { from, to: end }: { from: number; to: number },
): Promise<{ parts: Part[]; next: number }> {
  const parts: Part[] = [];
  let next = from;
  while (next < end) {
    const to = Math.min(next + 256, end);
    const pieces = await viewer.query(api.streamingResponses.listChunks, { messageId, from: next, to });
    expect(pieces[0]?.index, "the log has a gap").toBe(next);
    parts.push(...pieces.flatMap((piece) => piece.parts));
    next = pieces.at(-1)?.to ?? to;
  }
  return { parts, next };
}

/** What the start of a backend does about the runs of the process before: each in a transaction of its own. */
export async function recover(t: TestBackend): Promise<number> {
  const { runIds, taskIds } = await t.query(internal.recovery.listOrphans, {});
  for (const taskId of taskIds) await t.mutation(internal.recovery.adopt, { taskId });
  for (const runId of runIds) await t.mutation(internal.recovery.endOrphan, { runId });
  return runIds.length;
}

/** What the cron does: it finds silent runs, and each is ended by a scheduled mutation of its own, which runs here at once. */
export async function runCron(t: TestBackend): Promise<number> {
  const before = new Set((await jobsOf(t)).map(({ _id }) => _id));
  const found = await t.mutation(internal.generation.cleanupExpiredLocks, {});
  for (const { _id, name, args } of await jobsOf(t)) {
    const [arg] = args as [{ runId?: string; taskId?: Id<"tasks"> }];
    if (before.has(_id)) continue;
    if (name.includes("watchdog") && arg.runId)
      await t.mutation(internal.generation.watchdog, { runId: arg.runId });
    if (name.includes("adopt") && arg.taskId)
      await t.mutation(internal.recovery.adopt, { taskId: arg.taskId });
  }
  return found;
}

/** The chat's live run as it is stored. */
export function liveRun(t: TestBackend, taskId: Id<"tasks">): Promise<Doc<"runs"> | null> {
  return t.run((ctx) =>
    ctx.db
      .query("runs")
      .withIndex("by_task", (q) => q.eq("taskId", taskId).eq("state.endedAt", undefined))
      .unique(),
  );
}

/** All live runs of the chat, oldest first: several in a comparison. */
export function liveRuns(t: TestBackend, taskId: Id<"tasks">): Promise<Doc<"runs">[]> {
  return t.run((ctx) =>
    ctx.db
      .query("runs")
      .withIndex("by_task", (q) => q.eq("taskId", taskId).eq("state.endedAt", undefined))
      .collect(),
  );
}

export const overview = (t: TestBackend) => t.query(internal.metrics.overview, {});

/** All invariants that `metrics.overview` computes hold. */
export async function expectInvariants(t: TestBackend): Promise<void> {
  const { invariants } = await overview(t);
  expect(Object.entries(invariants).filter(([, count]) => count !== 0)).toEqual([]);
}

/** The call fails with this code, as clients see it. */
export async function expectFailure(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error, "the call was expected to fail").toBeInstanceOf(ConvexError);
  expect((error as ConvexError<{ code: string }>).data).toMatchObject({ code });
}

/** A row as it is stored, without the view's translation. */
export async function stored<T extends "chatMessages" | "tasks">(t: TestBackend, id: Id<T>): Promise<Doc<T>> {
  const doc = await t.run((ctx) => ctx.db.get(id));
  if (!doc) throw new Error("The row is gone");
  return doc;
}
