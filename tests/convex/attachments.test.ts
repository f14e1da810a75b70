/** Files in prompts: from the upload to the draft, the message, the queue, and their end. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { failureData } from "../../convex/shared/errors";
import { filesOf, textOf } from "../../convex/shared/parts";
import type { TestBackend } from "../helpers/backend.ts";
import { useFakeTime } from "./fakeTime.ts";
import { attach, draftNames, fileCounts, store, upload } from "./files.ts";
import {
  expectFailure,
  listMessages,
  newChat,
  newClientId,
  newViewer,
  playGenerator,
  sendStarted,
  viewerOf,
  type Viewer,
} from "./support.ts";

useFakeTime();
afterEach(() => {
  vi.unstubAllEnvs();
});

const MEBIBYTE = 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;

type Sent = { content?: string; taskId?: Id<"tasks">; whenBusy?: "queue"; clientMessageId?: string };

const sendFiles = (viewer: Viewer, attachmentIds: Id<"attachments">[], sent: Sent = {}) => {
  const { content = "Look", taskId = null, clientMessageId = newClientId(), whenBusy } = sent;
  return viewer.mutation(api.messages.send, {
    ...{ taskId, clientMessageId, content, attachmentIds },
    ...(whenBusy && { whenBusy }),
  });
};

/** The files of the chat's prompts, as its owner sees them. */
async function shownFiles(viewer: Viewer, taskId: Id<"tasks">) {
  const messages = await listMessages(viewer, taskId);
  return messages.filter(({ role }) => role === "USER").map(({ parts }) => filesOf(parts));
}

const names = (prompts: Awaited<ReturnType<typeof shownFiles>>) =>
  prompts.map((files) => files.map(({ filename }) => filename));

async function finishRun(t: TestBackend, runId: string | null) {
  if (runId === null) throw new Error("No run");
  const generator = playGenerator(t, runId);
  await generator.claim();
  await generator.complete("Done");
}

const finishScheduled = (t: TestBackend) =>
  t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(61_000));

describe("a draft's files", () => {
  test("belong to a chat's draft or the new chat's, in their order, on each of the person's devices", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await sendStarted(viewer, "One");
    await attach(t, viewer, { name: "a.txt" });
    await attach(t, viewer, { name: "b.png", type: "image/png", bytes: 10 });
    await attach(t, viewer, { name: "c.pdf", type: "application/pdf", taskId });
    const device = viewerOf(t, viewer.userId);
    expect(await draftNames(device)).toEqual(["a.txt", "b.png"]);
    const [file] = await device.query(api.attachments.listDraft, { taskId });
    expect(file).toMatchObject({ filename: "c.pdf", mediaType: "application/pdf", size: 5 });
    expect(file?.url).toMatch(/^https:\/\/.+\/api\/storage\/.+/);
  });

  test("[G1] attaching the same upload again, after a lost response, is the same attachment", async () => {
    const { t, viewer } = await newChat();
    const storageId = await upload(t, viewer);
    const args = { taskId: null, storageId, filename: "a.txt" };
    const first = await viewer.mutation(api.attachments.add, args);
    expect(await viewer.mutation(api.attachments.add, args)).toBe(first);
    expect(await draftNames(viewer)).toEqual(["a.txt"]);
  });

  test("removing one deletes its bytes; removing it again is no error", async () => {
    const { t, viewer } = await newChat();
    const attachmentId = await attach(t, viewer);
    await attach(t, viewer, { name: "kept.txt" });
    await viewer.mutation(api.attachments.remove, { attachmentId });
    await viewer.mutation(api.attachments.remove, { attachmentId });
    expect(await draftNames(viewer)).toEqual(["kept.txt"]);
    expect(await fileCounts(t)).toEqual({ rows: 1, stored: 1 });
  });

  test.each([
    ["image/png", 10 * MEBIBYTE],
    ["application/pdf", 20 * MEBIBYTE],
    ["text/markdown; charset=utf-8", MEBIBYTE],
  ])("%s may have %i bytes and not one more, which is refused with what to do", async (type, bytes) => {
    const { t, viewer } = await newChat();
    await attach(t, viewer, { type, bytes });
    const call = attach(t, viewer, { type, bytes: bytes + 1, name: "big.bin" });
    await expectFailure(call, "FILE_TOO_LARGE");
    await expect(call).rejects.toMatchObject({
      data: { message: expect.stringMatching(/“big\.bin” has .* MB; .*smaller/) as string },
    });
    expect(await draftNames(viewer)).toEqual(["notes.txt"]);
  });

  test.each(["image/svg+xml", "application/zip", "video/mp4", ""])("%s cannot be attached", async (type) => {
    const { t, viewer } = await newChat();
    await expectFailure(attach(t, viewer, { type }), "FILE_TYPE");
  });

  test("a name is that of a file: no folders, no controls, no marks that turn text, not too long", async () => {
    const { t, viewer } = await newChat();
    for (const name of ["C:\\secret\\a.txt", "../b.txt", "c\u202Etxt.\u0000exe", " ", "x".repeat(500)]) {
      await attach(t, viewer, { name });
    }
    expect(await draftNames(viewer)).toEqual(["a.txt", "b.txt", "c txt. exe", "file", "x".repeat(200)]);
  });

  test("no more than 30 wait, and uploads are limited to 60 a minute", async () => {
    const { t, viewer } = await newChat();
    for (let i = 0; i < 30; i++) await attach(t, viewer);
    await expectFailure(attach(t, viewer), "TOO_MANY_FILES");
    for (let i = 0; i < 29; i++) await upload(t, viewer);
    await expectFailure(upload(t, viewer), "RATE_LIMITED");
    // Sending has a limit of its own.
    await sendStarted(viewer, "Hello");
  });
});

