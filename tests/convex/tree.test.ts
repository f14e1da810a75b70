/** The versions of a chat as a map, and new chats that are branched off: nothing is lost, nothing is doubled, long chats hold no limit. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { textOf } from "../../convex/shared/parts";
import { pass, useFakeTime } from "./fakeTime.ts";
import {
  expectFailure,
  expectInvariants,
  listMessages,
  newChat,
  newClientId,
  newViewer,
  playGenerator,
  sendStarted,
  textShown,
  type Viewer,
} from "./support.ts";
import type { TestBackend } from "../helpers/backend.ts";

useFakeTime();
beforeEach(() => {
  vi.stubEnv("VERBATIM_SENDS_PER_MINUTE", "1000");
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function exchange(
  t: TestBackend,
  viewer: Viewer,
  prompt: string,
  reply: string,
  taskId: Id<"tasks"> | null = null,
) {
  const sent = await sendStarted(viewer, prompt, { taskId });
  const generator = playGenerator(t, sent.runId);
  await generator.claim();
  await generator.complete(reply);
  return sent;
}

const branchOff = (viewer: Viewer, messageId: Id<"chatMessages">, clientMessageId = newClientId()) =>
  viewer.mutation(api.messages.branchOff, { messageId, clientMessageId, title: "Branch of it" });

const wordsOf = async (viewer: Viewer, taskId: Id<"tasks">) =>
  (await listMessages(viewer, taskId)).map(({ parts }) => textOf(parts));

describe("a branch", () => {
  test("has all that led to the reply and goes on by itself; the other chat is as it was", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await exchange(t, viewer, "one", "eins");
    const second = await exchange(t, viewer, "two", "zwei", taskId);
    await exchange(t, viewer, "three", "drei", taskId);
    const branch = await branchOff(viewer, second.assistantMessageId);
    expect(await wordsOf(viewer, branch.taskId)).toEqual(["one", "eins", "two", "zwei"]);
    const copied = await listMessages(viewer, branch.taskId);
    expect(copied.slice(1).map(({ parentMessageId }) => parentMessageId)).toEqual(
      copied.slice(0, -1).map(({ _id }) => _id),
    );
    expect(copied[3]?.promptMessageId).toBe(copied[2]?._id);
    await exchange(t, viewer, "four", "vier", branch.taskId);
    expect(await wordsOf(viewer, branch.taskId)).toEqual(["one", "eins", "two", "zwei", "four", "vier"]);
    expect(await wordsOf(viewer, taskId)).toEqual(["one", "eins", "two", "zwei", "three", "drei"]);
    await expectInvariants(t);
  });

  test("[G1, G2] is made once for one clientMessageId", async () => {
    const { t, viewer } = await newChat();
    const { assistantMessageId } = await exchange(t, viewer, "one", "eins");
    const first = await branchOff(viewer, assistantMessageId, "key");
    expect(await branchOff(viewer, assistantMessageId, "key")).toEqual({
      taskId: first.taskId,
      reused: true,
    });
    expect(first.reused).toBe(false);
  });

  test("[G10, G11] of a long chat it is made in batches, the newest messages first; a stranger's is refused", async () => {
    const { t, viewer } = await newChat();
    const { taskId, assistantMessageId } = await exchange(t, viewer, "first", "reply");
    const last = await t.run(async (ctx) => {
      const reply = await ctx.db.get("chatMessages", assistantMessageId);
      if (!reply) throw new Error("There is no reply");
      const { _id, _creationTime, ...row } = reply;
      let parentMessageId = _id;
      for (let i = 0; i < 120; i++) {
        const sequence = row.sequence + 1 + i;
        const parts = [{ type: "text" as const, position: 0, text: `message ${i}` }];
        const role = i % 2 === 0 ? ("USER" as const) : ("ASSISTANT" as const);
        parentMessageId = await ctx.db.insert("chatMessages", {
          ...row,
          ...{ sequence, parts, role, parentMessageId },
          ...(role === "ASSISTANT" && { promptMessageId: parentMessageId }),
        });
      }
      await ctx.db.patch("tasks", taskId, { nextSequence: row.sequence + 121 });
      return parentMessageId;
    });
    const branch = await branchOff(viewer, last);
    expect((await wordsOf(viewer, branch.taskId)).at(-1)).toBe("message 119");
    expect(await wordsOf(viewer, branch.taskId)).toHaveLength(40);
    // It can be gone on with before all is there.
    await sendStarted(viewer, "At once", { taskId: branch.taskId });
    await pass(1_000);
    const all = await t.run((ctx) =>
      ctx.db
        .query("chatMessages")
        .withIndex("by_task_path", (q) => q.eq("taskId", branch.taskId).eq("onPath", true))
        .collect(),
    );
    expect(all).toHaveLength(124);
    expect(all.slice(1).map(({ parentMessageId }) => parentMessageId)).toEqual(
      all.slice(0, -1).map(({ _id }) => _id),
    );
    await expectFailure(branchOff(await newViewer(t), last), "NOT_FOUND");
  });

  test("[G9] a long answer comes with all its words, also when it is continued there", async () => {
    const { t, viewer } = await newChat();
    const sent = await sendStarted(viewer, "Long");
    const generator = playGenerator(t, sent.runId);
    await generator.claim();
    let words = "";
    for (let i = 0; i < 60; i++) {
      const piece = `${i} ${"x".repeat(20_000)} `;
      words += piece;
      await generator.flush(piece);
    }
    await viewer.mutation(api.streaming.stopTask, { taskId: sent.taskId });
    const { taskId } = await branchOff(viewer, sent.assistantMessageId);
    await pass(1_000);
    const copied = (await listMessages(viewer, taskId))[1];
    if (!copied) throw new Error("The answer was not copied");
    expect(await textShown(viewer, copied)).toBe(words);
    const again = await viewer.mutation(api.messages.continueAnswer, {
      ...{ messageId: copied._id, clientMessageId: newClientId() },
    });
    const next = playGenerator(t, again.runId ?? "");
    await next.claim();
    next.startAt((await t.query(internal.generation.runInput, { runId: again.runId ?? "" }))?.flushSeq ?? 0);
    await next.complete("the end");
    const whole = (await listMessages(viewer, taskId))[1];
    expect(whole && (await textShown(viewer, whole))).toBe(`${words}the end`);
    await expectInvariants(t);
  });

  test("[G17] its files are the same bytes, which stay until the last chat that has them is deleted", async () => {
    const { t, viewer } = await newChat();
    const { taskId, promptMessageId, assistantMessageId } = await exchange(t, viewer, "Look", "I see");
    const storageId = await t.run((ctx) => ctx.storage.store(new Blob(["bytes"], { type: "text/plain" })));
    await t.run(async (ctx) => {
      const { userId } = viewer;
      const file = { filename: "a.txt", mediaType: "text/plain", size: 5 };
      const attachmentId = await ctx.db.insert("attachments", {
        ...file,
        userId,
        taskId,
        state: "sent",
        storageId,
      });
      const prompt = await ctx.db.get("chatMessages", promptMessageId);
      const part = { type: "file" as const, position: 1, ...file, attachmentId };
      await ctx.db.patch("chatMessages", promptMessageId, { parts: [...(prompt?.parts ?? []), part] });
    });
    const branch = await branchOff(viewer, assistantMessageId);
    const exists = () => t.run(async (ctx) => (await ctx.db.system.get("_storage", storageId)) !== null);
    const purge = async (gone: Id<"tasks">) => {
      await viewer.mutation(api.tasks.remove, { taskId: gone });
      for (let i = 0; i < 10; i++) await t.mutation(internal.tasks.purge, { taskId: gone });
    };
    await purge(taskId);
    expect(await exists()).toBe(true);
    const [prompt] = await listMessages(viewer, branch.taskId);
    expect(prompt?.parts.find(({ type }) => type === "file")).toHaveProperty("url");
    await purge(branch.taskId);
    expect(await exists()).toBe(false);
  });

  test("a reply that is still being written is not branched off, nor is a prompt", async () => {
    const { viewer } = await newChat();
    const sent = await sendStarted(viewer, "one");
    await expectFailure(branchOff(viewer, sent.assistantMessageId), "GENERATION_IN_PROGRESS");
    await expectFailure(branchOff(viewer, sent.promptMessageId), "INVALID_INPUT");
  });
});

describe("the map of a chat", () => {
  test("has every message, shown or not, and shows any branch at once", async () => {
    const { t, viewer } = await newChat();
    const first = await exchange(t, viewer, "one", "eins");
    const { taskId } = first;
    await exchange(t, viewer, "two", "zwei", taskId);
    const edited = await viewer.mutation(api.messages.edit, {
      ...{ messageId: first.promptMessageId, clientMessageId: newClientId(), content: "another **one**" },
    });
    const generator = playGenerator(t, edited.runId ?? "");
    await generator.claim();
    await generator.complete("## Noch\n\n**eins**, [hier](https://example.org)");
    const paginationOpts = { numItems: 50, cursor: null };
    const { page } = await viewer.query(api.messages.tree, { taskId, paginationOpts });
    expect(page.map(({ words, onPath }) => `${onPath ? "+" : "-"}${words}`)).toEqual([
      // Nothing is set there.
      "+Noch eins, hier",
      "+another **one**",
      "-zwei",
      "-two",
      "-eins",
      "-one",
    ]);
    const deep = page.find(({ words }) => words === "zwei");
    if (!deep) throw new Error("The map lacks a message");
    await viewer.mutation(api.messages.showBranch, { messageId: deep.messageId });
    expect(await wordsOf(viewer, taskId)).toEqual(["one", "eins", "two", "zwei"]);
    const other = await newViewer(t);
    expect((await other.query(api.messages.tree, { taskId, paginationOpts })).page).toEqual([]);
    await expectFailure(other.mutation(api.messages.showBranch, { messageId: deep.messageId }), "NOT_FOUND");
    await expectInvariants(t);
  });
});
