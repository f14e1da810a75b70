/** Chats as the sidebar shows and changes them; deleting; drafts; search. */
import { describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { useFakeTime } from "./fakeTime.ts";
import {
  expectFailure,
  expectInvariants,
  lastMessage,
  newChat,
  playGenerator,
  send,
  sendStarted,
  type Viewer,
} from "./support.ts";

useFakeTime();

const titles = async (viewer: Viewer, archived = false) =>
  (await viewer.query(api.tasks.list, { archived, paginationOpts: { numItems: 20, cursor: null } })).page.map(
    ({ title }) => title,
  );

/** Chats with these first prompts, a minute apart, idle. */
async function chats(...contents: string[]) {
  const { t, viewer } = await newChat();
  const ids = [];
  for (const content of contents) {
    const { taskId, runId } = await sendStarted(viewer, content);
    const generator = playGenerator(t, runId);
    await generator.claim();
    await generator.complete(`About ${content}`);
    ids.push(taskId);
    vi.setSystemTime(Date.now() + 60_000);
  }
  return { t, viewer, ids };
}

describe("chats", () => {
  test("newest activity first; pinned ones apart; archived ones elsewhere", async () => {
    const { viewer, ids } = await chats("One", "Two", "Three");
    const [one, two] = ids;
    if (!one || !two) throw new Error("There are three chats");
    await sendStarted(viewer, "More", { taskId: one });
    expect(await titles(viewer)).toEqual(["One", "Three", "Two"]);
    await viewer.mutation(api.tasks.setPinned, { taskId: two, pinned: true });
    expect((await viewer.query(api.tasks.listPinned, {})).map(({ title }) => title)).toEqual(["Two"]);
    await viewer.mutation(api.tasks.setArchived, { taskId: two, archived: true });
    expect(await viewer.query(api.tasks.listPinned, {})).toEqual([]);
    expect(await titles(viewer)).toEqual(["One", "Three"]);
    expect(await titles(viewer, true)).toEqual(["Two"]);
  });

  test("an answer that ended makes its chat unread until it is looked at; a Stop does not", async () => {
    const { viewer, ids } = await chats("One");
    const taskId = ids[0];
    if (!taskId) throw new Error("There is a chat");
    const unread = async () => (await viewer.query(api.tasks.get, { taskId }))?.unread;
    expect(await unread()).toBe(true);
    await viewer.mutation(api.tasks.markRead, { taskId });
    expect(await unread()).toBe(false);
    await sendStarted(viewer, "More", { taskId });
    await viewer.mutation(api.streaming.stopTask, { taskId });
    expect(await unread()).toBe(false);
  });

  test("rename, model, and an address that is none", async () => {
    const { viewer, ids } = await chats("One");
    const taskId = ids[0];
    if (!taskId) throw new Error("There is a chat");
    await viewer.mutation(api.tasks.rename, { taskId, title: "  A better   name " });
    await viewer.mutation(api.tasks.setModel, { taskId, model: "big" });
    expect(await viewer.query(api.tasks.get, { taskId })).toMatchObject({
      title: "A better name",
      model: "big",
    });
    await viewer.mutation(api.tasks.setModel, { taskId, model: null });
    expect(await viewer.query(api.tasks.get, { taskId })).toMatchObject({ model: null });
    await expectFailure(viewer.mutation(api.tasks.rename, { taskId, title: "   " }), "INVALID_INPUT");
    for (const model of ["", "m".repeat(201)]) {
      await expectFailure(viewer.mutation(api.tasks.setModel, { taskId, model }), "INVALID_INPUT");
      await expectFailure(send(viewer, "Hello", { taskId, model }), "INVALID_INPUT");
    }
    expect(await viewer.query(api.tasks.get, { taskId: "not-an-id" })).toBeNull();
  });
});

describe("deleting a chat", () => {
  test("stops its live run and removes all it owned, in batches; other chats keep theirs", async () => {
    const { t, viewer, ids } = await chats("Keep");
    const { taskId, runId } = await sendStarted(viewer, "Delete me");
    const generator = playGenerator(t, runId);
    await generator.claim();
    for (let i = 0; i < 450; i++) await generator.flush("piece ");
    await send(viewer, "Waiting", { taskId, whenBusy: "queue" });
    await viewer.mutation(api.drafts.save, { taskId, text: "draft" });
    await viewer.mutation(api.tasks.remove, { taskId });
    expect(await viewer.query(api.tasks.get, { taskId })).toBeNull();
    expect(await generator.flush("more")).toMatchObject({ state: "ended" });
    await viewer.mutation(api.tasks.remove, { taskId });
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    const left = await t.run(async (ctx) => ({
      tasks: (await ctx.db.query("tasks").collect()).map(({ _id }) => _id),
      messages: (await ctx.db.query("chatMessages").collect()).map((row) => row.taskId),
      receipts: (await ctx.db.query("receipts").collect()).map((row) => row.taskId),
      searchTexts: (await ctx.db.query("searchTexts").collect()).map((row) => row.taskId),
      runs: (await ctx.db.query("runs").collect()).map((row) => row.taskId),
      rest: [
        ...(await ctx.db.query("streamingChunks").collect()),
        ...(await ctx.db.query("streamingResponses").collect()),
        ...(await ctx.db.query("queuedPrompts").collect()),
        ...(await ctx.db.query("drafts").collect()),
      ],
    }));
    expect(left).toEqual({
      tasks: ids,
      messages: [ids[0], ids[0]],
      receipts: [ids[0]],
      searchTexts: [ids[0], ids[0]],
      runs: [ids[0]],
      rest: [],
    });
    await expectInvariants(t);
  });

  test("is undone within a minute: nothing is lost, and what waited is held as after a Stop", async () => {
    const { t, viewer } = await chats("Other");
    const { taskId, runId } = await sendStarted(viewer, "Delete me");
    await playGenerator(t, runId).claim();
    await send(viewer, "Waiting", { taskId, whenBusy: "queue" });
    await viewer.mutation(api.tasks.setPinned, { taskId, pinned: true });
    const shown = async () => {
      const list = await viewer.query(api.tasks.list, { paginationOpts: { numItems: 10, cursor: null } });
      const found = await viewer.query(api.search.chats, { text: "delete" });
      return [list.page, await viewer.query(api.tasks.listPinned, {}), found.tasks, found.messages].map(
        (rows) => rows.filter((row) => ("taskId" in row ? row.taskId : row._id) === taskId).length,
      );
    };
    await viewer.mutation(api.tasks.remove, { taskId });
    expect(await shown()).toEqual([0, 0, 0, 0]);
    await expectFailure(send(viewer, "Again", { taskId }), "NOT_FOUND");

    await viewer.mutation(api.tasks.restore, { taskId });
    await viewer.mutation(api.tasks.restore, { taskId });
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    expect(await shown()).toEqual([1, 1, 1, 1]);
    expect(await viewer.query(api.tasks.get, { taskId })).toMatchObject({
      status: "STOPPED",
      queuePaused: true,
    });
    expect(await viewer.query(api.queue.list, { taskId })).toHaveLength(1);
    await expectInvariants(t);

    // Deleted a second time, it has the whole time again, and then it is too late.
    await viewer.mutation(api.tasks.remove, { taskId });
    await t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));
    await expectFailure(viewer.mutation(api.tasks.restore, { taskId }), "NOT_FOUND");
  });
});

