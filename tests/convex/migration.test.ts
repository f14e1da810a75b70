/**
 * [G17] Rows as the versions before `runs` wrote them: a lock for each live run, and a live row also while nobody had claimed it. They
 * become runs at the next start, by the cron where there is no start (Convex), or when somebody changes the chat; nothing is lost.
 * And half-written states, whatever they come from, keep no chat locked.
 */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { textOf } from "../../convex/shared/parts";
import { until, useFakeTime } from "./fakeTime.ts";
import {
  expectFailure,
  expectInvariants,
  lastMessage,
  listMessages,
  liveRun,
  newChat,
  overview,
  playGenerator,
  recover,
  runCron,
  send,
  sendStarted,
  shownText,
} from "./support.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});

type OldRun = { claimed: boolean; withLock?: boolean; withLiveRow?: boolean };

/** A chat whose answer was live when the version before was stopped, with a prompt in its queue. */
async function oldChat({ claimed, withLock = true, withLiveRow = true }: OldRun) {
  const { t, viewer } = await newChat();
  const { taskId, assistantMessageId: messageId, runId } = await sendStarted(viewer, "Go");
  await send(viewer, "Next", { taskId, whenBusy: "queue" });
  const { userId } = viewer;
  const now = Date.now();
  await t.run(async (ctx) => {
    for (const run of await ctx.db.query("runs").collect()) await ctx.db.delete(run._id);
    for (const job of await ctx.db.system.query("_scheduled_functions").collect())
      await ctx.scheduler.cancel(job._id);
    await ctx.db.patch(messageId, { status: claimed ? "streaming" : "pending" });
    if (withLock) await ctx.db.insert("generationLocks", { taskId, userId, messageId, runId, lockedAt: now });
    if (withLiveRow) {
      await ctx.db.insert("streamingResponses", {
        ...{ messageId, taskId, userId, runId, startedAt: now, heartbeatAt: now, toolCalls: [] },
        ...(claimed && { claimedAt: now }),
        ...{ firstChunk: 0, sealedChunks: 0, sealedSize: 0, tailFrom: 0 },
      });
    }
    if (claimed) {
      const parts = [{ type: "text" as const, position: 0, text: "So far" }];
      await ctx.db.insert("streamingChunks", { messageId, userId, index: 0, flushSeq: 1, size: 6, parts });
    }
  });
  const generator = playGenerator(t, runId);
  generator.startAt(1);
  return { t, viewer, taskId, messageId, runId, generator };
}

type Old = Awaited<ReturnType<typeof oldChat>>;

async function expectNoOldRows({ t }: Old) {
  expect(await t.run((ctx) => ctx.db.query("generationLocks").collect())).toEqual([]);
  await expectInvariants(t);
}

const texts = async ({ viewer, taskId }: Old) =>
  (await listMessages(viewer, taskId)).map(({ parts }) => textOf(parts));

