/** A run from its claim to its end: the fence, the log, the live tail, the hand-over, and its recovery. */
import { describe, expect, inject, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import { mergeParts, textOf } from "../../convex/shared/parts";
import type { Id } from "../../convex/_generated/dataModel";
import { useFakeTime, whileTimePasses } from "./fakeTime.ts";
import {
  expectInvariants,
  knownAfter,
  jobsOf,
  lastMessage,
  newChat,
  newClientId,
  overview,
  playGenerator,
  readRange,
  recover,
  rowsOf,
  runCron,
  send,
  sendStarted,
  shownText,
  started,
  stored,
  viewerOf,
  type Viewer,
} from "./support.ts";

useFakeTime();

async function running() {
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Go");
  const generator = playGenerator(t, sent.runId);
  await generator.claim();
  const live = () =>
    viewer.query(api.streamingResponses.getStreamingResponse, { messageId: sent.assistantMessageId });
  const shown = () => shownText(viewer, sent.taskId, sent.assistantMessageId);
  return { t, viewer, ...sent, generator, live, shown };
}

/** Settles when the chat's last answer has ended; whoever waits lets time pass. */
async function untilEnded(viewer: Viewer, taskId: Id<"tasks">): Promise<void> {
  while (["pending", "streaming"].includes((await lastMessage(viewer, taskId)).status)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe("claim", () => {
  test("unclaimed → claimed: by the first caller only, and by nobody else's user", async () => {
    const { t, viewer } = await newChat();
    const { runId } = await sendStarted(viewer, "Go");
    const stranger = await t.run((ctx) => ctx.db.insert("users", {}));
    const claim = (userId: typeof stranger | null) =>
      t.mutation(internal.generation.claim, { runId, userId });
    expect(await claim(stranger)).toBe("gone");
    expect(await Promise.all([claim(viewer.userId), claim(viewer.userId), claim(null)])).toEqual([
      "claimed",
      "gone",
      "gone",
    ]);
  });

  test("a tab that closed: after two seconds the start check starts the run", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await sendStarted(viewer, "Tell me about planets");
    vi.advanceTimersByTime(1_500);
    await t.finishInProgressScheduledFunctions();
    expect((await lastMessage(viewer, taskId)).status).toBe("pending");
    await whileTimePasses(untilEnded(viewer, taskId));
    const answer = await lastMessage(viewer, taskId);
    expect(answer).toMatchObject({ status: "complete", endReason: "finished" });
  });

  test("a claimed run is not started again", async () => {
    const { t } = await running();
    vi.advanceTimersByTime(2_500);
    await t.finishInProgressScheduledFunctions();
    const jobs = await jobsOf(t);
    expect(jobs.filter(({ name }) => name.includes("startScheduled"))).toEqual([]);
  });
});

describe("[G4] fence and [G8] order", () => {
  test("a repeated or older flush changes nothing", async () => {
    const { generator, shown, t, runId } = await running();
    await generator.flush("one ");
    await generator.flush("two ");
    await generator.repeatFlush("two ");
    const parts = [{ type: "text" as const, position: 0, text: "one " }];
    await t.mutation(internal.streamingResponses.updateStreamingContent, { runId, flushSeq: 1, parts });
    expect(await shown()).toBe("one two ");
  });

  test('every write of a run that has ended is answered "ended" and changes nothing [blah.chat]', async () => {
    const { t, viewer, taskId, generator } = await running();
    await generator.flush("kept");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const next = await sendStarted(viewer, "Next", { taskId });
    const before = await t.run(async (ctx) => [
      await ctx.db.query("chatMessages").collect(),
      await ctx.db.query("runs").collect(),
      await ctx.db.query("streamingChunks").collect(),
    ]);
    const ended = { state: "ended", endReason: "stopped" };
    expect(await generator.flush("!")).toMatchObject(ended);
    expect(await generator.heartbeat()).toMatchObject(ended);
    expect(await generator.complete("!")).toMatchObject(ended);
    expect(await generator.fail("!")).toMatchObject(ended);
    const after = await t.run(async (ctx) => [
      await ctx.db.query("chatMessages").collect(),
      await ctx.db.query("runs").collect(),
      await ctx.db.query("streamingChunks").collect(),
    ]);
    expect(after).toEqual(before);
    expect(await t.mutation(internal.generation.claim, { runId: next.runId, userId: null })).toBe("claimed");
    expect((await overview(t)).counters.fencedWrites).toBe(4);
  });

  test("the log itself refuses a flush of an ended run, by the row with which the run ended, while that is trusted and after", async () => {
    const { t, viewer, taskId, generator } = await running();
    await generator.flush("kept");
    await generator.flush(" too");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const before = await rowsOf(t);
    expect(before.at(-1)).toMatchObject({ isEnd: true });
    expect(await generator.flush("!")).toMatchObject({ state: "ended", endReason: "stopped" });
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    // The row is gone with the others, and who was not seen live for so long is looked up.
    expect(await rowsOf(t)).toEqual([]);
    expect(await generator.flush("!")).toMatchObject({ state: "ended", endReason: "stopped" });
    expect(await rowsOf(t)).toEqual([]);
  });

  test("a flush goes behind a row that the server added meanwhile, once, and hears what that was", async () => {
    const { t, viewer, assistantMessageId: messageId, generator, shown } = await running();
    const call = { type: "dynamic-tool", toolCallId: "c1", toolName: "look", position: 1 } as const;
    await generator.flushParts([{ ...call, state: "running" }]);
    await generator.flush("Looking. ", 2);
    await viewer.mutation(api.streaming.cancelToolCall, { messageId, toolCallId: "c1" });
    const cancelled = { state: "live", cancelledToolCalls: ["c1"], rows: 4 };
    expect(await generator.flush("Without it. ", 2)).toMatchObject(cancelled);
    expect(await generator.repeatFlush("Without it. ")).toMatchObject(cancelled);
    expect(await generator.flush("Done.", 2)).toMatchObject({ state: "live", rows: 5 });
    expect(await shown()).toContain("Looking. Without it. Done.");
    expect((await rowsOf(t)).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  });

  test("[G9] a call that was cancelled stays so in a page whose generator has not heard of it", async () => {
    const { t, viewer, runId, assistantMessageId: messageId, generator } = await running();
    const call = { type: "dynamic-tool", toolCallId: "c1", toolName: "look", position: 1 } as const;
    const report = { ...call, state: "running" } as const;
    const known = { answer: (await t.query(internal.generation.runInput, { runId }))!.answer };
    const { after } = knownAfter(known, await generator.flushParts([report]));
    await viewer.mutation(api.streaming.cancelToolCall, { messageId, toolCallId: "c1" });
    const words = { type: "text", position: 2, text: "Meanwhile." } as const;
    const flush = { runId, flushSeq: 2, ...known, ...(after && { after }), parts: [words] };
    await t.mutation(internal.streamingResponses.updateStreamingContent, {
      ...{ ...flush, page: { from: 0, parts: [report, words] } },
    });
    // Who opens the chat now reads the page.
    const pieces = await viewer.query(api.streamingResponses.listChunks, { messageId, from: 0, to: 3 });
    expect(pieces.map(({ index, to }) => [index, to])).toEqual([[0, 3]]);
    expect(pieces[0]?.parts).toMatchObject([{ toolCallId: "c1", state: "cancelled" }, words]);
  });

  test("an answer that was continued and has just ended keeps the row that fences its last run", async () => {
    const { t, viewer, taskId, assistantMessageId: messageId, generator } = await running();
    await generator.flush("One. ");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    // The clean-up of its first end comes just after its second.
    vi.advanceTimersByTime(59_000);
    const again = started(
      await viewer.mutation(api.messages.continueAnswer, { messageId, clientMessageId: newClientId() }),
    );
    const more = playGenerator(t, again.runId);
    await more.claim();
    more.startAt((await t.query(internal.generation.runInput, { runId: again.runId }))?.flushSeq ?? 0);
    await more.flush("Two. ");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await t.mutation(internal.streamingResponses.cleanUpChunks, { messageId });
    const rows = await rowsOf(t);
    expect(await more.flush("!")).toMatchObject({ state: "ended", endReason: "stopped" });
    expect(await rowsOf(t)).toEqual(rows);
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    expect(await rowsOf(t)).toEqual([]);
  });

  test("an answer that goes on just after its end keeps the row that fences the run before", async () => {
    const { t, viewer, taskId, assistantMessageId: messageId, generator, shown } = await running();
    await generator.flush("One. ");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const rows = await rowsOf(t);
    const again = started(
      await viewer.mutation(api.messages.continueAnswer, { messageId, clientMessageId: newClientId() }),
    );
    // That of the end comes at once, and so it comes no more.
    await t.mutation(internal.streamingResponses.cleanUpChunks, { messageId });
    await t.run(async (ctx) => {
      for (const { _id, name } of await ctx.db.system.query("_scheduled_functions").collect())
        if (name.includes("cleanUpChunks")) await ctx.scheduler.cancel(_id);
    });
    expect(await generator.flush("After the Stop.")).toMatchObject({ state: "ended", endReason: "stopped" });
    expect(await rowsOf(t)).toEqual(rows);
    expect(await shown()).toBe("One. ");
    await playGenerator(t, again.runId).claim();
    await viewer.mutation(api.streaming.stopTask, { taskId });
    // The second run has written nothing: what the first left goes with its end all the same.
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    expect(await rowsOf(t)).toEqual([]);
    expect(await shown()).toBe("One. ");
  });

  test("a flush that names its live row is fenced like any other, and another run's row is none of its own", async () => {
    const { t, viewer, taskId, runId } = await running();
    const { answer } = (await t.query(internal.generation.runInput, { runId }))!;
    const other = await sendStarted(viewer, "Beside it");
    await playGenerator(t, other.runId).claim();
    const { answer: others } = (await t.query(internal.generation.runInput, { runId: other.runId }))!;
    let flushSeq = 0;
    const flush = (live: Pick<typeof answer, "liveId">) =>
      t.mutation(internal.streamingResponses.updateStreamingContent, {
        ...{ runId, answer: { ...answer, ...live }, flushSeq: ++flushSeq },
        parts: [{ type: "text", position: 0, text: "said" }],
      });
    expect(answer.liveId).toBeDefined();
    expect(await flush(answer)).toMatchObject({ state: "live", rows: 1 });
    const before = await rowsOf(t);
    expect(await flush({ liveId: others.liveId! })).toMatchObject({ state: "ended" });
    expect(await rowsOf(t)).toEqual(before);
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const ended = await rowsOf(t);
    expect(await flush(answer)).toMatchObject({ state: "ended", endReason: "stopped" });
    expect(await rowsOf(t)).toEqual(ended);
  });

  test('a run id that never was is answered "ended"', async () => {
    const { t } = await newChat();
    const generator = playGenerator(t, "guessed");
    expect(await generator.flush("x")).toEqual({ state: "ended", endReason: null, endedAt: null });
    expect(await generator.claim()).toBe("gone");
  });
});

describe("[G9, G10] the live tail", () => {
  test("stays small however long the answer is, and no word is missing or doubled", async () => {
    const { generator, live, viewer, assistantMessageId } = await running();
    let whole = "";
    let largestTail = 0;
    // As a client that is sent some of the rows only: the others are read once each.
    let read = 0;
    let shown = "";
    for (let i = 0; i < 300; i++) {
      const word = `word-${i} ${"x".repeat(i % 80)} `;
      await generator.flush(word);
      whole += word;
      if (i % 7 !== 0) continue;
      const tail = await live();
      if (!tail) throw new Error("The run is live");
      largestTail = Math.max(largestTail, JSON.stringify(tail.tail).length);
      const rows = await readRange(viewer, assistantMessageId, { from: read, to: tail.from });
      shown += textOf(mergeParts([...rows, ...(tail.tail ?? [])]));
      read = tail.from + 1;
      expect(shown).toBe(whole);
    }
    expect(whole.length).toBeGreaterThan(10_000);
    expect(largestTail).toBeLessThan(200);
  });

  test("a flush writes its own text and little more, at any length of the answer", async () => {
    const { t, generator, live } = await running();
    for (let i = 0; i < 100; i++) await generator.flush("some words ");
    const before = await rowsOf(t);
    const task = await t.run((ctx) => ctx.db.query("tasks").collect());
    const message = await t.run((ctx) => ctx.db.query("chatMessages").collect());
    await generator.flush("one more ");
    const after = await rowsOf(t);
    expect(after.slice(0, -1)).toEqual(before);
    expect(after.at(-1)).toMatchObject({ text: "one more " });
    // Of the first part, as nearly all text is: not worth its bytes in each row.
    expect(after.at(-1)).not.toHaveProperty("position");
    expect(await t.run((ctx) => ctx.db.query("tasks").collect())).toEqual(task);
    expect(await t.run((ctx) => ctx.db.query("chatMessages").collect())).toEqual(message);
    expect(JSON.stringify(await live()).length).toBeLessThan(2_000);
  });

  test("rows never change, and can be read in bounded ranges only", async () => {
    const { generator, live, viewer, assistantMessageId: messageId } = await running();
    for (let i = 0; i < 60; i++) await generator.flush(`piece ${i} ${"y".repeat(60)}`);
    const to = ((await live())?.from ?? 0) + 1;
    expect(to).toBe(60);
    const range = { messageId, from: 0, to };
    const rows = await viewer.query(api.streamingResponses.listChunks, range);
    expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: to }, (_, i) => i));
    for (let i = 0; i < 60; i++) await generator.flush("more ");
    await generator.complete();
    expect(await viewer.query(api.streamingResponses.listChunks, range)).toEqual(rows);
    await expect(
      viewer.query(api.streamingResponses.listChunks, { messageId, from: 0, to: 257 }),
    ).rejects.toThrow("256");
  });
});

