/** [G16] Budgets of what models cost: nothing is asked that was not reserved, and every end settles what was. */
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { failureData } from "../../convex/shared/errors";
import { MICRODOLLARS, monthOf, renewalOf } from "../../convex/shared/spending";
import type { TestBackend } from "../helpers/backend.ts";
import { reply } from "./askedModel.ts";
import { FakeProvider, runGenerator } from "./fakeProvider.ts";
import { pass, until, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import {
  expectFailure,
  lastMessage,
  liveRun,
  newChat,
  newClientId,
  newViewer,
  playGenerator,
  recover,
  send,
  sendStarted,
  type Viewer,
} from "./support.ts";

useFakeTime();
let provider: FakeProvider;

beforeEach(() => {
  vi.setSystemTime(new Date("2026-11-10T12:00:00Z"));
  provider = new FakeProvider();
  vi.stubEnv("VERBATIM_MAX_RUNS_PER_PERSON", "100");
  vi.stubEnv("VERBATIM_LIVE_RUNS_PER_PERSON", "100");
  vi.stubEnv("VERBATIM_SENDS_PER_MINUTE", "1000");
  vi.stubEnv("VERBATIM_FOLLOW_UPS", "on");
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Dollars for a million tokens: millionths of a dollar for one. */
const PRICES = { input: 1, output: 2 };
const MONTH = "2026-11";

type Budgets = { person?: number; server?: number; personTokens?: number; serverTokens?: number };

/** A backend with these budgets, dollars and tokens, whose model has prices, or none. */
async function withBudgets(
  { person, server, personTokens, serverTokens }: Budgets,
  prices: typeof PRICES | null = PRICES,
) {
  const set = (name: string, value: number | undefined) => {
    if (value !== undefined) vi.stubEnv(`VERBATIM_BUDGET_${name}`, String(value));
  };
  set("DOLLARS_PER_PERSON", person);
  set("DOLLARS", server);
  set("TOKENS_PER_PERSON", personTokens);
  set("TOKENS", serverTokens);
  const chat = await newChat();
  const facts = { id: "test-model", contextLength: 16_384, maxOutput: 4_096, ...(prices && { prices }) };
  const lists = [{ provider: "openai", ids: [facts.id], facts: [facts] }];
  await chat.t.mutation(internal.models.keepOffered, { lists });
  return chat;
}

const spendings = (t: TestBackend, userId?: Id<"users">) =>
  t.run(async (ctx) =>
    (await ctx.db.query("spendings").collect()).filter(
      (row) => userId === undefined || row.userId === userId,
    ),
  );
const spendingOf = async (t: TestBackend, { userId }: Viewer) => {
  const [row] = await spendings(t, userId);
  if (!row) throw new Error("Nothing was reserved");
  return row;
};
const usages = (t: TestBackend) => t.run((ctx) => ctx.db.query("usages").collect());
const taken = async (t: TestBackend) =>
  (await t.run((ctx) => ctx.db.query("spendingShards").collect())).reduce((sum, row) => sum + row.taken, 0);

/** Ends a run as a generator does that was told what it took. */
async function finish(t: TestBackend, runId: string, usage: { inputTokens: number; outputTokens: number }) {
  await t.mutation(internal.generation.claim, { runId, userId: null });
  await t.mutation(internal.streamingResponses.completeStreamingResponse, {
    ...{ runId, last: { flushSeq: 1, parts: [{ type: "text", position: 0, text: "Done" }] }, usage },
    ...{ endReason: "finished", finishReason: "stop" },
  });
}

/** Sends at once; the runs that began, and the refusals. */
async function sendAll(viewers: readonly Viewer[], count: number) {
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, n) => send(viewers[n % viewers.length] as Viewer, `Prompt ${n}`)),
  );
  const runIds = results.flatMap((one) => (one.status === "fulfilled" ? (one.value.runId ?? []) : []));
  const refusals = results.flatMap((one) =>
    one.status === "rejected" ? (failureData(one.reason) ?? []) : [],
  );
  return { runIds, refusals };
}

