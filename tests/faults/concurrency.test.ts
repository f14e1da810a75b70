/** Many sends and many stops at once, from several tabs. Nothing doubled, nothing stuck. */
import { ConvexError } from "convex/values";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import { AnswerWatcher } from "../helpers/answerWatcher.ts";
import type { ChatClient, Receipt } from "../helpers/chatClient.ts";
import type { ProviderExchange } from "../helpers/openaiServer.ts";
import { fallSilentAfter, reply } from "../helpers/providerBehaviours.ts";
import { Chat } from "./harness.ts";

let chat: Chat;
beforeAll(async () => {
  // So many sends by one person are the subject here, not their limit.
  chat = await Chat.start({ VERBATIM_SENDS_PER_MINUTE: "10000" });
});
afterEach(() => chat.closeClients());
afterAll(() => chat.close());

/** Two tabs of one person. */
async function twoTabs(): Promise<[ChatClient, ChatClient]> {
  const first = await chat.open();
  return [first, await chat.open({ token: first.token })];
}

const codeOf = (error: unknown): unknown =>
  error instanceof ConvexError ? (error.data as { code: string }).code : error;

describe("50 concurrent sends", () => {
  test("[G1, G2] with one clientMessageId, from two tabs: one prompt, one answer, one receipt", async () => {
    chat.provider.behave(reply("Only once"));
    const asked = chat.provider.exchanges.length;
    const tabs = await twoTabs();
    const receipts = await Promise.all(
      Array.from({ length: 50 }, (_, i) => tabs[i % 2]!.send("Once?", { clientMessageId: "the-one" })),
    );
    const [first] = receipts;
    const ids = ({ taskId, promptMessageId, assistantMessageId, runId }: Receipt) => ({
      taskId,
      promptMessageId,
      assistantMessageId,
      runId,
    });
    expect(receipts.map(ids)).toEqual(receipts.map(() => ids(first!)));
    expect(receipts.filter(({ reused }) => !reused)).toHaveLength(1);

    await tabs[0].untilEnded(first!);
    expect((await tabs[1].messages(first!.taskId)).map(({ role }) => role)).toEqual(["USER", "ASSISTANT"]);
    expect(chat.provider.exchanges.length - asked, "the provider was asked once").toBe(1);
    const { page } = await tabs[0].convex.query(api.tasks.list, {
      paginationOpts: { numItems: 10, cursor: null },
    });
    expect(page).toHaveLength(1);
    // Also long after the end. [G2]
    expect(ids(await tabs[1].send("Once?", { clientMessageId: "the-one" }))).toEqual(ids(first!));
  });

  test("[G3] different prompts into one chat: one run, the others are told to wait, none is half-written", async () => {
    chat.provider.behave(fallSilentAfter("Thinking"));
    const tabs = await twoTabs();
    const opening = await tabs[0].send("First");
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => tabs[i % 2]!.send(`Prompt ${i}`, { taskId: opening.taskId })),
    );
    const codes = results.map((result) => (result.status === "rejected" ? codeOf(result.reason) : "started"));
    expect(codes).toEqual(results.map(() => "GENERATION_IN_PROGRESS"));
    expect(await tabs[0].messages(opening.taskId)).toHaveLength(2);

    await tabs[0].stop(opening.taskId);
    const race = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => tabs[i % 2]!.send(`Again ${i}`, { taskId: opening.taskId })),
    );
    expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await tabs[0].messages(opening.taskId)).toHaveLength(4);
    await tabs[0].stop(opening.taskId);
  });

  test("[G3, G8] queued: every prompt gets its answer, in the order of the queue", async () => {
    chat.provider.behave((exchange) => reply(`Re: ${exchange.prompt}`)(exchange));
    const [tab] = await twoTabs();
    const opening = await tab.send("Prompt 0");
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        tab.send(`Prompt ${i + 1}`, { taskId: opening.taskId, whenBusy: "queue" }),
      ),
    );
    const { page } = await tab.until(
      api.messages.list,
      { taskId: opening.taskId, paginationOpts: { numItems: 50, cursor: null } },
      (list) => list.page.length === 22 && list.page.every(({ status }) => status === "complete"),
    );
    const answers = page.toReversed().filter(({ role }) => role === "ASSISTANT");
    expect(answers.map(({ parts }) => (parts[0] as { text: string }).text)).toEqual(
      Array.from({ length: 11 }, (_, i) => `Re: Prompt ${i}`),
    );
  });
});

describe("Stop ×20 at once from two clients", () => {
  /** All stops succeed, one of them did it, and the answer is the same for everybody. [G7] */
  async function stopFromBothTabs(
    tabs: [ChatClient, ChatClient],
    receipt: Receipt,
  ): Promise<ProviderExchange> {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => tabs[i % 2]!.stop(receipt.taskId)),
    );
    expect(outcomes.filter(({ outcome }) => outcome === "stopped")).toHaveLength(1);
    expect(new Set(outcomes.map(({ messageId }) => messageId))).toEqual(
      new Set([receipt.assistantMessageId]),
    );
    for (const tab of tabs) {
      const message = await tab.untilEnded(receipt);
      expect(message).toMatchObject({ status: "complete", finishReason: "stop", endReason: "stopped" });
      expect(await tab.convex.query(api.generation.isLocked, { taskId: receipt.taskId })).toBe(false);
    }
    return chat.provider.exchanges.at(-1)!;
  }

  test("[G7] before the first token", async () => {
    chat.provider.behave(fallSilentAfter());
    const arrival = chat.provider.exchanges.length;
    const tabs = await twoTabs();
    const receipt = await tabs[0].send("Go");
    while (chat.provider.exchanges.length === arrival) await chat.provider.nextExchange();
    const exchange = await stopFromBothTabs(tabs, receipt);
    expect(await exchange.closed).toBe("client");
  });

  test("[G7, G9] in silence after some text, which is kept", async () => {
    chat.provider.behave(fallSilentAfter("So far so good"));
    const tabs = await twoTabs();
    const receipt = await tabs[0].send("Go");
    const watcher = AnswerWatcher.of(tabs[1], receipt);
    await watcher.untilText((text) => text === "So far so good");
    const exchange = await stopFromBothTabs(tabs, receipt);
    expect(await exchange.closed).toBe("client");
    await watcher.untilEnded();
    expect(watcher.text).toBe("So far so good");
  });

  test("[G7] in the last 10 ms of an answer: stopped or finished, never both, never neither", async () => {
    chat.provider.behave(fallSilentAfter("The end is near"));
    for (let round = 0; round < 10; round++) {
      const tabs = await twoTabs();
      const receipt = await tabs[0].send("Go");
      const watcher = AnswerWatcher.of(tabs[1], receipt);
      await watcher.untilText((text) => text === "The end is near");
      const finish = new Promise<void>((resolve) => {
        setTimeout(() => {
          chat.provider.exchanges.at(-1)!.finish();
          resolve();
        }, Math.random() * 10);
      });
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => tabs[i % 2]!.stop(receipt.taskId)),
      );
      const [message] = await Promise.all([watcher.untilEnded(), finish]);
      const stopped = outcomes.some(({ outcome }) => outcome === "stopped");
      expect(message.endReason).toBe(stopped ? "stopped" : "finished");
      expect(watcher.text).toBe("The end is near");
      watcher.close();
      await chat.closeClients();
    }
  });
});
