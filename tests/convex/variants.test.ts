/** Edit, regenerate, variants and what can be continued. Nothing is deleted; the path shows one variant at each place. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { textOf } from "../../convex/shared/parts";
import type { TestBackend } from "../helpers/backend.ts";
import { useFakeTime } from "./fakeTime.ts";
import {
  expectFailure,
  expectInvariants,
  listMessages,
  newChat,
  newClientId,
  playGenerator,
  sendStarted,
  started,
  type Viewer,
} from "./support.ts";

useFakeTime();
afterEach(() => void vi.unstubAllEnvs());

async function answer(t: TestBackend, runId: string, text: string) {
  const generator = playGenerator(t, runId);
  await generator.claim();
  await generator.complete(text);
}

/** A chat of two exchanges. */
async function twoExchanges() {
  const { t, viewer } = await newChat();
  const first = await sendStarted(viewer, "Question one");
  await answer(t, first.runId, "Answer one");
  const second = await sendStarted(viewer, "Question two", { taskId: first.taskId });
  await answer(t, second.runId, "Answer two");
  const { taskId } = first;
  const path = async () => (await listMessages(viewer, taskId)).map(({ parts }) => textOf(parts));
  return { t, viewer, taskId, first, second, path };
}

async function regenerate(viewer: Viewer, messageId: Id<"chatMessages">, clientMessageId = newClientId()) {
  return started(await viewer.mutation(api.messages.regenerate, { messageId, clientMessageId }));
}

async function edit(viewer: Viewer, messageId: Id<"chatMessages">, content: string) {
  return started(
    await viewer.mutation(api.messages.edit, { messageId, clientMessageId: newClientId(), content }),
  );
}

describe("regenerate", () => {
  test("another answer takes the place; the old one can be shown again", async () => {
    const { t, viewer, second, path, taskId } = await twoExchanges();
    const receipt = await regenerate(viewer, second.assistantMessageId);
    expect(receipt.promptMessageId).toBe(second.promptMessageId);
    await answer(t, receipt.runId, "Answer two, better");
    expect(await path()).toEqual(["Question one", "Answer one", "Question two", "Answer two, better"]);
    expect((await listMessages(viewer, taskId)).at(-1)).toMatchObject({ variant: 1, variantCount: 2 });

    const variants = await viewer.query(api.messages.listVariants, { messageId: receipt.assistantMessageId });
    expect(variants.map(({ messageId }) => messageId)).toEqual([
      second.assistantMessageId,
      receipt.assistantMessageId,
    ]);
    await viewer.mutation(api.messages.selectVariant, { messageId: second.assistantMessageId });
    expect((await path()).at(-1)).toBe("Answer two");
    expect((await listMessages(viewer, taskId)).at(-1)).toMatchObject({ variant: 0, variantCount: 2 });
    await expectInvariants(t);
  });

  test("[G1] the same clientMessageId makes one variant, also at once from two tabs", async () => {
    const { t, viewer, second } = await twoExchanges();
    const id = newClientId();
    const [one, two] = await Promise.all([
      regenerate(viewer, second.assistantMessageId, id),
      regenerate(viewer, second.assistantMessageId, id),
    ]);
    expect(two.assistantMessageId).toBe(one.assistantMessageId);
    await expectInvariants(t);
  });

  test("in the middle: what followed goes with the old answer, and comes back with it", async () => {
    const { t, viewer, first, path } = await twoExchanges();
    const receipt = await regenerate(viewer, first.assistantMessageId);
    await answer(t, receipt.runId, "Answer one, again");
    expect(await path()).toEqual(["Question one", "Answer one, again"]);
    await viewer.mutation(api.messages.selectVariant, { messageId: first.assistantMessageId });
    expect(await path()).toEqual(["Question one", "Answer one", "Question two", "Answer two"]);
  });

  test("[G3] live → reject, or interrupt", async () => {
    const { t, viewer, second } = await twoExchanges();
    const receipt = await regenerate(viewer, second.assistantMessageId);
    const again = { messageId: receipt.assistantMessageId, clientMessageId: newClientId() };
    await expectFailure(viewer.mutation(api.messages.regenerate, again), "GENERATION_IN_PROGRESS");
    const third = await viewer.mutation(api.messages.regenerate, { ...again, whenBusy: "interrupt" });
    expect(third).toMatchObject({ status: "started" });
    await expectInvariants(t);
  });

  test("there is a limit to the variants of one message", async () => {
    vi.stubEnv("VERBATIM_SENDS_PER_MINUTE", "1000");
    const { t, viewer, second } = await twoExchanges();
    let messageId = second.assistantMessageId;
    for (let variant = 1; variant < 64; variant++) {
      const receipt = await regenerate(viewer, messageId);
      await answer(t, receipt.runId, `Variant ${variant}`);
      messageId = receipt.assistantMessageId;
    }
    await expectFailure(regenerate(viewer, messageId), "TOO_MANY_VARIANTS");
  });
});

