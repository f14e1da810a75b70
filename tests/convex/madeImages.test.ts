/** Pictures that models make: stored, the owner's, gone with the chat. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import { textOf, type FilePart } from "../../convex/shared/parts";
import { FakeProvider, runGenerator } from "./fakeProvider.ts";
import { until, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { newChat, lastMessage, sendStarted } from "./support.ts";

useFakeTime();
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const image = (content: string, type = "image/png") => ({
  ...{ type: "image_url", image_url: { url: `data:${type};base64,${btoa(content)}` } },
});
const says = (delta: object, more: object = {}) => data({ choices: [{ index: 0, delta, ...more }] });
const ENDS = `${says({}, { finish_reason: "stop" })}data: [DONE]\n\n`;

async function generating() {
  const provider = new FakeProvider("chat");
  const { t, viewer } = await newChat();
  const sent = await sendStarted(viewer, "Draw a cat");
  const generation = runGenerator(t, sent.runId);
  return { ...sent, t, viewer, generation, request: await provider.request() };
}

async function answerTo(bytes: string) {
  const run = await generating();
  run.request.raw(bytes);
  run.request.close();
  await whileTimePasses(run.generation);
  const answer = await lastMessage(run.viewer, run.taskId);
  const files = answer.parts.filter((part): part is FilePart => part.type === "file");
  return { ...run, answer, files };
}

const rows = ({ t }: Pick<Awaited<ReturnType<typeof generating>>, "t">) =>
  t.run(async (ctx) => ({
    attachments: await ctx.db.query("attachments").collect(),
    stored: (await ctx.db.system.query("_storage").collect()).length,
  }));

describe("[G8] pictures of a model are parts of its answer", () => {
  test("`images` of a delta (OpenRouter), once, though the whole message repeats them", async () => {
    const { answer, files, ...run } = await answerTo(
      says({ content: "Here it is." }) +
        says({ content: "", images: [image("a cat")] }) +
        says({ images: [image("a dog", "image/webp")] }) +
        says({}, { message: { content: "Here it is.", images: [image("a cat")] } }) +
        ENDS,
    );
    expect(answer).toMatchObject({ endReason: "finished" });
    expect(textOf(answer.parts)).toBe("Here it is.");
    expect(files).toMatchObject([
      { mediaType: "image/png", filename: "picture.png", size: 5 },
      { mediaType: "image/webp", filename: "picture.webp", size: 5 },
    ]);
    expect(files.every(({ url }) => url !== undefined)).toBe(true);
    const { attachments, stored } = await rows(run);
    expect(stored).toBe(2);
    expect(attachments.map(({ state, taskId }) => [state, taskId])).toEqual([
      ["sent", run.taskId],
      ["sent", run.taskId],
    ]);
  });

  test("[G12] a picture without a word is an answer, also as a plain reply", async () => {
    const { answer, files } = await answerTo(says({ images: [image("a cat")] }) + ENDS);
    expect(answer).toMatchObject({ endReason: "finished", problem: null });
    expect(files).toHaveLength(1);
    const plain = await answerTo(
      JSON.stringify({
        object: "chat.completion",
        choices: [{ index: 0, message: { content: "", images: [image("a cat")] }, finish_reason: "stop" }],
      }),
    );
    expect(plain.answer).toMatchObject({ endReason: "finished" });
    expect(plain.files).toHaveLength(1);
  });

  test("[G11] are their owner's alone, counted as theirs, and go with the chat", async () => {
    const { answer, files, ...run } = await answerTo(says({ images: [image("a cat")] }) + ENDS);
    const { attachments } = await rows(run);
    expect(attachments[0]?.userId).toBe((await run.t.run((ctx) => ctx.db.get(answer._id)))?.userId);
    await run.viewer.mutation(api.tasks.remove, { taskId: run.taskId });
    await run.t.finishAllScheduledFunctions(() => vi.advanceTimersByTime(120_000));
    expect(await rows(run)).toEqual({ attachments: [], stored: 0 });
    expect(files).toHaveLength(1);
  });
});

describe("[G16] what is not kept fails no answer", () => {
  test.each([
    ["a document that may hold script", image("<svg onload='alert(1)'/>", "image/svg+xml")],
    ["a page", image("<script>alert(1)</script>", "text/html")],
    ["more than a picture may have", image("x".repeat(11 * 1024 * 1024))],
  ])("%s: its name is told", async (_name, odd) => {
    const { answer, files, ...run } = await answerTo(
      says({ content: "Here" }) + says({ images: [odd] }) + ENDS,
    );
    expect(answer).toMatchObject({ endReason: "finished" });
    expect(files).toHaveLength(1);
    expect(files[0]).not.toHaveProperty("attachmentId");
    expect(files[0]).not.toHaveProperty("url");
    expect(await rows(run)).toEqual({ attachments: [], stored: 0 });
  });

  test("pictures of an address elsewhere, or of no shape", async () => {
    const images = [{ image_url: { url: "https://elsewhere.example/x.png" } }, null, 7, { image_url: 1 }, {}];
    const { answer, files } = await answerTo(says({ content: "Here", images }) + ENDS);
    expect(answer).toMatchObject({ endReason: "finished" });
    expect(files).toEqual([]);
  });

  test("no room: the picture is deleted at once", async () => {
    vi.stubEnv("VERBATIM_FILES_PER_PERSON", "1");
    const { files, ...run } = await answerTo(says({ images: [image("one"), image("two")] }) + ENDS);
    expect(files.map(({ attachmentId }) => attachmentId !== undefined)).toEqual([true, false]);
    expect((await rows(run)).stored).toBe(1);
  });

  test("[G4] of a run that has ended: nothing stays behind", async () => {
    const run = await generating();
    await run.viewer.mutation(api.streaming.stopTask, { taskId: run.taskId });
    const storageId = await run.t.run((ctx) => ctx.storage.store(new Blob(["late"], { type: "image/png" })));
    const late = { runId: run.runId, storageId, filename: "picture.png", mediaType: "image/png" };
    expect(await run.t.mutation(internal.generation.keepMadeFile, late)).toBeNull();
    expect(await rows(run)).toEqual({ attachments: [], stored: 0 });
    await whileTimePasses(run.generation, 5_000);
  });
});

test("[G9] a picture is seen while the answer goes on", async () => {
  const { viewer, assistantMessageId: messageId, request, generation } = await generating();
  request.raw(says({ images: [image("a cat")] }));
  const live = () => viewer.query(api.streamingResponses.getStreamingResponse, { messageId });
  let tail = await live();
  await until(() => {
    void live().then((newest) => {
      tail = newest;
    });
    return tail?.tail?.some((part) => part.type === "file" && part.url !== undefined) === true;
  });
  request.raw(ENDS);
  request.close();
  await whileTimePasses(generation);
});