describe("[G11] an upload belongs to who asked for its address", () => {
  const add = (viewer: Viewer, storageId: Id<"_storage">) =>
    viewer.mutation(api.attachments.add, { taskId: null, storageId, filename: "a.txt" });

  test("whoever else knows its id cannot attach it, before or after, and its owner still can", async () => {
    const { t, viewer } = await newChat();
    const stranger = await newViewer(t);
    const storageId = await upload(t, viewer, { content: "secret" });
    await upload(t, stranger);
    await expectFailure(add(stranger, storageId), "FILE_NOT_FOUND");
    const attachmentId = await add(viewer, storageId);
    await expectFailure(add(stranger, storageId), "FILE_NOT_FOUND");
    await viewer.mutation(api.attachments.remove, { attachmentId });
    expect(await draftNames(stranger)).toEqual([]);
  });

  test("what came without a ticket, with a made-up one, or under one that is used up, is nobody's", async () => {
    const { t, viewer } = await newChat();
    const file = { filename: "a.txt", mediaType: "text/plain", size: 5 };
    const { contentType } = await viewer.mutation(api.attachments.generateUploadUrl, file);
    await add(viewer, await store(t, { type: contentType }));
    for (const type of ["text/plain", "text/plain; ticket=guessed", contentType])
      await expectFailure(add(viewer, await store(t, { type })), "FILE_NOT_FOUND");
  });

  test("[G16] more bytes than were announced, or another type: refused, and gone minutes later", async () => {
    const { t, viewer } = await newChat();
    const file = { filename: "a.txt", mediaType: "text/plain", size: 5 };
    const { contentType } = await viewer.mutation(api.attachments.generateUploadUrl, file);
    const large = await store(t, { type: contentType, bytes: 6 });
    await expectFailure(add(viewer, large), "FILE_TOO_LARGE");
    await store(t, { type: "text/plain" });
    const waiting = await upload(t, viewer);
    await attach(t, viewer);
    expect(await t.mutation(internal.attachments.sweepStrays, {})).toBe(0);
    vi.advanceTimersByTime(61_000);
    expect(await t.mutation(internal.attachments.sweepStrays, {})).toBe(2);
    expect(await fileCounts(t)).toEqual({ rows: 1, stored: 2 });
    expect(await t.mutation(internal.attachments.sweepStrays, {})).toBe(0);
    // What was announced so may be attached for a day.
    await add(viewer, waiting);
  });

  test("tickets that nobody used are deleted after a day", async () => {
    const { t, viewer } = await newChat();
    const file = { filename: "a.txt", mediaType: "text/plain", size: 5 };
    for (let i = 0; i < 3; i++) await viewer.mutation(api.attachments.generateUploadUrl, file);
    vi.advanceTimersByTime(DAY_MS + 1_000);
    await t.mutation(internal.attachments.sweepUploads, {});
    expect(await t.run((ctx) => ctx.db.query("uploadTickets").collect())).toEqual([]);
  });
});