describe("[G16] many sends at once", () => {
  test("fifty of one person reserve no more than the budget; the others are told what is left and when it renews", async () => {
    const { t, viewer } = await withBudgets({ person: 0.1 });
    // In cloud mode each of them is tried again for all the others, on one thread.
    const count = inject("engine") === "cloud" ? 25 : 50;
    const { runIds, refusals } = await sendAll([viewer], count);
    expect(runIds.length).toBeGreaterThan(5);
    expect(refusals).toHaveLength(count - runIds.length);
    const held = (await spendingOf(t, viewer)).reserved;
    expect(held).toBeLessThanOrEqual(100_000);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        ...{ code: "BUDGET_USED_UP", scope: "person" },
        budget: { unit: "money", left: 100_000 - held, held, renewsAt: Date.UTC(2026, 11, 1) },
      });
    }
    expect(refusals[0]?.message).toMatch(/Your budget .* used up.*\$0\.00.*1|December/);
    // What was refused has left nothing behind.
    expect(await t.run(async (ctx) => (await ctx.db.query("tasks").collect()).length)).toBe(runIds.length);
    for (const runId of runIds) await finish(t, runId, { inputTokens: 1_000, outputTokens: 500 });
    expect(await spendingOf(t, viewer)).toMatchObject({ reserved: 0, spent: runIds.length * 2_000 });
    await sendStarted(viewer, "There is room again");
  });

  test("round after round, ended by replies as long as allowed, Stop, crashes and errors: the sum never passes the budget, and all of it can be spent", async () => {
    const limit = 100_000;
    const { t, viewer } = await withBudgets({ person: limit / MICRODOLLARS });
    /** One end of each kind, in turn. Crashes come for all that are left. */
    const end = async (runId: string, n: number) => {
      if (n % 5 === 1) {
        await stop(runId);
        return;
      }
      await playGenerator(t, runId).claim();
      const none = { inputTokens: 0, cachedTokens: 0, outputTokens: 0 };
      const next = { spent: none, input: 1_500, leastOutput: 256, mostOutput: 4_096 };
      const allowance = await t.mutation(internal.generation.reserveForRequest, { runId, next });
      if (allowance.kind !== "allowed") throw new Error(`The request was not allowed: ${allowance.kind}`);
      const usage = { inputTokens: 1_500, outputTokens: allowance.output ?? 4_096 };
      if (n % 5 === 2) {
        await stop(runId);
        return;
      }
      if (n % 5 === 3) return;
      if (n % 5 === 4) {
        await t.mutation(internal.streamingResponses.errorStreamingResponse, {
          ...{
            runId,
            last: { flushSeq: 1, parts: [] },
            endReason: "providerError",
            errorMessage: "No",
            usage,
          },
        });
        return;
      }
      await finish(t, runId, usage);
    };
    const stop = async (runId: string) => {
      const runs = await t.run((ctx) => ctx.db.query("runs").collect());
      const taskId = runs.find((run) => run.runId === runId)?.taskId;
      if (taskId) await viewer.mutation(api.streaming.stopTask, { taskId });
    };
    let [rounds, refused] = [0, false];
    while (!refused) {
      rounds += 1;
      const { runIds, refusals } = await sendAll([viewer], 12);
      const spentBefore = (await spendingOf(t, viewer)).spent;
      for (const [n, runId] of runIds.entries()) {
        await end(runId, n);
        const { spent, reserved } = await spendingOf(t, viewer);
        expect(spent + reserved).toBeLessThanOrEqual(limit);
      }
      await pass(5_000, 5_000);
      await recover(t);
      const { spent, reserved } = await spendingOf(t, viewer);
      expect(reserved).toBe(0);
      expect(spent).toBeLessThanOrEqual(limit);
      refused = runIds.length === 0;
      if (refused) expect(refusals).toHaveLength(12);
      else expect(spent).toBeGreaterThan(spentBefore);
    }
    expect(rounds).toBeGreaterThan(2);
    const rows = await usages(t);
    const charged = rows.reduce((sum, row) => sum + (row.charged?.amount ?? 0), 0);
    expect((await spendingOf(t, viewer)).spent).toBe(charged);
    // Less is left than one more reply may take.
    expect(limit - charged).toBeLessThan(2_000 + 2 * 4_096 + 4_096);
  });

  test("of many people take no more of the server's budget than there is, and its shards say the same", async () => {
    const { t, viewer } = await withBudgets({ server: 0.5 });
    const people = [viewer];
    while (people.length < 10) people.push(await newViewer(t));
    const { runIds, refusals } = await sendAll(people, 100);
    expect(runIds.length).toBeGreaterThan(15);
    for (const { code, scope } of refusals) expect([code, scope]).toEqual(["BUDGET_USED_UP", "server"]);
    const check = async () => {
      const rows = await spendings(t);
      const allotted = rows.reduce((sum, row) => sum + row.allotted, 0);
      for (const row of rows) expect(row.spent + row.reserved).toBeLessThanOrEqual(row.allotted);
      expect(await taken(t)).toBe(allotted);
      expect(allotted).toBeLessThanOrEqual(500_000);
    };
    await check();
    for (const runId of runIds) await finish(t, runId, { inputTokens: 100, outputTokens: 100 });
    await check();
    // What is idle goes back, and then everybody finds some.
    await pass(400_000, 60_000);
    await t.mutation(internal.budgets.rebalance, {});
    expect(await taken(t)).toBe(runIds.length * 300);
    for (const person of people) await sendStarted(person, "Once more");
    await check();
  });

  test("of a comparison each answer is paid for, or none is begun", async () => {
    const { t, viewer } = await withBudgets({ person: 0.025 });
    const compare = (models: string[]) =>
      viewer.mutation(api.messages.compare, {
        ...{ taskId: null, clientMessageId: newClientId(), content: "Which?", models },
      });
    vi.stubEnv("VERBATIM_MODELS", "");
    const facts = ["test-model", "b", "c"].map((id) => ({ id, prices: PRICES, contextLength: 16_384 }));
    await t.mutation(internal.models.keepOffered, {
      lists: [{ provider: "openai", ids: facts.map(({ id }) => id), facts }],
    });
    await expectFailure(compare(["test-model", "b", "c"]), "BUDGET_USED_UP");
    expect(await spendings(t)).toEqual([]);
    const { variants } = await compare(["test-model", "b"]);
    expect(variants).toHaveLength(2);
    expect((await spendingOf(t, viewer)).reserved).toBeGreaterThan(20_000);
  });
});

