/** What functions read: nothing that grows with the answer, nothing that changes with the chat, and bytes within Convex's limits. */
import { describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Doc, Id } from "../../convex/_generated/dataModel";
import { readLiveTail } from "../../convex/model/messages/liveTail";
import { readRunInput } from "../../convex/model/runs/runInput";
import { flushRun } from "../../convex/model/runs/runWrites";
import { selectOnPath } from "../../convex/model/messages/path";
import { HEARTBEAT_WRITE_MS } from "../../convex/model/settings";
import { textOf, type Part } from "../../convex/shared/parts";
import {
  expectFailure,
  knownAfter,
  lastMessage,
  listMessages,
  newChat,
  newClientId,
  playGenerator,
  send,
  sendStarted,
  shownText,
  started,
  type Known,
  type Viewer,
} from "./support.ts";
import type { TestBackend } from "../helpers/backend.ts";

type RunCtx = Parameters<Parameters<TestBackend["run"]>[0]>[0];

/** What a transaction of its own reads and writes while it does this. */
async function usageOf(t: TestBackend, work: (ctx: RunCtx) => Promise<unknown>) {
  return await t.run(async (ctx) => {
    await work(ctx);
    const { documentsRead, bytesRead, documentsWritten, bytesWritten } =
      await ctx.meta.getTransactionMetrics();
    return {
      documentsRead: documentsRead.used,
      bytesRead: bytesRead.used,
      documentsWritten: documentsWritten.used,
      bytesWritten: bytesWritten.used,
    };
  });
}

/** A run that a generator has claimed, with what its flushes say of the answer. */
async function running() {
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Go");
  const { runId, assistantMessageId: messageId } = sent;
  const generator = playGenerator(t, runId);
  await generator.claim();
  return { t, viewer, ...sent, generator, answer: { messageId, userId: viewer.userId } };
}

describe("[G10] a flush and the tail", () => {
  test("cost the same at every length of the answer: one document read by its viewers, one written", async () => {
    const { t, viewer, runId, answer } = await running();
    let flushSeq = 0;
    let known: Known = { answer };
    const flush = (text: string) =>
      usageOf(t, async (ctx) => {
        const parts = [{ type: "text" as const, position: 0, text }];
        const reply = await flushRun(ctx, { runId, ...known, answer, flushSeq: ++flushSeq, parts });
        known = knownAfter(known, reply);
      });
    const tail = () => usageOf(t, (ctx) => readLiveTail(ctx, viewer.userId, answer.messageId));
    await flush("The first words. ");
    const early = { flush: await flush("twenty-five characters.. "), tail: await tail() };
    for (let i = 0; i < 100; i++) await flush("twenty-five characters.. ");
    const late = { flush: await flush("twenty-five characters.. "), tail: await tail() };
    expect(late).toEqual(early);
    expect(late.flush).toMatchObject({ documentsRead: 0, documentsWritten: 1 });
    expect(late.tail).toMatchObject({ documentsRead: 1, documentsWritten: 0 });
    expect(late.flush.bytesRead).toBe(0);
    expect(late.flush.bytesWritten).toBeLessThan(250);
    expect(late.tail.bytesRead).toBeLessThan(250);
    // Every few seconds it is looked at whether the run is live, and its lease renewed.
    vi.setSystemTime(Date.now() + HEARTBEAT_WRITE_MS);
    const renewed = await flush("twenty-five characters.. ");
    expect(renewed).toMatchObject({ documentsRead: 2, documentsWritten: 2 });
    expect(renewed.bytesRead).toBeLessThan(300);
  });

  test("pages: an answer opened in its middle, and its end, read few rows", async () => {
    const { t, viewer, runId, taskId, answer } = await running();
    let unpaged: Part[] = [];
    let from = 0;
    let whole = "";
    for (let flushSeq = 1; flushSeq <= 200; flushSeq++) {
      const parts: Part[] = [{ type: "text", position: 0, text: `word ${flushSeq} ` }];
      whole += `word ${flushSeq} `;
      unpaged.push(...parts);
      const page = flushSeq % 32 === 0 ? { page: { from, parts: unpaged } } : {};
      await t.mutation(internal.streamingResponses.updateStreamingContent, {
        runId,
        answer,
        flushSeq,
        parts,
        ...page,
      });
      if (flushSeq % 32 === 0) {
        from = flushSeq;
        unpaged = [];
      }
    }
    const pieces = await viewer.query(api.streamingResponses.listChunks, {
      ...{ messageId: answer.messageId, from: 0, to: 200 },
    });
    expect(pieces.map(({ index, to }) => to - index)).toEqual([
      ...Array<number>(6).fill(32),
      ...Array<number>(8).fill(1),
    ]);
    expect(textOf(pieces.flatMap(({ parts }) => parts)).replaceAll("\n\n", "")).toBe(whole);
    // From the inside of a page on: single rows, then pages again.
    const inside = await viewer.query(api.streamingResponses.listChunks, {
      ...{ messageId: answer.messageId, from: 30, to: 70 },
    });
    expect(inside.map(({ index, to }) => [index, to])).toEqual([
      [30, 31],
      [31, 32],
      [32, 64],
      [64, 96],
    ]);
    expect(await shownText(viewer, taskId, answer.messageId)).toBe(whole);
    await t.mutation(internal.streamingResponses.completeStreamingResponse, {
      runId,
      last: { flushSeq: 201, parts: [], page: { from, parts: unpaged } },
      endReason: "finished",
      finishReason: "stop",
    });
    expect(await shownText(viewer, taskId, answer.messageId)).toBe(whole);
  });
});