describe("[G16] the storage of a person", () => {
  const ask = (viewer: Viewer, size: number, mediaType = "application/pdf") =>
    viewer.mutation(api.attachments.generateUploadUrl, { filename: "a.pdf", mediaType, size });

  test("no address is given for what does not fit; the refusal says how much is used, and deleting helps", async () => {
    vi.stubEnv("VERBATIM_STORAGE_PER_PERSON_MB", "20");
    const { t, viewer } = await newChat();
    const attachmentId = await attach(t, viewer, { type: "application/pdf", bytes: 15 * MEBIBYTE });
    const call = ask(viewer, 6 * MEBIBYTE);
    await expectFailure(call, "STORAGE_FULL");
    const refusal = failureData(await call.catch((error: unknown) => error));
    expect(refusal).toMatchObject({
      ...{ used: "15 MB", limit: "20 MB" },
      message: "Your files take up 15 MB of 20 MB. Please delete chats with files first.",
    });
    expect(await ask(await newViewer(t), 6 * MEBIBYTE)).toHaveProperty("url");
    await viewer.mutation(api.attachments.remove, { attachmentId });
    expect(await ask(viewer, 6 * MEBIBYTE)).toHaveProperty("url");
  });

  test("uploads that are under way count, for an hour", async () => {
    vi.stubEnv("VERBATIM_STORAGE_PER_PERSON_MB", "20");
    const { viewer } = await newChat();
    await ask(viewer, 15 * MEBIBYTE);
    await expectFailure(ask(viewer, 6 * MEBIBYTE), "STORAGE_FULL");
    vi.advanceTimersByTime(60 * 60_000 + 1_000);
    expect(await ask(viewer, 6 * MEBIBYTE)).toHaveProperty("url");
  });

  test("the number of files has a limit too", async () => {
    vi.stubEnv("VERBATIM_FILES_PER_PERSON", "2");
    const { t, viewer } = await newChat();
    await attach(t, viewer);
    await attach(t, viewer);
    await expectFailure(upload(t, viewer), "STORAGE_FULL");
  });

  test("forty uploads may be under way; then the time to wait is told", async () => {
    const { viewer } = await newChat();
    for (let i = 0; i < 40; i++) await ask(viewer, 1);
    const error: unknown = await ask(viewer, 1).catch((reason: unknown) => reason);
    expect(failureData(error)).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 60 * 60_000 + 1 });
  });

  test.each([
    ["a type that cannot be attached", { mediaType: "application/zip", size: 1 }, "FILE_TYPE"],
    ["too many bytes", { mediaType: "image/png", size: 11 * MEBIBYTE }, "FILE_TOO_LARGE"],
    ["no number of bytes", { mediaType: "image/png", size: -1 }, "INVALID_INPUT"],
    ["a type that would be two headers", { mediaType: "text/x\r\nx: y", size: 1 }, "INVALID_INPUT"],
  ] as const)("%s is refused before a byte is sent", async (_name, file, code) => {
    const { viewer } = await newChat();
    await expectFailure(
      viewer.mutation(api.attachments.generateUploadUrl, { filename: "a.bin", ...file }),
      code,
    );
  });
});