describe("[G5] the end", () => {
  test("live → complete: message, chat, lock and tail change together; the text is what was shown", async () => {
    const { t, viewer, taskId, assistantMessageId, generator, live, shown } = await running();
    await generator.flush("All that ");
    const before = await shown();
    await generator.complete("was said");
    const answer = await lastMessage(viewer, taskId);
    expect(textOf(answer.parts)).toBe("All that was said");
    expect(textOf(answer.parts).startsWith(before)).toBe(true);
    expect(answer).toMatchObject({ status: "complete", endReason: "finished", omittedChunks: null });
    expect(await live()).toBeNull();
    expect(await viewer.query(api.generation.isLocked, { taskId })).toBe(false);
    expect(await stored(t, taskId)).toMatchObject({ status: "IDLE", unread: true });
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    expect(await rowsOf(t)).toEqual([]);
    expect(await shownText(viewer, taskId, assistantMessageId)).toBe("All that was said");
  });

  test("an end that cannot be stored leaves the run as it was", async () => {
    const { t, runId, viewer, taskId, shown, generator } = await running();
    await generator.flush("so far");
    const last = { flushSeq: 99, parts: [{ type: "nonsense" } as never] };
    await expect(
      t.mutation(internal.streamingResponses.completeStreamingResponse, {
        ...{ runId, last, endReason: "finished", finishReason: "stop" },
      }),
    ).rejects.toThrow();
    expect(await shown()).toBe("so far");
    expect(await viewer.query(api.generation.isLocked, { taskId })).toBe(true);
    await expectInvariants(t);
  });

  test("an answer of a megabyte keeps its rows; the page of the list stays bounded and tells what it left out", async () => {
    const { t, viewer, taskId, assistantMessageId, generator, shown } = await running();
    const piece = "z".repeat(8_000);
    for (let i = 0; i < 130; i++) await generator.flush(piece);
    expect(await shown()).toHaveLength(130 * 8_000);
    await generator.complete("the end");
    const answer = await lastMessage(viewer, taskId);
    expect(answer.omittedChunks).toBeNull();
    expect(textOf(answer.parts)).toHaveLength(130 * 8_000 + 7);
    const row = await stored(t, assistantMessageId);
    expect(JSON.stringify(row).length).toBeLessThan(2_000);

    // A second one does not fit into the same page.
    const second = await sendStarted(viewer, "Again", { taskId });
    const more = playGenerator(t, second.runId);
    await more.claim();
    for (let i = 0; i < 130; i++) await more.flush(piece);
    await more.complete("the end");
    const page = await viewer.query(api.messages.list, {
      taskId,
      paginationOpts: { numItems: 10, cursor: null },
    });
    expect(page.page.map(({ omittedChunks }) => omittedChunks)).toEqual([
      null,
      null,
      { from: 0, to: 131 },
      null,
    ]);
    expect(JSON.stringify(page).length).toBeLessThan(2_000_000);
    expect((await shown()).endsWith("the end")).toBe(true);
    await expectInvariants(t);
  });

  test("a megabyte that was stopped can be continued, and only new rows are written", async () => {
    const { t, viewer, taskId, assistantMessageId, generator } = await running();
    for (let i = 0; i < 20; i++) await generator.flush("z".repeat(8_000));
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const receipt = await viewer.mutation(api.messages.continueAnswer, {
      ...{ messageId: assistantMessageId, clientMessageId: newClientId() },
    });
    const { runId } = started(receipt);
    const again = playGenerator(t, runId);
    await again.claim();
    again.startAt((await t.query(internal.generation.runInput, { runId }))?.flushSeq ?? 0);
    await again.flush(" and on");
    expect((await shownText(viewer, taskId, assistantMessageId)).slice(-8)).toBe("z and on");
    await again.complete(" to the end");
    const text = await shownText(viewer, taskId, assistantMessageId);
    expect(text).toHaveLength(160_000 + " and on to the end".length);
    expect(await rowsOf(t)).toHaveLength(23);
  });
});

