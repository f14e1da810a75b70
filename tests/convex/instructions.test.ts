/** Custom instructions: a person's for all chats and for one, and what the model is told of them. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { FakeProvider, runGenerator } from "./fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "./fakeTime.ts";
import {
  expectFailure,
  newChat,
  newViewer,
  playGenerator,
  sendStarted,
  viewerOf,
  type Viewer,
} from "./support.ts";

useFakeTime();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const get = (viewer: Viewer, taskId: Id<"tasks"> | null) => viewer.query(api.instructions.get, { taskId });
const set = (viewer: Viewer, taskId: Id<"tasks"> | null, text: string) =>
  viewer.mutation(api.instructions.set, { taskId, text });

/** A chat whose first answer has ended. */
async function chat() {
  const { t, viewer } = await newChat();
  const { taskId, runId } = await sendStarted(viewer, "One");
  const generator = playGenerator(t, runId);
  await generator.claim();
  await generator.complete("Two");
  return { t, viewer, taskId };
}

describe("instructions", () => {
  test("one text for all chats and one for each; the person's other devices see them; an empty one is deleted", async () => {
    const { t, viewer, taskId } = await chat();
    expect([await get(viewer, null), await get(viewer, taskId)]).toEqual(["", ""]);
    await set(viewer, null, "Be brief.");
    await set(viewer, taskId, "Talk like a pirate.");
    await set(viewer, taskId, "Talk like a pirate.\nAlways.");
    const device = viewerOf(t, viewer.userId);
    expect([await get(device, null), await get(device, taskId)]).toEqual([
      "Be brief.",
      "Talk like a pirate.\nAlways.",
    ]);
    await set(device, null, " \n");
    expect([await get(viewer, null), await get(viewer, taskId)]).toEqual([
      "",
      "Talk like a pirate.\nAlways.",
    ]);
    expect(await t.run(async (ctx) => (await ctx.db.query("instructions").collect()).length)).toBe(1);
  });

  test("what is too long is refused in words, and the old text stays", async () => {
    const { viewer, taskId } = await chat();
    await set(viewer, taskId, "x".repeat(4_000));
    const call = set(viewer, taskId, "y".repeat(4_001));
    await expectFailure(call, "INVALID_INPUT");
    await expect(call).rejects.toMatchObject({
      data: { message: "Instructions may have 4,000 characters; these have 4,001." },
    });
    expect(await get(viewer, taskId)).toBe("x".repeat(4_000));
  });

  test("[G11] a stranger neither reads nor changes them", async () => {
    const { t, viewer, taskId } = await chat();
    await set(viewer, null, "Mine");
    await set(viewer, taskId, "Mine too");
    const stranger = await newViewer(t);
    expect([await get(stranger, null), await get(stranger, taskId)]).toEqual(["", ""]);
    await expectFailure(set(stranger, taskId, "Theirs"), "NOT_FOUND");
    await expectFailure(set(stranger, taskId, ""), "NOT_FOUND");
    await set(stranger, null, "Theirs");
    expect([await get(viewer, null), await get(viewer, taskId)]).toEqual(["Mine", "Mine too"]);
  });

  test("a chat's go with it; those for all chats stay", async () => {
    const { t, viewer, taskId } = await chat();
    await set(viewer, null, "For all");
    await set(viewer, taskId, "For this one");
    await viewer.mutation(api.tasks.remove, { taskId });
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    const left = await t.run(async (ctx) =>
      (await ctx.db.query("instructions").collect()).map((row) => row.text),
    );
    expect(left).toEqual(["For all"]);
    await expectFailure(set(viewer, taskId, "Too late"), "NOT_FOUND");
  });
});

describe("the model's system prompt", () => {
  /** What the provider is sent as system prompt for the next answer. */
  async function systemPromptOf(
    viewer: Viewer,
    t: Awaited<ReturnType<typeof chat>>["t"],
    taskId: Id<"tasks"> | null,
  ) {
    const provider = new FakeProvider();
    const { runId } = await sendStarted(viewer, "Go", { taskId });
    const generation = runGenerator(t, runId);
    const request = await provider.request();
    request.say({ type: "text", text: "Done" }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    const system = request.body.messages?.filter(({ role }) => role === "system") ?? [];
    expect(system).toHaveLength(1);
    return String(system[0]?.content);
  }

  test("has the person's instructions, then the chat's; another chat's and another person's are not in it", async () => {
    const { t, viewer, taskId } = await chat();
    const other = await sendStarted(viewer, "Another chat");
    const stranger = await newViewer(t);
    const plain = await systemPromptOf(viewer, t, taskId);
    await set(viewer, null, "Be brief.");
    await set(viewer, taskId, "Talk like a pirate.");
    await set(viewer, other.taskId, "Not here.");
    await set(stranger, null, "Nor this.");
    const system = await systemPromptOf(viewer, t, taskId);
    expect(system.startsWith(plain)).toBe(true);
    expect(system.slice(plain.length)).toMatch(/^[^]+:\nBe brief\.\n\n[^]+:\nTalk like a pirate\.$/);
    expect(await systemPromptOf(viewer, t, null)).toMatch(/Be brief\.$/);
    expect(await systemPromptOf(stranger, t, null)).not.toContain("Be brief.");
  });

  test("is that of the run's beginning: the generator reads it with its input", async () => {
    const { t, viewer, taskId } = await chat();
    await set(viewer, taskId, "One");
    const { runId } = await sendStarted(viewer, "Go", { taskId });
    await t.mutation(internal.generation.claim, { runId, userId: null });
    expect(await t.query(internal.generation.runInput, { runId })).toMatchObject({
      instructions: { allChats: "", thisChat: "One", areWhole: false },
    });
  });
});