describe("a prompt with files", () => {
  test("draft → sent: the message has its words, then its files, with an address that is not stored", async () => {
    const { t, viewer } = await newChat();
    const ids = [
      await attach(t, viewer, { name: "a.png", type: "image/png", bytes: 7 }),
      await attach(t, viewer, { name: "b.txt" }),
    ];
    const { taskId, promptMessageId } = await sendFiles(viewer, ids);
    expect(await draftNames(viewer)).toEqual([]);
    const [prompt] = await listMessages(viewer, taskId);
    expect(prompt?.parts).toEqual([
      { type: "text", position: 0, text: "Look" },
      {
        ...{
          type: "file",
          position: 1,
          attachmentId: ids[0],
          filename: "a.png",
          mediaType: "image/png",
          size: 7,
        },
        url: expect.stringContaining("/api/storage/") as string,
      },
      {
        ...{
          type: "file",
          position: 2,
          attachmentId: ids[1],
          filename: "b.txt",
          mediaType: "text/plain",
          size: 5,
        },
        url: expect.stringContaining("/api/storage/") as string,
      },
    ]);
    const stored = await t.run((ctx) => ctx.db.get(promptMessageId!));
    expect(filesOf(stored!.parts).map(({ url }) => url)).toEqual([undefined, undefined]);
  });

  test("needs no words; the chat is named after the file, and search finds it by that name", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await sendFiles(viewer, [await attach(t, viewer, { name: "quarterly.txt" })], {
      content: " ",
    });
    const [prompt] = await listMessages(viewer, taskId);
    expect(prompt?.parts.map(({ type }) => type)).toEqual(["file"]);
    expect(await viewer.query(api.tasks.get, { taskId })).toMatchObject({ title: "quarterly.txt" });
    const { messages } = await viewer.query(api.search.chats, { text: "quarterly" });
    expect(messages.map((hit) => hit.taskId)).toEqual([taskId]);
    await expectFailure(sendFiles(viewer, [], { content: " " }), "INVALID_INPUT");
  });

  test("[G1] [G2] sent again under the same id: the same receipt and nothing twice, though its files are no drafts any more", async () => {
    const { t, viewer } = await newChat();
    const ids = [await attach(t, viewer)];
    const clientMessageId = newClientId();
    const first = await sendFiles(viewer, ids, { clientMessageId });
    const again = await sendFiles(viewer, ids, { clientMessageId });
    expect(again).toEqual({ ...first, reused: true });
    expect(names(await shownFiles(viewer, first.taskId))).toEqual([["notes.txt"]]);
    expect(await fileCounts(t)).toEqual({ rows: 1, stored: 1 });
  });

  test("[G13] a send that is refused leaves the files where they were", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await sendStarted(viewer, "One");
    const id = await attach(t, viewer, { taskId });
    await expectFailure(sendFiles(viewer, [id], { taskId }), "GENERATION_IN_PROGRESS");
    expect(await draftNames(viewer, taskId)).toEqual(["notes.txt"]);
  });

  test("has at most 10 files, and 25 MB together", async () => {
    const { t, viewer } = await newChat();
    const ids = [];
    for (let i = 0; i < 11; i++) ids.push(await attach(t, viewer));
    await expectFailure(sendFiles(viewer, ids), "TOO_MANY_FILES");
    const large = { type: "application/pdf", bytes: 13 * MEBIBYTE };
    const two = [await attach(t, viewer, large), await attach(t, viewer, large)];
    const call = sendFiles(viewer, two);
    await expectFailure(call, "FILE_TOO_LARGE");
    await expect(call).rejects.toMatchObject({
      data: { message: expect.stringContaining("25 MB together; these have 26 MB") as string },
    });
    await sendFiles(viewer, ids.slice(0, 10));
  });

  test("[G11] a foreign, an unknown and a sent file are all answered as missing", async () => {
    const { t, viewer } = await newChat();
    const stranger = await newViewer(t);
    const theirs = await attach(t, stranger);
    const removed = await attach(t, viewer);
    await viewer.mutation(api.attachments.remove, { attachmentId: removed });
    const sent = await attach(t, viewer);
    const { promptMessageId, runId } = await sendFiles(viewer, [sent]);
    await finishRun(t, runId);
    const messages = [];
    for (const id of [theirs, removed, sent]) {
      const call = sendFiles(viewer, [id]);
      await expectFailure(call, "FILE_NOT_FOUND");
      messages.push(await call.catch((error: unknown) => failureData(error)));
      await expectFailure(
        viewer.mutation(api.messages.edit, {
          ...{ messageId: promptMessageId!, clientMessageId: newClientId(), content: "x" },
          attachmentIds: id === sent ? [sent, removed] : [id],
        }),
        "FILE_NOT_FOUND",
      );
    }
    expect(messages[1]).toEqual(messages[0]);
    expect(messages[2]).toEqual(messages[0]);
    expect(await draftNames(stranger)).toEqual(["notes.txt"]);
  });

  test("[G11] nobody attaches another's upload, attaches to another's chat, or removes another's file", async () => {
    const { t, viewer } = await newChat();
    const stranger = await newViewer(t);
    const { taskId } = await sendStarted(viewer, "One");
    const attachmentId = await attach(t, viewer, { taskId });
    const storageId = await t.run(async (ctx) => (await ctx.db.get(attachmentId))!.storageId);
    const steal = stranger.mutation(api.attachments.add, { taskId: null, storageId, filename: "x" });
    await expectFailure(steal, "FILE_NOT_FOUND");
    await expectFailure(attach(t, stranger, { taskId }), "NOT_FOUND");
    await stranger.mutation(api.attachments.remove, { attachmentId });
    expect(await stranger.query(api.attachments.listDraft, { taskId })).toEqual([]);
    expect(await draftNames(viewer, taskId)).toEqual(["notes.txt"]);
  });
});