describe("[G6] nothing is stuck", () => {
  /** Each way by itself: the others are kept from coming. */
  test.each(["watchdog", "cron", "send", "stop"] as const)(
    "silent for its lease → crashed, found by %s",
    async (by) => {
      const { t, viewer, taskId, runId, generator } = await running();
      await generator.flush("partial");
      vi.setSystemTime(Date.now() + 29_000);
      await runCron(t);
      await t.mutation(internal.generation.watchdog, { runId });
      expect((await lastMessage(viewer, taskId)).status).toBe("pending");
      vi.setSystemTime(Date.now() + 1_001);
      switch (by) {
        case "watchdog":
          await t.mutation(internal.generation.watchdog, { runId });
          break;
        case "cron":
          expect(await runCron(t)).toBe(1);
          break;
        case "send":
          expect(await send(viewer, "Anyone there?", { taskId })).toMatchObject({ status: "started" });
          break;
        case "stop":
          expect(await viewer.mutation(api.streaming.stopTask, { taskId })).toMatchObject({
            outcome: "alreadyEnded",
          });
          break;
      }
      const messages = await t.run((ctx) => ctx.db.query("chatMessages").collect());
      expect(messages[1]).toMatchObject({
        status: "failed",
        endReason: "crashed",
        parts: [{ text: "partial" }],
      });
      expect(messages[1]?.errorMessage).toMatch(/interrupted/);
      const { expiredLeases, recovery } = await overview(t);
      expect(expiredLeases).toBe(1);
      expect(recovery).toEqual({ count: 1, p50Ms: 30_001, p95Ms: 30_001 });
      await expectInvariants(t);
    },
  );

  test("the watchdog that was scheduled with the run comes by itself, and again after a sign of life", async () => {
    const { t, viewer, taskId, generator } = await running();
    const seconds = async (count: number) => {
      for (let i = 0; i < count; i++) {
        vi.advanceTimersByTime(1_000);
        await t.finishInProgressScheduledFunctions();
      }
    };
    await seconds(10);
    await generator.flush("a sign of life, and then silence");
    await seconds(25);
    expect((await lastMessage(viewer, taskId)).status).toBe("pending");
    await seconds(10);
    expect(await lastMessage(viewer, taskId)).toMatchObject({ status: "failed", endReason: "crashed" });
  });

  test("a run that lives is left alone: heartbeats and flushes keep its lease [openchat, CA]", async () => {
    const { t, viewer, taskId, generator, runId } = await running();
    for (let i = 0; i < 40; i++) {
      vi.setSystemTime(Date.now() + 6_000);
      await (i % 2 === 0 ? generator.heartbeat() : generator.flush("."));
      await runCron(t);
      await t.mutation(internal.generation.watchdog, { runId });
    }
    expect((await lastMessage(viewer, taskId)).status).toBe("pending");
  });

  test("a generator that hangs beyond the overall limit is ended for it as timedOut", async () => {
    const { t, viewer, taskId, generator, runId } = await running();
    for (let i = 0; i < 60; i++) {
      vi.setSystemTime(Date.now() + 10_000);
      await generator.heartbeat();
    }
    await t.mutation(internal.generation.watchdog, { runId });
    expect(await lastMessage(viewer, taskId)).toMatchObject({ status: "failed", endReason: "timedOut" });
    await expectInvariants(t);
  });

  test("after a restart claimed runs are ended at once; unclaimed ones still get their start", async () => {
    const { t, viewer, taskId } = await running();
    const other = await sendStarted(viewer, "Not begun");
    expect(await recover(t)).toBe(1);
    expect(await lastMessage(viewer, taskId)).toMatchObject({ endReason: "crashed" });
    expect(await lastMessage(viewer, other.taskId)).toMatchObject({ status: "pending" });
    await whileTimePasses(untilEnded(viewer, other.taskId));
    expect(await lastMessage(viewer, other.taskId)).toMatchObject({ endReason: "finished" });
    expect((await overview(t)).orphansEnded).toBe(1);
  });

  test("a clock that is set back ends nothing early and sticks nowhere", async () => {
    const { t, viewer, taskId, generator, runId } = await running();
    vi.setSystemTime(Date.now() - 3_600_000);
    await generator.flush("still here");
    await runCron(t);
    await t.mutation(internal.generation.watchdog, { runId });
    expect((await lastMessage(viewer, taskId)).status).toBe("pending");
    await generator.complete("");
    expect((await lastMessage(viewer, taskId)).endReason).toBe("finished");
  });
});