/** Changes the chat's row as titles, read marks and answers do, and more. */
const changeChat = (t: TestBackend, taskId: Id<"tasks">) => t.run((ctx) => ctx.db.delete(taskId));

describe("[G10] what is sent of a chat does not depend on its row", () => {
  test("messages, their places, variants and the queue are the same without it", async () => {
    const { t, viewer, taskId, promptMessageId } = await running();
    await send(viewer, "Next", { taskId, whenBusy: "queue" });
    const read = async () => [
      await listMessages(viewer, taskId),
      await viewer.query(api.messages.listAfter, {
        taskId,
        after: 0,
        paginationOpts: { numItems: 5, cursor: null },
      }),
      await viewer.query(api.messages.locate, { taskId, messageId: promptMessageId }),
      await viewer.query(api.messages.listVariants, { messageId: promptMessageId }),
      await viewer.query(api.queue.list, { taskId }),
      await viewer.query(api.generation.isLocked, { taskId }),
    ];
    const before = await read();
    await changeChat(t, taskId);
    expect(await read()).toEqual(before);
  });

  test("a claim changes no message: no page is sent again", async () => {
    const { t, viewer } = await newChat();
    const { taskId, runId } = await sendStarted(viewer, "Go");
    const before = await listMessages(viewer, taskId);
    await playGenerator(t, runId).claim();
    expect(await listMessages(viewer, taskId)).toEqual(before);
  });

  test("[G11] a deleted chat has no messages and no queue, until it is brought back", async () => {
    const { viewer, taskId, promptMessageId } = await running();
    const before = await listMessages(viewer, taskId);
    await viewer.mutation(api.tasks.remove, { taskId });
    expect(await listMessages(viewer, taskId)).toEqual([]);
    expect(await viewer.query(api.queue.list, { taskId })).toEqual([]);
    expect(await viewer.query(api.messages.locate, { taskId, messageId: promptMessageId })).toBeNull();
    await viewer.mutation(api.tasks.restore, { taskId });
    expect((await listMessages(viewer, taskId)).map(({ _id }) => _id)).toEqual(before.map(({ _id }) => _id));
  });
});

/** A chat with so many finished exchanges, whose answers hold these parts. */
async function chatOf(exchanges: number, parts: Doc<"chatMessages">["parts"]) {
  const { t, viewer } = await newChat();
  const { taskId, runId } = await sendStarted(viewer, "First");
  const generator = playGenerator(t, runId);
  await generator.claim();
  await generator.complete("done");
  const last = await lastMessage(viewer, taskId);
  // A transaction may write 16 MiB.
  for (let from = 1; from <= exchanges; from += 25) {
    await t.run(async (ctx) => {
      const answer = await ctx.db.get(last._id);
      if (!answer) throw new Error("The answer is gone");
      const { _id, _creationTime, ...rest } = answer;
      for (let i = from; i < Math.min(from + 25, exchanges + 1); i++) {
        await ctx.db.insert("chatMessages", { ...rest, parts, sequence: last.sequence + i });
      }
      await ctx.db.patch(taskId, { nextSequence: last.sequence + exchanges + 1 });
    });
  }
  return { t, viewer, taskId };
}

const LIMIT_BYTES = 16 * 1024 * 1024;