describe("[G17] a run of the version before", () => {
  test("claimed: a start ends it as crashed with all its text, and the queue goes on", async () => {
    const old = await oldChat({ claimed: true });
    expect(await recover(old.t)).toBe(0);
    expect(await recover(old.t)).toBe(1);
    const [, answer] = await listMessages(old.viewer, old.taskId);
    expect(answer).toMatchObject({ status: "failed", endReason: "crashed" });
    expect(await texts(old)).toEqual(["Go", "So far", "Next", ""]);
    await expectNoOldRows(old);
  });

  test("unclaimed: after a start it waits, is claimed and finished", async () => {
    const old = await oldChat({ claimed: false });
    expect(await recover(old.t)).toBe(0);
    expect((await liveRun(old.t, old.taskId))?.state.kind).toBe("waiting");
    expect(await old.generator.claim()).toBe("claimed");
    await old.generator.complete("Here it is");
    expect(await texts(old)).toEqual(["Go", "Here it is", "Next", ""]);
    await expectNoOldRows(old);
  });

  test("claimed, and its generator still works (Convex): the cron adopts it, and it finishes its answer", async () => {
    const old = await oldChat({ claimed: true });
    expect(await old.generator.flush(" so good")).toMatchObject({ state: "live" });
    expect(await runCron(old.t)).toBe(0);
    expect(await shownText(old.viewer, old.taskId, old.messageId)).toBe("So far so good");
    expect(await old.generator.flush(", and on")).toMatchObject({ state: "live" });
    await old.generator.complete(" to the end");
    expect(await texts(old)).toEqual(["Go", "So far so good, and on to the end", "Next", ""]);
    await expectNoOldRows(old);
  });

  test("its generator ends it before any cron has come", async () => {
    const old = await oldChat({ claimed: true });
    await old.generator.complete(" and done");
    expect(await texts(old)).toEqual(["Go", "So far and done", "Next", ""]);
    await expectNoOldRows(old);
  });

  test.each([true, false])("holds its chat before any cron has come (claimed: %s)", async (claimed) => {
    const old = await oldChat({ claimed });
    await expectFailure(send(old.viewer, "Again", { taskId: old.taskId }), "GENERATION_IN_PROGRESS");
    expect(await old.viewer.mutation(api.streaming.stopTask, { taskId: old.taskId })).toEqual({
      outcome: "stopped",
      messageId: old.messageId,
    });
    expect(await texts(old)).toEqual(["Go", claimed ? "So far" : ""]);
    await expectNoOldRows(old);
  });
});

describe("[G6] half-written states keep no chat locked", () => {
  test("a lock without its live row: the cron gives the run up", async () => {
    const old = await oldChat({ claimed: true, withLiveRow: false });
    await runCron(old.t);
    const { runId } = old;
    await old.t.mutation(internal.generation.watchdog, { runId });
    expect((await texts(old)).slice(0, 3)).toEqual(["Go", "So far", "Next"]);
    await expectNoOldRows(old);
  });

  test("a live row without its lock: the cron removes it and ends the answer", async () => {
    const old = await oldChat({ claimed: true, withLock: false });
    vi.setSystemTime(Date.now() + 31_000);
    expect(await runCron(old.t)).toBe(1);
    expect(await lastMessage(old.viewer, old.taskId)).toMatchObject({ endReason: "crashed" });
    expect(await texts(old)).toEqual(["Go", "So far"]);
    await expectNoOldRows(old);
  });

  test.each(["Stop", "a send"])("an answer without any run: %s ends it, and the chat goes on", async (by) => {
    const old = await oldChat({ claimed: true, withLock: false, withLiveRow: false });
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    if (by === "Stop") {
      await old.viewer.mutation(api.streaming.stopTask, { taskId: old.taskId });
      expect(await texts(old)).toEqual(["Go", "So far"]);
    }
    const { runId } = await sendStarted(old.viewer, "Again", { taskId: old.taskId });
    expect((await listMessages(old.viewer, old.taskId))[1]).toMatchObject({
      endReason: "crashed",
      parts: [{ text: "So far" }],
    });
    await playGenerator(old.t, runId).claim();
    await expectInvariants(old.t);
  });

  test("a claimed run without its live row: the next look ends it", async () => {
    const { t, viewer } = await newChat();
    const { taskId, runId } = await sendStarted(viewer, "Go");
    await playGenerator(t, runId).claim();
    await t.run(async (ctx) => {
      const live = await ctx.db.query("streamingResponses").first();
      if (live) await ctx.db.delete(live._id);
    });
    expect(await send(viewer, "Again", { taskId })).toMatchObject({ status: "started" });
    expect((await listMessages(viewer, taskId))[1]).toMatchObject({ endReason: "crashed" });
    await expectInvariants(t);
  });
});

