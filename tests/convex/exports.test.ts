/** [G11, G17] A person takes their chats away: the file holds everything, whatever its size, and nobody else's. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { textOf, type Part } from "../../convex/shared/parts";
import { jsonWriter, markdownWriter, type ExportFormat } from "../../src/export/formats.ts";
import type { ExportTexts } from "../../src/export/exportTexts.ts";
import { writeExport } from "../../src/export/writeExport.ts";
import { useFakeTime } from "./fakeTime.ts";
import {
  lastMessage,
  newChat,
  newClientId,
  newViewer,
  playGenerator,
  send,
  sendStarted,
  started,
  type Viewer,
} from "./support.ts";

useFakeTime();
beforeEach(() => void vi.spyOn(console, "info").mockImplementation(() => undefined));

type Exported = {
  format: string;
  instructions: string;
  chats: {
    title: string;
    archived: boolean;
    instructions: string;
    messages: { id: string; parentId: string | null; shown: boolean; role: string; parts: Part[] }[];
  }[];
};

const TEXTS = {
  ...{ you: "You", model: "Model", file: "File", archived: "archived" },
  ends: { stopped: "Stopped here." },
} as ExportTexts;

const writers = { JSON: jsonWriter, Markdown: () => markdownWriter(TEXTS, () => "today") };

async function exportAs(viewer: Viewer, format: ExportFormat, signal = new AbortController().signal) {
  const heard: number[] = [];
  const writer = writers[format]();
  // The client of tests is typed otherwise.
  const client = viewer as unknown as Parameters<typeof writeExport>[0];
  const { file, chats } = await writeExport(client, { format, writer, signal }, (read) => heard.push(read));
  return { text: await file.text(), chats, heard };
}

const exported = async (viewer: Viewer) => JSON.parse((await exportAs(viewer, "JSON")).text) as Exported;

describe("the file", () => {
  test("JSON has every version, and the whole of an answer that is too long for a page; Markdown what is shown", async () => {
    const { t, viewer } = await newChat();
    const long = "A long line of words that goes on. ".repeat(60_000);
    const { taskId, runId, promptMessageId } = await sendStarted(viewer, 'Say "everything"');
    const first = playGenerator(t, runId);
    await first.claim();
    for (let at = 0; at < long.length; at += 100_000) await first.flush(long.slice(at, at + 100_000));
    await first.complete("");
    const again = started(
      await viewer.mutation(api.messages.edit, {
        ...{ messageId: promptMessageId, clientMessageId: newClientId(), content: "Say little" },
      }),
    );
    const second = playGenerator(t, again.runId);
    await second.claim();
    await second.complete("Little");
    await viewer.mutation(api.instructions.set, { taskId: null, text: "Be kind." });
    await viewer.mutation(api.instructions.set, { taskId, text: "Whisper." });
    const old = await sendStarted(viewer, "Archived words");
    await viewer.mutation(api.streaming.stopTask, { taskId: old.taskId });
    await viewer.mutation(api.tasks.setArchived, { taskId: old.taskId, archived: true });

    const { instructions, chats } = await exported(viewer);
    expect(instructions).toBe("Be kind.");
    expect(chats.map(({ archived }) => archived)).toEqual([false, true]);
    const [chat] = chats;
    expect(chat?.instructions).toBe("Whisper.");
    expect(chat?.messages.map(({ shown, role }) => [role, shown])).toEqual([
      ["USER", false],
      ["ASSISTANT", false],
      ["USER", true],
      ["ASSISTANT", true],
    ]);
    const texts = chat?.messages.map(({ parts }) => textOf(parts));
    expect(texts).toEqual(['Say "everything"', long, "Say little", "Little"]);
    expect(chat?.messages[1]?.parentId).toBe(chat?.messages[0]?.id);

    const { text, chats: count, heard } = await exportAs(viewer, "Markdown");
    expect(count).toBe(2);
    expect(heard).toEqual([1, 2]);
    expect(text).toContain("## You\n\nSay little\n\n## ");
    expect(text).not.toContain('## You\n\nSay "everything"');
    expect(text).toContain("*today · archived*");
    expect(text).toContain("*Stopped here.*");
  });

  test("an answer that is being written is there as far as it has come", async () => {
    const { t, viewer } = await newChat();
    const { runId, taskId } = await sendStarted(viewer, "Stream");
    const generator = playGenerator(t, runId);
    await generator.claim();
    for (const word of ["One ", "two ", "three"]) await generator.flush(word);
    const { chats } = await exported(viewer);
    expect(textOf(chats[0]?.messages[1]?.parts ?? [])).toBe("One two three");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    expect((await lastMessage(viewer, taskId)).status).toBe("complete");
  });

  test("with more chats than a page holds: each once", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await send(viewer, "Chat 0");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const titles = Array.from({ length: 53 }, (_, at) => `Chat ${at}`);
    await t.run(async (ctx) => {
      const { _id, _creationTime, ...task } = (await ctx.db.get("tasks", taskId))!;
      for (const title of titles.slice(1)) await ctx.db.insert("tasks", { ...task, title });
    });
    const { chats } = await exported(viewer);
    expect(chats.map(({ title }) => title).sort()).toEqual(titles.sort());
  });

  test("[G11] nobody else's chats, nor a deleted one; and it is listed who took theirs", async () => {
    const { t, viewer } = await newChat();
    const kept = await send(viewer, "Mine");
    const stranger = await newViewer(t);
    const theirs = await send(stranger, "Theirs");
    const gone = await send(viewer, "Deleted");
    for (const [who, { taskId }] of [
      [viewer, kept],
      [stranger, theirs],
      [viewer, gone],
    ] as const)
      await who.mutation(api.streaming.stopTask, { taskId });
    await viewer.mutation(api.tasks.remove, { taskId: gone.taskId });
    expect((await exported(viewer)).chats.map(({ title }) => title)).toEqual(["Mine"]);
    const page = { taskId: kept.taskId, paginationOpts: { numItems: 10, cursor: null } };
    expect((await viewer.query(api.exports.messages, page)).page).toHaveLength(2);
    expect((await stranger.query(api.exports.messages, page)).page).toEqual([]);
    const ofGone = { ...page, taskId: gone.taskId };
    expect((await viewer.query(api.exports.messages, ofGone)).page).toEqual([]);
    const events = await t.run((ctx) => ctx.db.query("auditEvents").collect());
    expect(events.filter(({ kind }) => kind === "chatsExported")).toMatchObject([
      { actor: { userId: viewer.userId }, detail: "JSON" },
    ]);
  });

  test("ends when the person cancels", async () => {
    const { viewer } = await newChat();
    const abort = new AbortController();
    abort.abort();
    await expect(exportAs(viewer, "JSON", abort.signal)).rejects.toThrow("aborted");
  });
});