describe("[G16] every end settles what was reserved", () => {
  const PROMPT = "Hello";
  /** A run whose generator asks the fake provider. */
  async function asking(budgets: Budgets = { person: 1 }, prices: typeof PRICES | null = PRICES) {
    const chat = await withBudgets(budgets, prices);
    const sent = await sendStarted(chat.viewer, PROMPT);
    const generation = runGenerator(chat.t, sent.runId);
    const request = await provider.request();
    return { ...chat, ...sent, generation, request };
  }

  test("a reply: what its server counted", async () => {
    const { t, viewer, request, generation } = await asking();
    const held = (await spendingOf(t, viewer)).reserved;
    expect(held).toBeGreaterThan(2 * 4_096);
    expect(request.body).toMatchObject({ max_tokens: 4_096 });
    const choices = [{ index: 0, delta: { content: "Done" }, finish_reason: "stop" }];
    const usage = { prompt_tokens: 700, completion_tokens: 40 };
    request.raw(`data: ${JSON.stringify({ id: "1", choices, usage })}\n\ndata: [DONE]\n\n`);
    request.close();
    await whileTimePasses(generation);
    expect(await spendingOf(t, viewer)).toMatchObject({ reserved: 0, spent: 780 });
  });

  test("a reply whose server does not count: an estimate, which is marked as one", async () => {
    const { t, viewer, request, generation } = await asking();
    const choices = [{ index: 0, delta: { content: "word ".repeat(100) }, finish_reason: "stop" }];
    request.raw(`data: ${JSON.stringify({ id: "1", choices })}\n\ndata: [DONE]\n\n`);
    request.close();
    await whileTimePasses(generation);
    const [row] = await usages(t);
    expect(row?.usage?.isEstimated).toBe(true);
    expect(row?.usage?.outputTokens).toBeGreaterThanOrEqual(100);
    const { reserved, spent } = await spendingOf(t, viewer);
    expect([reserved, spent]).toEqual([
      0,
      (row?.usage?.inputTokens ?? 0) + 2 * (row?.usage?.outputTokens ?? 0),
    ]);
    const { sum } = await viewer.query(api.usage.since, { from: 0, before: null });
    expect(sum).toMatchObject({ runs: 1, untold: 0, estimated: 1 });
  });

  test("Stop: the bound at first, then what the generator tells", async () => {
    const { t, viewer, taskId, request, generation } = await asking();
    request.text("word ".repeat(50));
    await pass(1_000);
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const atFirst = await spendingOf(t, viewer);
    expect(atFirst.reserved).toBe(0);
    expect(atFirst.spent).toBeGreaterThan(0);
    await whileTimePasses(generation);
    const { spent } = await spendingOf(t, viewer);
    const [row] = await usages(t);
    expect(row?.usage).toMatchObject({ isEstimated: true });
    expect(row?.charged?.amount).toBe(spent);
    expect(spent).toBe((row?.usage?.inputTokens ?? 0) + 2 * (row?.usage?.outputTokens ?? 0));
    expect(spent).toBeLessThan(atFirst.spent);
  });

  test("Stop of a model that thinks unseen: thoughts are charged by time, so that stopping early is not free", async () => {
    const { t, viewer, taskId, generation } = await asking();
    await pass(20_000, 1_000);
    await viewer.mutation(api.streaming.stopTask, { taskId });
    await whileTimePasses(generation);
    const { spent } = await spendingOf(t, viewer);
    expect(spent).toBeGreaterThan(2 * 15 * 200);
  });

  test("Stop while it waits: nothing", async () => {
    const { t, viewer } = await withBudgets({ person: 1 });
    const { taskId } = await sendStarted(viewer, PROMPT);
    await viewer.mutation(api.streaming.stopTask, { taskId });
    expect(await spendingOf(t, viewer)).toMatchObject({ reserved: 0, spent: 0 });
  });

  test("a crash: as much as can have been, never more than was reserved", async () => {
    const { t, viewer } = await withBudgets({ person: 1 });
    const { runId } = await sendStarted(viewer, PROMPT);
    await playGenerator(t, runId).claim();
    const next = { spent: { inputTokens: 0, cachedTokens: 0, outputTokens: 0 }, input: 1_000 };
    const allowance = await t.mutation(internal.generation.reserveForRequest, {
      runId,
      next: { ...next, leastOutput: 256, mostOutput: 4_096 },
    });
    expect(allowance).toEqual({ kind: "allowed", output: 4_096 });
    const held = (await spendingOf(t, viewer)).reserved;
    await pass(10_000, 1_000);
    await recover(t);
    const { spent, reserved } = await spendingOf(t, viewer);
    expect(reserved).toBe(0);
    expect(spent).toBeGreaterThanOrEqual(1_000 + 2 * 10 * 200);
    expect(spent).toBeLessThanOrEqual(held);
  });

  test("Stop between the claim and the request: no request is made, and nothing is charged", async () => {
    const { t, viewer } = await withBudgets({ person: 1 });
    const { runId, taskId } = await sendStarted(viewer, PROMPT);
    const generation = runGenerator(t, runId, {
      intercept: async (name, call) => {
        if (name.endsWith("reserveForRequest")) await viewer.mutation(api.streaming.stopTask, { taskId });
        return await call();
      },
    });
    await whileTimePasses(generation);
    expect(provider.requests).toHaveLength(0);
    expect(await lastMessage(viewer, taskId)).toMatchObject({ endReason: "stopped" });
    expect(await spendingOf(t, viewer)).toMatchObject({ reserved: 0, spent: 0 });
  });

  test("a reply that the person's own key pays is charged to nobody", async () => {
    vi.stubEnv("VERBATIM_KEY_SECRET", "a".repeat(64));
    const { t, viewer } = await withBudgets({ person: 0, server: 0 });
    await expectFailure(send(viewer, PROMPT), "BUDGET_USED_UP");
    await t.mutation(internal.keys.store, {
      ...{ userId: viewer.userId, providerId: "openai", lastFour: "1234" },
      sealed: { secretId: "none", iv: new ArrayBuffer(12), bytes: new ArrayBuffer(32) },
    });
    const { runId } = await sendStarted(viewer, PROMPT);
    await finish(t, runId, { inputTokens: 100, outputTokens: 100 });
    expect(await spendings(t)).toEqual([]);
    // Once it is gone, nothing is asked with the owner's.
    const other = await sendStarted(viewer, PROMPT);
    await viewer.mutation(api.keys.remove, { providerId: "openai" });
    await whileTimePasses(runGenerator(t, other.runId));
    expect(provider.requests).toHaveLength(0);
    expect(await lastMessage(viewer, other.taskId)).toMatchObject({ problem: { kind: "budget" } });
  });

  test("a refusal of the server, and a crash before anything was asked: nothing", async () => {
    const { t, viewer, request, generation } = await asking();
    request.refuse(401, { error: { message: "no such key" } });
    await whileTimePasses(generation);
    expect(await spendingOf(t, viewer)).toMatchObject({ reserved: 0, spent: 0 });
    const { runId } = await sendStarted(viewer, PROMPT);
    await playGenerator(t, runId).claim();
    await recover(t);
    expect(await spendingOf(t, viewer)).toMatchObject({ reserved: 0, spent: 0 });
    expect(await usages(t)).toHaveLength(1);
  });

  test("a broken stream: what was sent and what came", async () => {
    const { t, viewer, request, generation } = await asking();
    request.text("Half an answ");
    request.drop();
    await whileTimePasses(generation);
    const { reserved, spent } = await spendingOf(t, viewer);
    expect(reserved).toBe(0);
    expect(spent).toBeGreaterThan(0);
  });

  test("a run that is set aside", async () => {
    const { t, viewer } = await withBudgets({ person: 1 });
    const { runId, assistantMessageId } = await sendStarted(viewer, PROMPT);
    await playGenerator(t, runId).claim();
    await t.run((ctx) => ctx.db.delete("chatMessages", assistantMessageId));
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    await recover(t);
    expect(await spendingOf(t, viewer)).toMatchObject({ reserved: 0 });
  });

  test("a reply is as long as what is left pays, and none is begun for less", async () => {
    const { t, viewer, request, generation } = await asking({ person: 0.0125 });
    const { max_tokens: longest } = request.body as { max_tokens?: number };
    expect(longest).toBe(4_096);
    reply(request, "Done");
    await whileTimePasses(generation);
    // Another model of the same price, but a longer context: its first request is too large.
    await t.run(async (ctx) => {
      const row = (await ctx.db.query("spendings").collect())[0];
      if (row) await ctx.db.patch("spendings", row._id, { spent: 12_400 });
    });
    await expectFailure(send(viewer, "More"), "BUDGET_USED_UP");
  });

  test("a request beyond what is left is not made, and the reply says so", async () => {
    const { t, viewer } = await withBudgets({ person: 0.0115 });
    const { runId, taskId } = await sendStarted(viewer, PROMPT);
    // Instructions that are set after the send make its request larger than what was reserved for it.
    await viewer.mutation(api.instructions.set, { taskId: null, text: "漢字".repeat(2_000) });
    await viewer.mutation(api.instructions.set, { taskId, text: "漢字".repeat(2_000) });
    vi.stubEnv("VERBATIM_BUDGET_DOLLARS_PER_PERSON", "0.0115");
    await t.run(async (ctx) => {
      const row = (await ctx.db.query("spendings").collect())[0];
      if (row) await ctx.db.patch("spendings", row._id, { spent: 1_200 });
      const run = (await ctx.db.query("runs").collect())[0];
      if (run?.reserved) await ctx.db.patch("runs", run._id, { reserved: { ...run.reserved, amount: 900 } });
    });
    await whileTimePasses(runGenerator(t, runId));
    expect(provider.requests).toHaveLength(0);
    expect(await lastMessage(viewer, taskId)).toMatchObject({ problem: { kind: "budget" } });
  });
});

