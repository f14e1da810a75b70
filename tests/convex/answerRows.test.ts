/** The log of an answer over its life: rows, pages, what is deleted when, and rows of earlier versions. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Doc } from "../../convex/_generated/dataModel";
import { textOf, type Part } from "../../convex/shared/parts";
import { FakeProvider, runGenerator } from "./fakeProvider.ts";
import { pass, turns, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import {
  expectInvariants,
  jobsOf,
  lastMessage,
  newChat,
  newClientId,
  playGenerator,
  rowsOf,
  sendStarted,
  shownText,
  started,
} from "./support.ts";
import type { TestBackend } from "../helpers/backend.ts";

useFakeTime();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const pagesOf = (t: TestBackend) => t.run((ctx) => ctx.db.query("streamingPages").collect());
const piece = (text: string): Part[] => [{ type: "text", position: 0, text }];

/** A run that wrote rows of these texts, 32 of them in a page, and has ended. */
async function endedLog(texts: readonly string[]) {
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Go");
  const { runId, assistantMessageId: messageId, taskId } = sent;
  await playGenerator(t, runId).claim();
  let from = 0;
  for (const [index, text] of texts.entries()) {
    const isLast = (index + 1) % 32 === 0;
    const page = isLast ? { page: { from, parts: piece(texts.slice(from, index + 1).join("")) } } : {};
    const flush = { runId, flushSeq: index + 1, parts: piece(text), ...page };
    await t.mutation(internal.streamingResponses.updateStreamingContent, flush);
    if (isLast) from = index + 1;
  }
  await t.mutation(internal.streamingResponses.completeStreamingResponse, {
    runId,
    last: { flushSeq: texts.length + 1, parts: piece("the end") },
    endReason: "lengthLimit",
    finishReason: "length",
  });
  const shown = () => shownText(viewer, taskId, messageId);
  return { t, viewer, taskId, messageId, shown, whole: `${texts.join("")}the end` };
}

describe("[G9, G10] after the end", () => {
  test("a short answer is in its message; its rows and pages go", async () => {
    const { t, shown, whole } = await endedLog(Array.from({ length: 40 }, (_, i) => `word ${i} `));
    expect(await pagesOf(t)).toHaveLength(1);
    expect(await shown()).toBe(whole);
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    expect([await rowsOf(t), await pagesOf(t)]).toEqual([[], []]);
    expect(await shown()).toBe(whole);
  });

  test("of a long answer the rows go that a page has; it reads the same, from everywhere, and can be continued", async () => {
    const texts = Array.from({ length: 260 }, (_, i) => `${i} `.padEnd(300, "x"));
    const { t, viewer, taskId, messageId, shown, whole } = await endedLog(texts);
    expect(await shown()).toBe(whole);
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    // Those after the last page, and the one that ended the run.
    expect((await rowsOf(t)).map(({ index }) => index)).toEqual([256, 257, 258, 259, 260]);
    expect(await shown()).toBe(whole);
    const late = await viewer.query(api.streamingResponses.listChunks, { messageId, from: 40, to: 70 });
    expect(late.map(({ index, to }) => [index, to])).toEqual([
      [32, 64],
      [64, 96],
    ]);
    const receipt = await viewer.mutation(api.messages.continueAnswer, {
      ...{ messageId, clientMessageId: newClientId() },
    });
    const { runId } = started(receipt);
    const generator = playGenerator(t, runId);
    await generator.claim();
    expect(await shown()).toBe(whole);
    generator.startAt((await t.query(internal.generation.runInput, { runId }))?.flushSeq ?? 0);
    await generator.flush(", and on");
    expect(await shown()).toBe(`${whole}, and on`);
    await generator.complete(".");
    expect(await shown()).toBe(`${whole}, and on.`);
    expect(textOf((await lastMessage(viewer, taskId)).parts)).toBe(`${whole}, and on.`);
    await expectInvariants(t);
  });
});