describe("an edited prompt", () => {
  test("keeps its files, or those that are named; the wording before still has all", async () => {
    const { t, viewer } = await newChat();
    const ids = [await attach(t, viewer, { name: "a.txt" }), await attach(t, viewer, { name: "b.txt" })];
    const { taskId, promptMessageId, runId } = await sendFiles(viewer, ids);
    await finishRun(t, runId);
    const edit = (
      attachmentIds: Id<"attachments">[] | undefined,
      messageId: Id<"chatMessages">,
      content = "New",
    ) =>
      viewer.mutation(api.messages.edit, {
        ...{ messageId, clientMessageId: newClientId(), content },
        ...(attachmentIds && { attachmentIds }),
      });
    const second = await edit(undefined, promptMessageId!);
    expect(names(await shownFiles(viewer, taskId))).toEqual([["a.txt", "b.txt"]]);
    await finishRun(t, second.runId);
    const third = await edit([ids[1]!], second.promptMessageId!, "");
    expect(names(await shownFiles(viewer, taskId))).toEqual([["b.txt"]]);
    await finishRun(t, third.runId);
    await expectFailure(edit([], third.promptMessageId!, ""), "INVALID_INPUT");
    await viewer.mutation(api.messages.selectVariant, { messageId: promptMessageId! });
    expect(names(await shownFiles(viewer, taskId))).toEqual([["a.txt", "b.txt"]]);
    expect((await shownFiles(viewer, taskId))[0]?.every(({ url }) => url !== undefined)).toBe(true);
  });
});

describe("a queued prompt", () => {
  async function queued() {
    const { t, viewer } = await newChat();
    const { taskId, runId } = await sendStarted(viewer, "One");
    const ids = [
      await attach(t, viewer, { name: "a.txt", taskId }),
      await attach(t, viewer, { name: "b.txt", taskId }),
    ];
    const receipt = await sendFiles(viewer, ids, { taskId, whenBusy: "queue" });
    expect(receipt.status).toBe("queued");
    const [waiting] = await viewer.query(api.queue.list, { taskId });
    return { t, viewer, taskId, runId, ids, queuedPromptId: waiting!._id };
  }
  const waitingNames = async (viewer: Viewer, taskId: Id<"tasks">) =>
    (await viewer.query(api.queue.list, { taskId })).map(({ attachments }) =>
      attachments.map(({ filename }) => filename),
    );

  test("waiting → started: its files wait with it and are its message's", async () => {
    const { t, viewer, taskId, runId } = await queued();
    expect(await draftNames(viewer, taskId)).toEqual([]);
    expect(await waitingNames(viewer, taskId)).toEqual([["a.txt", "b.txt"]]);
    await finishRun(t, runId);
    expect(names(await shownFiles(viewer, taskId))).toEqual([[], ["a.txt", "b.txt"]]);
  });

  test("edited: the files that are not named are deleted, and none is left out by saying nothing", async () => {
    const { t, viewer, taskId, ids, queuedPromptId } = await queued();
    await viewer.mutation(api.queue.edit, { queuedPromptId, content: "Other words" });
    expect(await waitingNames(viewer, taskId)).toEqual([["a.txt", "b.txt"]]);
    await viewer.mutation(api.queue.edit, { queuedPromptId, content: "", attachmentIds: [ids[1]!] });
    expect(await waitingNames(viewer, taskId)).toEqual([["b.txt"]]);
    expect(await fileCounts(t)).toEqual({ rows: 1, stored: 1 });
    const nothing = viewer.mutation(api.queue.edit, { queuedPromptId, content: "", attachmentIds: [] });
    await expectFailure(nothing, "INVALID_INPUT");
    const foreign = await attach(t, await newViewer(t));
    const stolen = { queuedPromptId, content: "x", attachmentIds: [foreign] };
    await expectFailure(viewer.mutation(api.queue.edit, stolen), "FILE_NOT_FOUND");
  });

  test("withdrawn: its files are deleted", async () => {
    const { t, viewer, queuedPromptId } = await queued();
    await viewer.mutation(api.queue.remove, { queuedPromptId });
    expect(await fileCounts(t)).toEqual({ rows: 0, stored: 0 });
  });
});

