/** The queue: durable, in order, in every tab; nothing is lost, merged or stuck. */
import { describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import { textOf } from "../../convex/shared/parts";
import { useFakeTime } from "./fakeTime.ts";
import {
  expectFailure,
  expectInvariants,
  jobsOf,
  lastMessage,
  listMessages,
  liveRun,
  newChat,
  newClientId,
  playGenerator,
  recover,
  send,
  sendStarted,
  viewerOf,
} from "./support.ts";

useFakeTime();

/** A chat with a live run and three prompts that wait. */
async function waiting() {
  const { t, viewer } = await newChat();
  const { taskId, runId } = await sendStarted(viewer, "Zero");
  const generator = playGenerator(t, runId);
  await generator.claim();
  for (const content of ["One", "Two", "Three"]) await send(viewer, content, { taskId, whenBusy: "queue" });
  const queue = () => viewer.query(api.queue.list, { taskId });
  const contents = async () => (await queue()).map(({ content }) => content);
  const idOf = async (content: string) => {
    const row = (await queue()).find((queued) => queued.content === content);
    if (!row) throw new Error(`${content} does not wait`);
    return row._id;
  };
  /** The run that is live now, played to its end. */
  const finishLive = async (text: string) => {
    const run = await liveRun(t, taskId);
    const live = playGenerator(t, run?.runId ?? "none");
    await live.claim();
    await live.complete(text);
  };
  const prompts = async () =>
    (await listMessages(viewer, taskId))
      .filter(({ role }) => role === "USER")
      .map(({ parts }) => textOf(parts));
  return { t, viewer, taskId, generator, queue, contents, idOf, finishLive, prompts };
}

describe("the queue", () => {
  test("[G5] each end starts the next, in order, one answer each; every device sees it [OW #29070, #30027]", async () => {
    const { t, viewer, taskId, contents, finishLive, prompts, generator } = await waiting();
    const other = viewerOf(t, viewer.userId);
    expect((await other.query(api.queue.list, { taskId })).map(({ content }) => content)).toEqual([
      "One",
      "Two",
      "Three",
    ]);
    await generator.complete("Answer zero");
    expect(await contents()).toEqual(["Two", "Three"]);
    await finishLive("Answer one");
    await finishLive("Answer two");
    await finishLive("Answer three");
    expect(await prompts()).toEqual(["Zero", "One", "Two", "Three"]);
    expect((await listMessages(viewer, taskId)).every(({ status }) => status === "complete")).toBe(true);
    await expectInvariants(t);
  });

  test("what starts from the queue is generated without any page", async () => {
    const { t, viewer } = await newChat();
    const { taskId, runId } = await sendStarted(viewer, "Zero");
    await send(viewer, "thanks", { taskId, whenBusy: "queue" });
    const generator = playGenerator(t, runId);
    await generator.claim();
    await generator.complete("Answer zero");
    vi.advanceTimersByTime(1_000);
    await t.finishInProgressScheduledFunctions();
    expect((await jobsOf(t)).some(({ name }) => name.includes("startScheduled"))).toBe(true);
  });

  test("a crash lets the queue go on", async () => {
    const { t, contents, prompts } = await waiting();
    await recover(t);
    expect(await contents()).toEqual(["Two", "Three"]);
    expect((await prompts()).at(-1)).toBe("One");
    await expectInvariants(t);
  });

  test("a person's Stop holds it; resume sends the first [OW #22931]", async () => {
    const { viewer, taskId, contents, prompts, t } = await waiting();
    await viewer.mutation(api.streaming.stopTask, { taskId });
    expect(await contents()).toEqual(["One", "Two", "Three"]);
    expect((await viewer.query(api.tasks.get, { taskId }))?.queuePaused).toBe(true);
    expect((await lastMessage(viewer, taskId)).endReason).toBe("stopped");
    await viewer.mutation(api.queue.resume, { taskId });
    expect(await contents()).toEqual(["Two", "Three"]);
    expect((await prompts()).at(-1)).toBe("One");
    await viewer.mutation(api.queue.resume, { taskId });
    expect(await contents()).toEqual(["Two", "Three"]);
    await expectInvariants(t);
  });

  test("while it is held, a new message is sent at once, and the rest keeps waiting", async () => {
    const { viewer, taskId, contents, finishLive } = await waiting();
    await viewer.mutation(api.streaming.stopTask, { taskId });
    expect(await send(viewer, "Sooner", { taskId })).toMatchObject({ status: "started" });
    await finishLive("Answer");
    expect(await contents()).toEqual(["One", "Two", "Three"]);
  });

  test("an interrupting message goes first and holds nothing", async () => {
    const { viewer, taskId, contents, finishLive, prompts } = await waiting();
    await send(viewer, "Urgent", { taskId, whenBusy: "interrupt" });
    expect(await contents()).toEqual(["One", "Two", "Three"]);
    await finishLive("Answer urgent");
    expect(await contents()).toEqual(["Two", "Three"]);
    expect(await prompts()).toEqual(["Zero", "Urgent", "One"]);
  });

  test("a Stop with nothing in the queue holds nothing that is queued later", async () => {
    const { t, viewer } = await newChat();
    const { taskId } = await sendStarted(viewer, "Zero");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const next = await sendStarted(viewer, "One", { taskId });
    await send(viewer, "Two", { taskId, whenBusy: "queue" });
    const generator = playGenerator(t, next.runId);
    await generator.claim();
    await generator.complete("Answer one");
    expect(await viewer.query(api.queue.list, { taskId })).toEqual([]);
  });

  test("edit, reorder and remove", async () => {
    const { viewer, contents, idOf, taskId, generator } = await waiting();
    await viewer.mutation(api.queue.edit, { queuedPromptId: await idOf("Two"), content: "Two, better" });
    await viewer.mutation(api.queue.move, { queuedPromptId: await idOf("Three"), toIndex: 0 });
    expect(await contents()).toEqual(["Three", "One", "Two, better"]);
    const removed = await idOf("One");
    await viewer.mutation(api.queue.remove, { queuedPromptId: removed });
    await viewer.mutation(api.queue.remove, { queuedPromptId: removed });
    expect(await contents()).toEqual(["Three", "Two, better"]);
    await expectFailure(
      viewer.mutation(api.queue.edit, { queuedPromptId: removed, content: "x" }),
      "NOT_FOUND",
    );
    await generator.complete("Answer zero");
    expect((await listMessages(viewer, taskId)).map(({ parts }) => textOf(parts))).toEqual([
      "Zero",
      "Answer zero",
      "Three",
      "",
    ]);
  });

  test("[G2] a late repetition of a prompt that was taken out does not bring it back", async () => {
    const { viewer, taskId, contents } = await waiting();
    const clientMessageId = newClientId();
    await send(viewer, "Regretted", { taskId, clientMessageId, whenBusy: "queue" });
    const row = (await viewer.query(api.queue.list, { taskId })).at(-1);
    if (row) await viewer.mutation(api.queue.remove, { queuedPromptId: row._id });
    expect(await send(viewer, "Regretted", { taskId, clientMessageId, whenBusy: "queue" })).toMatchObject({
      reused: true,
    });
    expect(await contents()).toEqual(["One", "Two", "Three"]);
  });

  test("send now stops the live answer, starts that prompt, and leaves the others waiting", async () => {
    const { viewer, taskId, contents, idOf, generator, t } = await waiting();
    await generator.flush("half");
    const receipt = await viewer.mutation(api.queue.sendNow, { queuedPromptId: await idOf("Two") });
    expect(receipt).toMatchObject({ status: "started", reused: false });
    expect(await contents()).toEqual(["One", "Three"]);
    const [, stopped, prompt] = await listMessages(viewer, taskId);
    expect(stopped).toMatchObject({ endReason: "stopped", parts: [{ text: "half" }] });
    expect(textOf(prompt?.parts ?? [])).toBe("Two");
    await expectInvariants(t);
  });

  test("fifty wait at most; the next one is told so and can be kept", async () => {
    const { viewer, taskId } = await waiting();
    for (let i = 3; i < 50; i++) await send(viewer, `Number ${i}`, { taskId, whenBusy: "queue" });
    await expectFailure(send(viewer, "One too many", { taskId, whenBusy: "queue" }), "QUEUE_FULL");
    expect(await viewer.query(api.queue.list, { taskId })).toHaveLength(50);
  });
});