describe("[G10] the clean-up of a very long answer", () => {
  test("looks at a bounded number of pages a time, also of those whose rows are gone, and comes to the last row", async () => {
    const { t, viewer, messageId } = await endedLog([]);
    const pages = 450;
    // Behind the one row of the answer, which is in its message.
    const fromOf = (page: number) => 1 + 32 * page;
    await t.run(async ({ db }) => {
      const row = { messageId, userId: viewer.userId };
      for (let i = 0; i < pages; i++) {
        await db.insert("streamingPages", {
          ...row,
          from: fromOf(i),
          to: fromOf(i + 1),
          parts: piece("page "),
        });
      }
      await db.insert("streamingChunks", { ...row, index: fromOf(pages) - 1, text: "page " });
      await db.patch(messageId, { chunkCount: fromOf(pages) });
    });
    const calls = async (): Promise<unknown[]> => {
      const jobs = await jobsOf(t);
      return jobs.flatMap(({ name, args }) => (name.includes("cleanUpChunks") ? (args as unknown[]) : []));
    };
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    expect(await calls()).toEqual([0, 200, 400].map((page) => ({ messageId, from: fromOf(page) })));
    expect(await rowsOf(t)).toEqual([]);
    expect(await pagesOf(t)).toHaveLength(pages);
  });
});

describe("[G17] rows of earlier versions", () => {
  test("a long answer is shown, searched and continued; what is new goes behind it", async () => {
    const { t, viewer } = await newChat();
    const { taskId, runId, assistantMessageId: messageId } = await sendStarted(viewer, "Go");
    const generator = playGenerator(t, runId);
    await generator.claim();
    await generator.fail("broken");
    const texts = Array.from({ length: 30 }, (_, i) => `${i} `.padEnd(3_000, "y"));
    await t.run(async (ctx) => {
      let size = 0;
      for (const [index, text] of texts.entries()) {
        size += text.length;
        const old: Omit<Doc<"streamingChunks">, "_id" | "_creationTime"> = {
          ...{ messageId, userId: viewer.userId, index, flushSeq: index + 1, size, parts: piece(text) },
        };
        await ctx.db.insert("streamingChunks", old);
      }
      await ctx.db.patch(messageId, { chunkCount: texts.length });
    });
    const shown = () => shownText(viewer, taskId, messageId);
    const live = () => viewer.query(api.streamingResponses.getStreamingResponse, { messageId });
    expect(await shown()).toBe(texts.join(""));
    expect(await live()).toBeNull();
    const again = started(
      await viewer.mutation(api.messages.continueAnswer, { messageId, clientMessageId: newClientId() }),
    );
    expect(await live()).toMatchObject({ state: "waiting", from: 30, tail: null });
    const more = playGenerator(t, again.runId);
    await more.claim();
    expect(await live()).toMatchObject({ state: "streaming", from: 30, tail: null });
    more.startAt((await t.query(internal.generation.runInput, { runId: again.runId }))?.flushSeq ?? 0);
    await more.flush("more");
    expect(await live()).toMatchObject({ state: "streaming", from: 30 });
    await more.complete();
    expect(await live()).toBeNull();
    expect(await shown()).toBe(`${texts.join("")}more`);
    await expectInvariants(t);
  });
});

describe("how often the generator writes", () => {
  /** Words every 20 ms for two seconds. */
  async function rowsAt(flushMs: string | null) {
    if (flushMs !== null) vi.stubEnv("VERBATIM_FLUSH_MS", flushMs);
    const provider = new FakeProvider();
    const { t, viewer } = await newChat();
    const sent = await sendStarted(viewer, "Go");
    const generation = runGenerator(t, sent.runId);
    const request = await provider.request();
    for (let i = 0; i < 100; i++) {
      request.text(`word-${i} `.padEnd(30, "."));
      await pass(20);
      // A flush that was begun takes none of the fake time, or a busy machine would stretch the distance.
      await turns(5);
    }
    const rows = await rowsOf(t);
    request.say({ type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    const { taskId, assistantMessageId } = sent;
    return {
      rows: rows.length,
      pages: await pagesOf(t),
      text: await shownText(viewer, taskId, assistantMessageId),
    };
  }

  test("at the distance that is set; else at one that grows with the answer. Nothing is lost either way", async () => {
    const grown = await rowsAt(null);
    const soon = await rowsAt("20");
    expect(soon.rows).toBeGreaterThan(grown.rows);
    expect(soon.text).toBe(grown.text);
    expect(soon.text).toMatch(/^word-0 .*word-99 /);
    // Pages come with the flushes, and the last one with the end.
    expect(soon.pages.length).toBeGreaterThan(0);
  });
});