describe("edit", () => {
  test("another prompt takes the place, with an answer of its own; the old branch can be shown again", async () => {
    const { t, viewer, first, path, taskId } = await twoExchanges();
    const receipt = await edit(viewer, first.promptMessageId, "Question one, reworded");
    await answer(t, receipt.runId, "Another answer");
    expect(await path()).toEqual(["Question one, reworded", "Another answer"]);
    expect((await listMessages(viewer, taskId))[0]).toMatchObject({ variant: 1, variantCount: 2 });
    await viewer.mutation(api.messages.selectVariant, { messageId: first.promptMessageId });
    expect(await path()).toEqual(["Question one", "Answer one", "Question two", "Answer two"]);
    const stored = await t.run((ctx) => ctx.db.query("chatMessages").collect());
    expect(stored).toHaveLength(6);
  });

  test("a message on a branch that is not shown cannot be edited", async () => {
    const { t, viewer, first, second } = await twoExchanges();
    const receipt = await edit(viewer, first.promptMessageId, "Reworded");
    await answer(t, receipt.runId, "Another answer");
    await expectFailure(edit(viewer, second.promptMessageId, "Lost"), "INVALID_INPUT");
    await expectFailure(
      viewer.mutation(api.messages.selectVariant, { messageId: second.assistantMessageId }),
      "INVALID_INPUT",
    );
  });

  test("what would touch too much at once is refused and changes nothing", async () => {
    const { t, viewer, first, taskId } = await twoExchanges();
    await t.run(async (ctx) => {
      const last = await ctx.db.get(first.assistantMessageId);
      if (!last) return;
      const { _id, _creationTime, ...message } = last;
      for (let i = 0; i < 1_000; i++) await ctx.db.insert("chatMessages", { ...message, sequence: 10 + i });
      await ctx.db.patch(taskId, { nextSequence: 1_010 });
    });
    await expectFailure(edit(viewer, first.promptMessageId, "Reworded"), "TOO_FAR_BACK");
    expect(await listMessages(viewer, taskId)).toHaveLength(50);
  });
});

describe("continue", () => {
  test.each(["stopped", "crashed", "timedOut", "providerError", "lengthLimit"] as const)(
    "%s → pending: it goes on inside the same answer",
    async (endReason) => {
      const { t, viewer, second, taskId } = await twoExchanges();
      await t.run((ctx) => ctx.db.patch(second.assistantMessageId, { endReason }));
      const receipt = await viewer.mutation(api.messages.continueAnswer, {
        ...{ messageId: second.assistantMessageId, clientMessageId: newClientId() },
      });
      expect(receipt.assistantMessageId).toBe(second.assistantMessageId);
      expect((await listMessages(viewer, taskId)).at(-1)).toMatchObject({
        status: "pending",
        endReason: null,
      });
      await answer(t, started(receipt).runId, ", and more");
      expect(textOf((await listMessages(viewer, taskId)).at(-1)?.parts ?? [])).toBe("Answer two, and more");
    },
  );

  test("[G1] the same clientMessageId continues once", async () => {
    const { t, viewer, second } = await twoExchanges();
    await t.run((ctx) => ctx.db.patch(second.assistantMessageId, { endReason: "stopped" }));
    const args = { messageId: second.assistantMessageId, clientMessageId: newClientId() };
    const first = await viewer.mutation(api.messages.continueAnswer, args);
    expect(await viewer.mutation(api.messages.continueAnswer, args)).toEqual({ ...first, reused: true });
    await answer(t, started(first).runId, "!");
    expect(await viewer.mutation(api.messages.continueAnswer, args)).toEqual({ ...first, reused: true });
  });

  test("a finished answer, or one that others follow, cannot be continued", async () => {
    const { t, viewer, first, second } = await twoExchanges();
    const continueAnswer = (messageId: Id<"chatMessages">) =>
      viewer.mutation(api.messages.continueAnswer, { messageId, clientMessageId: newClientId() });
    await expectFailure(continueAnswer(second.assistantMessageId), "NOT_CONTINUABLE");
    await t.run((ctx) => ctx.db.patch(first.assistantMessageId, { endReason: "stopped" }));
    await expectFailure(continueAnswer(first.assistantMessageId), "NOT_CONTINUABLE");
  });
});