/** 60,000 characters each: as much as versions that counted characters kept in one message. */
const LONG: [string, Doc<"chatMessages">["parts"]][] = [
  ["Chinese", [{ type: "text", position: 0, text: "漢字".repeat(30_000) }]],
  ["emoji", [{ type: "text", position: 0, text: "🦕".repeat(30_000) }]],
  ["reasoning", [{ type: "reasoning", position: 0, text: "思".repeat(60_000) }]],
  [
    "what a tool gave",
    [
      {
        ...{ type: "dynamic-tool", position: 0, toolCallId: "c", toolName: "read", state: "complete" },
        output: "字".repeat(60_000),
      },
      { type: "text", position: 1, text: "Read." },
    ],
  ],
];

describe("[E8] bytes that are read stay within what a transaction may read", () => {
  test.each(LONG)("100 long answers of %s: the chat is listed, and goes on", async (_what, parts) => {
    const { t, viewer, taskId } = await chatOf(100, parts);
    const { page, isDone } = await viewer.query(api.messages.list, {
      ...{ taskId, paginationOpts: { numItems: 50, cursor: null } },
    });
    expect(page.length).toBeGreaterThan(10);
    expect(isDone).toBe(false);
    const sent = started(await send(viewer, "And now?", { taskId }));
    await playGenerator(t, sent.runId).claim();
    const usage = await usageOf(t, (ctx) => readRunInput(ctx, sent.runId));
    expect(usage.bytesRead).toBeLessThan(LIMIT_BYTES / 2);
    const input = await t.query(internal.generation.runInput, { runId: sent.runId });
    expect(input?.history.at(-1)).toMatchObject({ role: "USER", text: "And now?" });
  });

  test("an edit or another variant far back is refused before it reads too much", async () => {
    const { t, viewer, taskId } = await chatOf(100, LONG[0]?.[1] ?? []);
    const [first] = (await readOldest(viewer, taskId)).filter(({ role }) => role === "USER");
    if (!first) throw new Error("The chat is empty");
    await expectFailure(
      viewer.mutation(api.messages.edit, {
        ...{ messageId: first._id, clientMessageId: newClientId(), content: "Reworded" },
      }),
      "TOO_FAR_BACK",
    );
    // As many as are allowed: within the limit.
    for (let deleted = 20; deleted === 20;) {
      deleted = await t.run(async (ctx) => {
        const rest = await ctx.db
          .query("chatMessages")
          .withIndex("by_task_sequence", (q) => q.eq("taskId", taskId).gt("sequence", 12))
          .take(20);
        for (const message of rest) await ctx.db.delete(message._id);
        return rest.length;
      });
    }
    const other = await t.run(async (ctx) => {
      const answer = await ctx.db
        .query("chatMessages")
        .withIndex("by_task_sequence", (q) => q.eq("taskId", taskId).eq("sequence", 1))
        .unique();
      if (!answer) throw new Error("The chat is empty");
      const { _id, _creationTime, ...rest } = answer;
      return await ctx.db.insert("chatMessages", { ...rest, onPath: false, variant: 1, sequence: 900 });
    });
    const usage = await usageOf(t, (ctx) => selectOnPath(ctx, viewer.userId, other));
    expect(usage.bytesRead).toBeLessThan(LIMIT_BYTES);
  });
});

async function readOldest(viewer: Viewer, taskId: Id<"tasks">) {
  const { page } = await viewer.query(api.messages.listAfter, {
    ...{ taskId, after: -1, paginationOpts: { numItems: 2, cursor: null } },
  });
  return page;
}

describe("files over HTTP", () => {
  test.each([
    [4 * 1024 * 1024, false],
    [4 * 1024 * 1024 + 1, true],
  ])(
    "%d bytes of files in the chat: too many for the 64 MB of an HTTP action is %s",
    async (size, isLarge) => {
      const { t, viewer, taskId, promptMessageId, assistantMessageId: messageId } = await running();
      expect(await t.query(internal.chatStream.needsNode, { messageId })).toBe(false);
      await t.run(async (ctx) => {
        const storageId = await ctx.storage.store(new Blob(["a cat"], { type: "image/png" }));
        const file = { filename: "cat.png", mediaType: "image/png", size };
        const attachmentId = await ctx.db.insert("attachments", {
          ...{ ...file, userId: viewer.userId, taskId, storageId },
          state: "sent",
        });
        await ctx.db.patch(promptMessageId, {
          parts: [{ type: "file", position: 0, attachmentId, ...file }],
        });
      });
      expect(await t.query(internal.chatStream.needsNode, { messageId })).toBe(isLarge);
    },
  );
});
