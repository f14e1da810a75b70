/** `metrics.overview` computes the invariants from the rows: each kind of damage is seen. */
import { describe, expect, test, vi } from "vitest";
import { internal } from "../../convex/_generated/api";
import { useFakeTime } from "./fakeTime.ts";
import { expectInvariants, newChat, overview, playGenerator, sendStarted } from "./support.ts";

useFakeTime();

async function running() {
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Go");
  await playGenerator(t, sent.runId).claim();
  await expectInvariants(t);
  return { t, viewer, ...sent };
}

type Backend = Awaited<ReturnType<typeof running>>["t"];

/** A second row like the first of a table. */
async function double(
  t: Backend,
  table: "chatMessages" | "generationLocks",
  pick: "USER" | "ASSISTANT" | null,
) {
  await t.run(async (ctx) => {
    if (table === "generationLocks") {
      const lock = await ctx.db.query(table).first();
      if (!lock) throw new Error("There is no lock");
      const { _id, _creationTime, ...row } = lock;
      await ctx.db.insert(table, { ...row, runId: "another" });
      return;
    }
    const message = (await ctx.db.query(table).collect()).find(({ role }) => role === pick);
    if (!message) throw new Error("There is no such message");
    const { _id, _creationTime, ...row } = message;
    await ctx.db.insert(table, row);
  });
}

async function deleteOne(t: Backend, table: "generationLocks" | "streamingResponses") {
  await t.run(async (ctx) => {
    const row = await ctx.db.query(table).first();
    if (row) await ctx.db.delete(row._id);
  });
}

describe("metrics.overview sees", () => {
  test.each([
    [
      "a second prompt for one key",
      (t: Backend) => double(t, "chatMessages", "USER"),
      { duplicatePrompts: 1 },
    ],
    [
      "a second answer for one variant",
      (t: Backend) => double(t, "chatMessages", "ASSISTANT"),
      { duplicateAnswers: 1 },
    ],
    [
      "a live message and a run without a lock",
      (t: Backend) => deleteOne(t, "generationLocks"),
      { liveMessagesWithoutLock: 1, runsWithoutLock: 1 },
    ],
    ["a lock without a run", (t: Backend) => deleteOne(t, "streamingResponses"), { locksWithoutRun: 1 }],
    [
      "a chat that is locked twice",
      (t: Backend) => double(t, "generationLocks", null),
      { tasksLockedTwice: 1, locksWithoutLiveMessage: 1, locksWithoutRun: 1 },
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

  test("durations in bounds, and nothing where there was nothing", async () => {
    const { t } = await running();
    expect((await overview(t)).stopLatency).toEqual({ count: 0, p50Ms: null, p95Ms: null });
    for (const ms of [10, 20, 30, 40, 900])
      await t.mutation(internal.metrics.record, { name: "stopLatency", ms });
    expect((await overview(t)).stopLatency).toEqual({ count: 5, p50Ms: 50, p95Ms: 1_000 });
  });
});