describe("[G16] prices that are not known", () => {
  test("of a server of one's own: tokens are charged, and dollars are not", async () => {
    const { t, viewer } = await withBudgets({ person: 0, personTokens: 20_000 }, null);
    const { runId } = await sendStarted(viewer, "Hi");
    await finish(t, runId, { inputTokens: 14_000, outputTokens: 400 });
    expect(await spendingOf(t, viewer)).toMatchObject({ unit: "tokens", spent: 14_400, reserved: 0 });
    await expectFailure(send(viewer, "More"), "BUDGET_USED_UP");
  });

  test("of a paid service: as the dearest known model, so that a new one is no way around", async () => {
    provider = new FakeProvider("responses");
    const { t, viewer } = await withBudgets({ person: 1 }, null);
    const { runId } = await sendStarted(viewer, "Hi");
    await finish(t, runId, { inputTokens: 10_000, outputTokens: 1_000 });
    expect(await spendingOf(t, viewer)).toMatchObject({ unit: "money", spent: 225_000 });
  });

  test("a budget that is no number allows nothing", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.stubEnv("VERBATIM_BUDGET_DOLLARS", "twenty");
    const { viewer } = await withBudgets({});
    await expectFailure(send(viewer, "Hi"), "BUDGET_USED_UP");
  });

  test("without any budget nothing is reserved or written", async () => {
    const { t, viewer } = await withBudgets({});
    const { runId } = await sendStarted(viewer, "Hi");
    await finish(t, runId, { inputTokens: 1, outputTokens: 1 });
    expect(await spendings(t)).toEqual([]);
    expect(await taken(t)).toBe(0);
  });
});