describe("[G7] Stop", () => {
  test("twenty at once from two devices: one stops, all succeed", async () => {
    const { t, viewer, taskId, assistantMessageId, generator } = await running();
    await generator.flush("so far");
    const other = viewerOf(t, viewer.userId);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? viewer : other).mutation(api.streaming.stopTask, { taskId }),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === "stopped")).toHaveLength(1);
    expect(new Set(outcomes.map(({ messageId }) => messageId))).toEqual(new Set([assistantMessageId]));
    const stopped = await lastMessage(viewer, taskId);
    expect(stopped).toMatchObject({ status: "complete", endReason: "stopped", finishReason: "stop" });
    expect((await stored(t, taskId)).status).toBe("STOPPED");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    expect(await lastMessage(viewer, taskId)).toEqual(stopped);
  });

  test("of a chat without messages, or before anything was generated, succeeds", async () => {
    const { viewer } = await newChat();
    const { taskId } = await sendStarted(viewer, "Go");
    expect(await viewer.mutation(api.streaming.stopTask, { taskId })).toMatchObject({ outcome: "stopped" });
    expect(await lastMessage(viewer, taskId)).toMatchObject({
      status: "complete",
      endReason: "stopped",
      parts: [],
    });
  });

  test("against the end of the answer: whichever commits first decides, and nothing is lost", async () => {
    for (const order of ["stop first", "end first"] as const) {
      const { viewer, taskId, generator, t } = await running();
      await generator.flush("almost ");
      const stop = () => viewer.mutation(api.streaming.stopTask, { taskId });
      const end = () => generator.complete("done");
      const first = order === "stop first" ? stop() : null;
      const ended = end();
      const [{ outcome }] = await Promise.all([first ?? stop(), ended]);
      // Where mutations overlap (cloud mode), the one that was called first need not be the one that commits first.
      if (inject("engine") !== "cloud") expect(outcome).toBe(first ? "stopped" : "alreadyEnded");
      const { endReason, parts } = await lastMessage(viewer, taskId);
      expect([endReason, textOf(parts)]).toEqual(
        outcome === "stopped" ? ["stopped", "almost "] : ["finished", "almost done"],
      );
      await expectInvariants(t);
    }
  });
});
