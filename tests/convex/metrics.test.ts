/** `metrics.overview` computes figures and invariants from the rows: each kind of damage is seen. */
import { describe, expect, test, vi } from "vitest";
import { internal } from "../../convex/_generated/api";
import { useFakeTime } from "./fakeTime.ts";
import { expectInvariants, newChat, overview, playGenerator, send, sendStarted } from "./support.ts";

useFakeTime();

async function running() {
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Go");
  await playGenerator(t, sent.runId).claim();
  await expectInvariants(t);
  return { t, viewer, ...sent };
}

type Backend = Awaited<ReturnType<typeof running>>["t"];

/** A second row like one of a table. */
async function double(t: Backend, pick: "USER" | "ASSISTANT") {
  await t.run(async (ctx) => {
    const message = (await ctx.db.query("chatMessages").collect()).find(({ role }) => role === pick);
    if (!message) throw new Error("There is no such message");
    const { _id, _creationTime, ...row } = message;
    await ctx.db.insert("chatMessages", row);
  });
}

async function doubleRun(t: Backend) {
  await t.run(async (ctx) => {
    const run = await ctx.db.query("runs").first();
    if (!run) throw new Error("There is no run");
    const { _id, _creationTime, ...row } = run;
    await ctx.db.insert("runs", { ...row, runId: "another" });
  });
}

async function deleteOne(t: Backend, table: "runs" | "streamingResponses") {
  await t.run(async (ctx) => {
    const row = await ctx.db.query(table).first();
    if (row) await ctx.db.delete(row._id);
  });
}

describe("metrics.overview sees", () => {
  test.each([
    ["a second prompt for one key", (t: Backend) => double(t, "USER"), { duplicatePrompts: 1 }],
    ["a second answer for one variant", (t: Backend) => double(t, "ASSISTANT"), { duplicateAnswers: 1 }],
    [
      "a live message and a live row without a run",
      (t: Backend) => deleteOne(t, "runs"),
      { liveMessagesWithoutRun: 1, liveRowsWithoutClaimedRun: 1 },
    ],
    [
      "a claimed run without a live row",
      (t: Backend) => deleteOne(t, "streamingResponses"),
      { claimedRunsWithoutLiveRow: 1 },
    ],
    [
      "a chat with two live runs",
      doubleRun,
      { tasksWithTwoRuns: 1, runsWithoutLiveMessage: 1, claimedRunsWithoutLiveRow: 1 },
    ],
    [
      "a run past its lease",
      (_t: Backend) => Promise.resolve(void vi.setSystemTime(Date.now() + 30_000)),
      { runsPastLease: 1 },
    ],
  ])("%s", async (_name, damage, seen) => {
    const { t } = await running();
    await damage(t);
    const { invariants } = await overview(t);
    expect(Object.fromEntries(Object.entries(invariants).filter(([, count]) => count !== 0))).toEqual(seen);
  });

  test("durations and end reasons of the newest runs, and nothing where there was nothing", async () => {
    const { t, viewer } = await newChat();
    const nothing = { count: 0, p50Ms: null, p95Ms: null };
    expect(await overview(t)).toMatchObject({ runsChecked: 0, ended: {}, stopLatency: nothing });
    for (const stopLatencyMs of [10, 20, 30, 40, 900]) {
      const { runId } = await sendStarted(viewer, "Go");
      const generator = playGenerator(t, runId);
      vi.setSystemTime(Date.now() + 100);
      await generator.claim();
      await generator.complete("done");
      await t.mutation(internal.generation.reportStop, { runId, stopLatencyMs });
    }
    expect(await overview(t)).toMatchObject({
      runsChecked: 5,
      ended: { finished: 5 },
      stopLatency: { count: 5, p50Ms: 30, p95Ms: 900 },
      waiting: { count: 5, p50Ms: 100, p95Ms: 100 },
    });
  });

  test("rare events, before and after they were added up", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await sendStarted(viewer, "Go", { clientMessageId: "same" });
    const repeat = () => send(viewer, "Go", { taskId, clientMessageId: "same" });
    await repeat();
    expect((await overview(t)).counters["idempotentHits"]).toBe(1);
    await t.mutation(internal.metrics.foldEvents, {});
    expect(await t.run((ctx) => ctx.db.query("events").collect())).toEqual([]);
    expect((await overview(t)).counters["idempotentHits"]).toBe(1);
    await repeat();
    expect((await overview(t)).counters["idempotentHits"]).toBe(2);
  });
});