describe("the end of files", () => {
  test("a deleted chat's go with it: of its messages, its queue and its draft; others stay", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await sendFiles(viewer, [await attach(t, viewer)]);
    await sendFiles(viewer, [await attach(t, viewer, { taskId })], { taskId, whenBusy: "queue" });
    await attach(t, viewer, { taskId });
    await attach(t, viewer, { name: "elsewhere.txt" });
    expect(await fileCounts(t)).toEqual({ rows: 4, stored: 4 });
    await viewer.mutation(api.tasks.remove, { taskId });
    await finishScheduled(t);
    expect(await fileCounts(t)).toEqual({ rows: 1, stored: 1 });
    expect(await draftNames(viewer)).toEqual(["elsewhere.txt"]);
  });

  test("a draft's file that is not sent in 30 days is deleted; a sent one stays", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await sendFiles(viewer, [await attach(t, viewer, { name: "sent.txt" })]);
    await attach(t, viewer, { name: "old.txt" });
    vi.advanceTimersByTime(15 * DAY_MS);
    await attach(t, viewer, { name: "new.txt" });
    vi.advanceTimersByTime(14 * DAY_MS);
    expect(await t.mutation(internal.attachments.removeOldDrafts, {})).toBe(0);
    vi.advanceTimersByTime(2 * DAY_MS);
    expect(await t.mutation(internal.attachments.removeOldDrafts, {})).toBe(1);
    expect(await draftNames(viewer)).toEqual(["new.txt"]);
    expect(names(await shownFiles(viewer, taskId))).toEqual([["sent.txt"]]);
    expect(await fileCounts(t)).toEqual({ rows: 2, stored: 2 });
  });

  test("an upload that was never attached is deleted after a day; each upload is looked at once", async () => {
    const { t, viewer } = await newChat();
    for (let i = 0; i < 120; i++) await store(t);
    await attach(t, viewer);
    vi.advanceTimersByTime(DAY_MS / 2);
    await store(t, { content: "of today" });
    vi.advanceTimersByTime(DAY_MS / 2 + 1_000);
    expect(await t.mutation(internal.attachments.sweepUploads, {})).toBe(100);
    await finishScheduled(t);
    expect(await fileCounts(t)).toEqual({ rows: 1, stored: 2 });
    vi.advanceTimersByTime(DAY_MS);
    expect(await t.mutation(internal.attachments.sweepUploads, {})).toBe(1);
    expect(await fileCounts(t)).toEqual({ rows: 1, stored: 1 });
    expect(await t.run(async (ctx) => (await ctx.db.query("uploadSweeps").collect()).length)).toBe(1);
  });

  test("a message whose file's bytes are gone is shown without an address", async () => {
    const { t, viewer } = await newChat();
    const id = await attach(t, viewer);
    const { taskId } = await sendFiles(viewer, [id]);
    await t.run(async (ctx) => ctx.storage.delete((await ctx.db.get(id))!.storageId));
    const [files] = await shownFiles(viewer, taskId);
    expect(files).toMatchObject([{ filename: "notes.txt" }]);
    expect(files?.[0]?.url).toBeUndefined();
    expect(textOf((await listMessages(viewer, taskId))[0]!.parts)).toBe("Look");
  });
});