describe("[G6] one that cannot be ended is set aside", () => {
  /** Two silent runs, the first of which cannot be ended. */
  async function damaged() {
    const { t, viewer } = await newChat();
    const ids: { taskId: Id<"tasks">; runId: string; messageId: Id<"chatMessages"> }[] = [];
    for (const content of ["Damaged", "Sound"]) {
      const { taskId, runId, assistantMessageId } = await sendStarted(viewer, content);
      const generator = playGenerator(t, runId);
      await generator.claim();
      await generator.flush("text");
      ids.push({ taskId, runId, messageId: assistantMessageId });
    }
    const [broken, sound] = ids;
    if (!broken || !sound) throw new Error("Two were sent");
    // Search has two rows for a message that may have one, and so the end of its run fails.
    await t.run(async (ctx) => {
      const row = { userId: viewer.userId, taskId: broken.taskId, messageId: broken.messageId, text: "" };
      await ctx.db.insert("searchTexts", row);
      await ctx.db.insert("searchTexts", row);
    });
    const errors = vi.spyOn(console, "error").mockImplementation(() => undefined);
    return { t, viewer, broken, sound, errors };
  }

  test.each(["a start", "the cron", "the watchdog"])(
    "by %s: its chat is free, the log and the overview tell of it, the others end as ever",
    async (by) => {
      const { t, viewer, broken, sound, errors } = await damaged();
      await send(viewer, "Queued", { taskId: broken.taskId, whenBusy: "queue" });
      vi.setSystemTime(Date.now() + 31_000);
      if (by === "a start") await recover(t);
      else if (by === "the cron") await runCron(t);
      else for (const { runId } of [broken, sound]) await t.mutation(internal.generation.watchdog, { runId });
      expect(await lastMessage(viewer, sound.taskId)).toMatchObject({
        endReason: "crashed",
        parts: [{ text: "text" }],
      });
      const messages = await listMessages(viewer, broken.taskId);
      expect(messages.find(({ _id }) => _id === broken.messageId)).toMatchObject({
        ...{ status: "failed", endReason: "crashed" },
      });
      expect((await overview(t)).setAside).toBe(1);
      expect(errors.mock.calls.flat().join()).toContain(`Run ${broken.runId}`);
      // What was queued behind it goes on.
      await until(async () => (await liveRun(t, broken.taskId)) !== null);
      expect(await viewer.query(api.queue.list, { taskId: broken.taskId })).toEqual([]);
      await expectInvariants(t);
    },
  );

  test("[G7] by a Stop: it is shown as stopped with its text, at once, and holds the queue like any other", async () => {
    const { t, viewer, broken } = await damaged();
    const { taskId } = broken;
    await send(viewer, "Queued", { taskId, whenBusy: "queue" });
    const stop = () => viewer.mutation(api.streaming.stopTask, { taskId });
    expect(await stop()).toEqual({ outcome: "stopped", messageId: broken.messageId });
    expect(await lastMessage(viewer, taskId)).toMatchObject({
      ...{ status: "complete", endReason: "stopped", finishReason: "stop", errorMessage: null },
    });
    expect(await shownText(viewer, taskId, broken.messageId)).toBe("text");
    expect(await viewer.query(api.tasks.get, { taskId })).toMatchObject({
      ...{ status: "STOPPED", queuePaused: true },
    });
    expect((await overview(t)).setAside).toBe(1);
    expect(await stop()).toEqual({ outcome: "alreadyEnded", messageId: broken.messageId });
    // Its generator is told at its next write. [G4]
    expect(await playGenerator(t, broken.runId).flush("more")).toMatchObject({ state: "ended" });
    await expectInvariants(t);
  });

  test("[G3] by a prompt that interrupts it: that one starts", async () => {
    const { t, viewer, broken } = await damaged();
    const { taskId, messageId } = broken;
    expect(await send(viewer, "Instead", { taskId, whenBusy: "interrupt" })).toMatchObject({
      status: "started",
    });
    const messages = await listMessages(viewer, taskId);
    expect(messages.find(({ _id }) => _id === messageId)).toMatchObject({ endReason: "stopped" });
    await expectInvariants(t);
  });
});