describe("[G16] a month, and budgets that change", () => {
  test("a used-up budget renews with the month; a run that was begun before is charged to its own month", async () => {
    const { t, viewer } = await withBudgets({ person: 0.022, server: 1 });
    vi.setSystemTime(new Date("2026-11-30T23:59:50Z"));
    const first = await sendStarted(viewer, "Late in November");
    await finish(t, first.runId, { inputTokens: 1_000, outputTokens: 1_000 });
    const live = await sendStarted(viewer, "Over midnight");
    await expectFailure(send(viewer, "Too much"), "BUDGET_USED_UP");
    vi.setSystemTime(new Date("2026-12-01T00:00:01Z"));
    await sendStarted(viewer, "A new month");
    await finish(t, live.runId, { inputTokens: 500, outputTokens: 500 });
    const rows = await spendings(t);
    expect(rows.find(({ month }) => month === MONTH)).toMatchObject({ spent: 4_500, reserved: 0 });
    expect(rows.find(({ month }) => month === "2026-12")).toMatchObject({ spent: 0 });
    expect(renewalOf("2026-12")).toBe(Date.UTC(2027, 0, 1));
    expect(monthOf(renewalOf("2026-12"))).toBe("2027-01");
  });

  test("a budget that begins to hold in mid-month counts what was spent before", async () => {
    const { t, viewer } = await withBudgets({});
    const owner = await makeOwner(t, viewer);
    const { runId } = await sendStarted(viewer, "Hi");
    await t.mutation(internal.generation.claim, { runId, userId: null });
    await t.mutation(internal.streamingResponses.completeStreamingResponse, {
      ...{ runId, last: { flushSeq: 1, parts: [] }, endReason: "finished", finishReason: "stop" },
      usage: { inputTokens: 40_000, outputTokens: 5_000 },
      request: { contextFrom: 0, isCut: false, prices: PRICES },
    });
    await owner.mutation(api.budgets.set, { limits: limits(null, 0.055) });
    await expectFailure(send(viewer, "More"), "BUDGET_USED_UP");
    await owner.mutation(api.budgets.set, { limits: limits(null, 0.07) });
    await sendStarted(viewer, "A little more");
    expect(await spendingOf(t, viewer)).toMatchObject({ spent: 50_000 });
  });

  test("lowered while live: the run ends as it would, no other begins; raised again, they do", async () => {
    const { t, viewer } = await withBudgets({});
    const owner = await makeOwner(t, viewer);
    const other = await newViewer(t);
    await owner.mutation(api.budgets.set, { limits: limits(1, 0.5) });
    const live = await sendStarted(other, "Hi");
    await owner.mutation(api.budgets.set, { limits: limits(0.005, 0.5) });
    await expectFailure(send(other, "More"), "BUDGET_USED_UP");
    await expectFailure(send(viewer, "Me too"), "BUDGET_USED_UP");
    await finish(t, live.runId, { inputTokens: 1_000, outputTokens: 100 });
    expect(await spendingOf(t, other)).toMatchObject({ spent: 1_200, reserved: 0 });
    await owner.mutation(api.budgets.set, { limits: limits(1, 0.5) });
    await sendStarted(other, "More");
    await sendStarted(viewer, "Me too");
  });

  test("one person's own budget goes before everybody's, and the owner alone sets any", async () => {
    const { t, viewer } = await withBudgets({ person: 0 });
    const owner = await makeOwner(t, await newViewer(t));
    await expectFailure(send(viewer, "Hi"), "BUDGET_USED_UP");
    const limit = { dollars: 1, tokens: null };
    await expectFailure(
      viewer.mutation(api.budgets.setForPerson, { userId: viewer.userId, limit }),
      "NOT_ALLOWED",
    );
    await expectFailure(viewer.mutation(api.budgets.set, { limits: null }), "NOT_ALLOWED");
    await expectFailure(viewer.query(api.budgets.list, {}), "NOT_ALLOWED");
    await expectFailure(viewer.query(api.budgets.spent, { from: 0, before: null }), "NOT_ALLOWED");
    await owner.mutation(api.budgets.setForPerson, { userId: viewer.userId, limit });
    const { runId } = await sendStarted(viewer, "Hi");
    await finish(t, runId, { inputTokens: 10, outputTokens: 10 });
    expect(await viewer.query(api.budgets.mine, { month: MONTH })).toEqual({
      budgets: [{ unit: "money", limit: MICRODOLLARS, spent: 30, reserved: 0 }],
      ...{ server: null, renewsAt: Date.UTC(2026, 11, 1) },
    });
    const { people } = await owner.query(api.budgets.spent, { from: 0, before: null });
    expect(people).toEqual([{ userId: viewer.userId, dollars: 0.00003, tokens: 0 }]);
    expect((await owner.query(api.budgets.list, {})).people).toEqual([{ userId: viewer.userId, limit }]);
    await owner.mutation(api.budgets.setForPerson, { userId: viewer.userId, limit: null });
    await expectFailure(send(viewer, "More"), "BUDGET_USED_UP");
    const wrong = { dollars: -1, tokens: null };
    await expectFailure(
      owner.mutation(api.budgets.setForPerson, { userId: viewer.userId, limit: wrong }),
      "INVALID_INPUT",
    );
    await expectFailure(viewer.query(api.budgets.mine, { month: "soon" }), "INVALID_INPUT");
  });

  test("a person who is deleted while a run of theirs is live breaks nothing", async () => {
    const { t, viewer } = await withBudgets({ person: 1, server: 1 });
    const { runId } = await sendStarted(viewer, "Hi");
    await t.run(async (ctx) => {
      for (const { _id } of await ctx.db.query("spendings").collect()) await ctx.db.delete("spendings", _id);
    });
    await finish(t, runId, { inputTokens: 10, outputTokens: 10 });
    expect(await spendings(t)).toEqual([]);
    expect((await lastMessageOf(t)).endReason).toBe("finished");
  });

  test("the page is told when the server's budget nears its end", async () => {
    const { t, viewer } = await withBudgets({ server: 0.1 });
    const level = async () => (await viewer.query(api.budgets.mine, { month: MONTH })).server;
    const { runIds } = await sendAll([viewer], 50);
    await t.mutation(internal.budgets.rebalance, {});
    expect(["low", "usedUp"]).toContain(await level());
    for (const runId of runIds) await finish(t, runId, { inputTokens: 10, outputTokens: 10 });
    await pass(60_000, 10_000);
    await t.mutation(internal.budgets.rebalance, {});
    expect(await level()).toBeNull();
  });
});