describe("[G13] drafts", () => {
  test("one per chat, and one for the chat that does not exist yet; empty deletes it", async () => {
    const { viewer, ids } = await chats("One");
    const taskId = ids[0] ?? null;
    const get = async (id: typeof taskId) =>
      (await viewer.query(api.drafts.get, { taskId: id }))?.text ?? null;
    await viewer.mutation(api.drafts.save, { taskId: null, text: "for a new chat" });
    await viewer.mutation(api.drafts.save, { taskId, text: "for this chat" });
    await viewer.mutation(api.drafts.save, { taskId, text: "for this chat, longer" });
    expect([await get(null), await get(taskId)]).toEqual(["for a new chat", "for this chat, longer"]);
    await viewer.mutation(api.drafts.save, { taskId, text: "" });
    expect([await get(null), await get(taskId)]).toEqual(["for a new chat", null]);
    await expectFailure(
      viewer.mutation(api.drafts.save, { taskId, text: "x".repeat(100_001) }),
      "MESSAGE_TOO_LONG",
    );
  });
});

describe("[G13] a draft on two devices", () => {
  test("a device that empties its box late does not empty what was typed on the other one since", async () => {
    const { viewer, ids } = await chats("One");
    const taskId = ids[0] ?? null;
    const text = async () => (await viewer.query(api.drafts.get, { taskId }))?.text ?? null;
    await viewer.mutation(api.drafts.save, { taskId, text: "sent by the first" });
    await viewer.mutation(api.drafts.save, { taskId, text: "typed on the second" });
    await viewer.mutation(api.drafts.save, { taskId, text: "", instead: "sent by the first" });
    expect(await text()).toBe("typed on the second");
    await viewer.mutation(api.drafts.save, { taskId, text: "", instead: "typed on the second" });
    expect(await text()).toBeNull();
  });
});

describe("search", () => {
  test("finds titles, prompts and answers of the caller, with the words around the hit", async () => {
    const { viewer } = await chats("Rivers of Europe", "Bread and butter");
    const found = await viewer.query(api.search.chats, { text: "rivers" });
    expect(found.tasks.map(({ title }) => title)).toEqual(["Rivers of Europe"]);
    expect(found.messages.map(({ snippet }) => snippet).sort()).toEqual([
      "About Rivers of Europe",
      "Rivers of Europe",
    ]);
    expect(found.messages[0]?.taskTitle).toBe("Rivers of Europe");
    expect(await viewer.query(api.search.chats, { text: "  " })).toEqual({ tasks: [], messages: [] });
  });

  test("for a lone letter titles are looked through, messages from the second letter on; a Chinese character is a word", async () => {
    const { viewer } = await chats("Rivers of Europe", "山水");
    const found = async (text: string) => {
      const { tasks, messages } = await viewer.query(api.search.chats, { text });
      return [tasks.length, messages.length];
    };
    expect(await found("r")).toEqual([1, 0]);
    expect(await found("ri")).toEqual([1, 2]);
    // The word before it is searched for as far as it goes.
    expect(await found("rivers o")).toEqual([1, 2]);
    expect(await found("山")).toEqual([1, 2]);
  });

  test("of a continued answer the whole beginning is found once", async () => {
    const { t, viewer } = await newChat();
    const { taskId, runId, assistantMessageId } = await sendStarted(viewer, "Go");
    const generator = playGenerator(t, runId);
    await generator.claim();
    await generator.flush("giraffe");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const again = await viewer.mutation(api.messages.continueAnswer, {
      ...{ messageId: assistantMessageId, clientMessageId: "again" },
    });
    const second = playGenerator(t, again.runId ?? "");
    await second.claim();
    await second.complete(" and zebra");
    expect((await lastMessage(viewer, taskId)).parts).toMatchObject([{ text: "giraffe and zebra" }]);
    const { messages } = await viewer.query(api.search.chats, { text: "zebra" });
    expect(messages.map(({ snippet }) => snippet)).toEqual(["giraffe and zebra"]);
  });
});