describe("[G16] what is asked beside answers, and what waits", () => {
  test("a title and follow-ups are charged and in the month's usage, not in the answer's", async () => {
    provider = new FakeProvider("chat", "on");
    const { t, viewer } = await withBudgets({ person: 1 });
    const { runId, assistantMessageId: messageId } = await sendStarted(viewer, "How are you?");
    await finish(t, runId, { inputTokens: 10, outputTokens: 10 });
    await pass(20);
    reply(await provider.request(), "A Greeting");
    await until(async () => (await usages(t)).length === 2);
    await viewer.mutation(api.followUps.request, { messageId });
    await pass(20);
    reply(await provider.request(1), "- And you?\n- Why?");
    await until(async () => (await usages(t)).length === 3);
    const rows = await usages(t);
    expect(rows.map(({ kind }) => kind)).toEqual([undefined, "title", "followUps"]);
    const { spent, reserved } = await spendingOf(t, viewer);
    expect(reserved).toBe(0);
    expect(spent).toBe(rows.reduce((sum, { charged }) => sum + (charged?.amount ?? 0), 0));
    const ofAnswer = await viewer.query(api.usage.ofAnswer, { messageId });
    const { sum } = await viewer.query(api.usage.since, { from: 0, before: null });
    expect(ofAnswer.inputTokens).toBe(10);
    expect(sum.inputTokens).toBeGreaterThan(10);
    expect(sum.runs).toBe(1);
  });

  test("they are skipped without a word when too little is left", async () => {
    provider = new FakeProvider("chat", "on");
    const { t, viewer } = await withBudgets({ person: 0.0115 });
    const { runId, assistantMessageId: messageId, taskId } = await sendStarted(viewer, "How are you?");
    await finish(t, runId, { inputTokens: 2_000, outputTokens: 0 });
    await viewer.mutation(api.followUps.request, { messageId });
    await pass(5_000, 1_000);
    expect(provider.requests).toHaveLength(0);
    expect(await viewer.query(api.followUps.get, { taskId })).toBeNull();
    expect(await spendingOf(t, viewer)).toMatchObject({ reserved: 0, spent: 2_000 });
  });

  test("a question whose action died is charged as much as it can have been", async () => {
    provider = new FakeProvider("chat", "on");
    const { t, viewer } = await withBudgets({ person: 1 });
    const { runId } = await sendStarted(viewer, "How are you?");
    await finish(t, runId, { inputTokens: 10, outputTokens: 10 });
    const held = (await spendingOf(t, viewer)).reserved;
    expect(held).toBeGreaterThan(0);
    await t.run(async (ctx) => {
      for (const { _id } of await ctx.db.query("asks").collect()) {
        await ctx.db.patch("asks", _id, { startedAt: Date.now() - 200_000 });
      }
    });
    await t.mutation(internal.asks.startNext, {});
    const { spent, reserved } = await spendingOf(t, viewer);
    expect(reserved).toBe(0);
    expect(spent).toBeGreaterThan(30);
    expect(spent).toBeLessThanOrEqual(30 + held);
  });

  test("[G13] a queued prompt for which too little is left waits, held, until there is more", async () => {
    const { t, viewer } = await withBudgets({ person: 0.0115 });
    const owner = await makeOwner(t, await newViewer(t));
    const { runId, taskId } = await sendStarted(viewer, "First");
    await send(viewer, "Second", { taskId, whenBusy: "queue" });
    await finish(t, runId, { inputTokens: 5_000, outputTokens: 0 });
    const queue = () => viewer.query(api.queue.list, { taskId });
    expect((await queue()).map(({ content }) => content)).toEqual(["Second"]);
    expect(await viewer.query(api.tasks.get, { taskId })).toMatchObject({
      status: "IDLE",
      queuePaused: true,
    });
    expect(await lastMessage(viewer, taskId)).toMatchObject({ endReason: "finished" });
    await expectFailure(viewer.mutation(api.queue.resume, { taskId }), "BUDGET_USED_UP");
    expect(await queue()).toHaveLength(1);
    await owner.mutation(api.budgets.set, { limits: limits(null, 1) });
    await viewer.mutation(api.queue.resume, { taskId });
    expect(await queue()).toHaveLength(0);
    expect(await liveRun(t, taskId)).not.toBeNull();
  });

  test("retry, edit and Continue are refused like a send, and leave the chat as it was", async () => {
    const { t, viewer } = await withBudgets({ person: 0.0115 });
    const { runId, taskId, promptMessageId, assistantMessageId: messageId } = await sendStarted(viewer, "Hi");
    await t.mutation(internal.generation.claim, { runId, userId: null });
    await t.mutation(internal.streamingResponses.completeStreamingResponse, {
      ...{ runId, last: { flushSeq: 1, parts: [{ type: "text", position: 0, text: "Half" }] } },
      ...{
        endReason: "lengthLimit",
        finishReason: "length",
        usage: { inputTokens: 5_000, outputTokens: 10 },
      },
    });
    const clientMessageId = newClientId();
    const { messages } = api;
    await expectFailure(
      viewer.mutation(messages.regenerate, { messageId, clientMessageId }),
      "BUDGET_USED_UP",
    );
    await expectFailure(
      viewer.mutation(messages.continueAnswer, { messageId, clientMessageId }),
      "BUDGET_USED_UP",
    );
    const edit = { messageId: promptMessageId, clientMessageId, content: "Hello" };
    await expectFailure(viewer.mutation(messages.edit, edit), "BUDGET_USED_UP");
    expect(await lastMessage(viewer, taskId)).toMatchObject({ _id: messageId, endReason: "lengthLimit" });
    expect(await spendingOf(t, viewer)).toMatchObject({ reserved: 0, spent: 5_020 });
  });
});

const limits = (server: number | null, person: number | null) => ({
  server: { dollars: server, tokens: null },
  person: { dollars: person, tokens: null },
});

async function makeOwner(t: TestBackend, viewer: Viewer): Promise<Viewer> {
  await t.run((ctx) => ctx.db.insert("people", { userId: viewer.userId, role: "owner" }));
  return viewer;
}

async function lastMessageOf(t: TestBackend) {
  const messages = await t.run((ctx) => ctx.db.query("chatMessages").collect());
  const last = messages.at(-1);
  if (!last) throw new Error("There is no message");
  return last;
}
