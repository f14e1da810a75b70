/** Summaries of what no longer fits into a model's context: made beside the answers, used from the next prompt on, never in the way. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Doc, Id } from "../../convex/_generated/dataModel";
import { estimateTokens } from "../../convex/shared/tokens";
import type { TestBackend } from "../helpers/backend.ts";
import { failedRequests, reply } from "./askedModel.ts";
import { FakeProvider, runGenerator, type ProviderRequest } from "./fakeProvider.ts";
import { pass, turns, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { lastMessage, newChat, newViewer, sendStarted } from "./support.ts";

useFakeTime();
let provider: FakeProvider;
beforeEach(() => {
  provider = new FakeProvider();
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

type Chat = Awaited<ReturnType<typeof newChat>>;

const LENGTH = 8_192;

async function listed({ t }: Chat, contextLength: number): Promise<void> {
  const facts = { id: "test-model", contextLength, maxOutput: 512 };
  await t.mutation(internal.models.keepOffered, {
    lists: [{ provider: "openai", ids: [facts.id], facts: [facts] }],
  });
}

/** Rows of a chat of so many exchanges, as they are after they were answered one by one. */
async function longChat({ t, viewer }: Chat, count: number, words: (n: number) => string) {
  const { userId } = viewer;
  const now = Date.now();
  const taskId = await t.run((ctx) =>
    ctx.db.insert("tasks", {
      ...{ userId, title: "Long", titleSource: "user", status: "IDLE", pinned: false, archived: false },
      ...{ unread: false, queuePaused: false, lastActivityAt: now, nextSequence: 2 * count },
    }),
  );
  let parent: Id<"chatMessages"> | null = null;
  const common = {
    taskId,
    userId,
    variant: 0,
    variantCount: 1,
    onPath: true,
    inlinedChunks: 0,
    chunkCount: 0,
  };
  // Some at a time: a transaction writes so many bytes at most.
  for (let from = 0; from < count; from += 50) {
    parent = await t.run(async (ctx) => {
      let last = parent;
      for (let n = from; n < Math.min(count, from + 50); n++) {
        const text = (role: string) => [
          { type: "text" as const, position: 0, text: `${role} ${n}: ${words(n)}` },
        ];
        const prompt: Id<"chatMessages"> = await ctx.db.insert("chatMessages", {
          ...{ ...common, role: "USER", sequence: 2 * n, status: "complete", parts: text("question") },
          ...(last !== null && { parentMessageId: last }),
        });
        last = await ctx.db.insert("chatMessages", {
          ...{ ...common, role: "ASSISTANT", sequence: 2 * n + 1, status: "complete", parts: text("answer") },
          ...{ promptMessageId: prompt, parentMessageId: prompt, endReason: "finished", endedAt: now },
        });
      }
      return last;
    });
  }
  return taskId;
}

const finish = (request: ProviderRequest, text = "Done") => reply(request, text);

/** A prompt, and its answer by the model. */
async function ask({ t, viewer }: Chat, taskId: Id<"tasks">, content = "And now?") {
  const asked = provider.requests.length;
  const sent = await sendStarted(viewer, content, { taskId });
  const generation = runGenerator(t, sent.runId);
  const request = await provider.request(asked);
  finish(request);
  await whileTimePasses(generation);
  return { ...sent, request };
}

const said = ({ body }: ProviderRequest, role: string): string =>
  (body.messages ?? []).flatMap((one) => (one.role === role ? [String(one.content)] : [])).join("\n");
const promptsIn = ({ body }: ProviderRequest) => (body.messages ?? []).filter(({ role }) => role === "user");
const summaries = (t: TestBackend) => t.run((ctx) => ctx.db.query("contextSummaries").collect());
const words = () => "some more words ".repeat(40);

/** A long chat whose next answer was not sent all, and the request for a summary that follows. */
async function asked(count = 30) {
  const chat = await newChat();
  await listed(chat, LENGTH);
  const taskId = await longChat(chat, count, words);
  const { request: answered } = await ask(chat, taskId);
  await pass(20);
  const request = await provider.request(1);
  return { ...chat, taskId, answered, request };
}

describe("a summary of what no longer fits", () => {
  test("is asked for when the answer has ended, and stands in for the older part from the next prompt on", async () => {
    const chat = await asked();
    const { t, viewer, taskId, answered, request } = chat;
    expect(said(answered, "system")).not.toContain("summary");
    expect(await lastMessage(viewer, taskId)).toMatchObject({ status: "complete" });
    expect((await lastMessage(viewer, taskId)).summary).toBeUndefined();
    finish(request, "<think>Hm.</think>They spoke of many words.");
    await pass(100);
    const [summary] = await summaries(t);
    expect(summary?.text).toBe("They spoke of many words.");
    const next = await ask(chat, taskId, "And then?");
    expect(said(next.request, "system")).toContain("They spoke of many words.");
    const sent = promptsIn(next.request);
    expect(sent.length).toBeLessThan(promptsIn(answered).length);
    expect(String(sent[0]?.content)).toContain(`question ${(summary?.upTo ?? 0) / 2}:`);
    const last = await lastMessage(viewer, taskId);
    expect(last).toMatchObject({
      contextFrom: summary?.upTo,
      summary: { id: summary?._id, upTo: summary?.upTo },
    });
    expect(
      await viewer.query(api.summaries.read, { summaryId: summary?._id as Id<"contextSummaries"> }),
    ).toBe("They spoke of many words.");
    // Everything fits again: none is asked for.
    await pass(1_000, 100);
    expect(provider.requests).toHaveLength(3);
    const rows = await t.run((ctx) => ctx.db.query("usages").collect());
    expect(rows.filter(({ kind }) => kind === "summary")).toHaveLength(1);
  });

  test("is of the part before, whole exchanges, and the next one goes on from it", async () => {
    const chat = await asked();
    const { t, taskId, request } = chat;
    const shown = said(request, "user");
    expect(shown).toContain("</assistant>");
    expect(estimateTokens(shown)).toBeLessThan(LENGTH);
    finish(request, "First summary.");
    await pass(100);
    const [first] = await summaries(t);
    expect(shown).toContain(`answer ${((first?.upTo ?? 0) - 2) / 2}:`);
    expect(shown).not.toContain(`question ${(first?.upTo ?? 0) / 2}:`);
    let asks = provider.requests.length;
    for (let n = 0; n < 12 && (await summaries(t)).length === 1; n++) {
      await ask(chat, taskId, `More ${n} ${words().repeat(2)}`);
      asks += 1;
      await pass(100);
      const further = provider.requests[asks];
      if (!further) continue;
      expect(said(further, "user")).toContain("First summary.");
      finish(further, "Second summary.");
      await pass(100);
    }
    expect((await summaries(t)).map(({ text }) => text)).toEqual(["First summary.", "Second summary."]);
    const { request: last } = await ask(chat, taskId, "Go on");
    expect(said(last, "system")).toContain("Second summary.");
    expect(said(last, "system")).not.toContain("First summary.");
  });

  test.each(Object.entries(failedRequests("They")))("when %s, answers go on as before", async (_, fail) => {
    const chat = await asked();
    fail(chat.request);
    await pass(200);
    expect(await summaries(chat.t)).toEqual([]);
    const { taskId } = await ask(chat, chat.taskId, "Still there?");
    expect(await lastMessage(chat.viewer, taskId)).toMatchObject({ endReason: "finished" });
  });

  test("holds only for the path that it tells of; an edit of what it tells of leaves it out", async () => {
    const chat = await asked();
    const { t, viewer, taskId, request } = chat;
    finish(request, "Of the old path.");
    await pass(100);
    const prompts = await t.run((ctx) =>
      ctx.db
        .query("chatMessages")
        .withIndex("by_task_path", (q) => q.eq("taskId", taskId).eq("onPath", true))
        .collect(),
    );
    const early = prompts.find(
      ({ role, sequence }) => role === "USER" && sequence >= 4,
    ) as Doc<"chatMessages">;
    const edited = await viewer.mutation(api.messages.edit, {
      ...{ messageId: early._id, clientMessageId: "edit-1", content: "Something else" },
    });
    const generation = runGenerator(t, edited.runId as string);
    const asking = await provider.request(2);
    finish(asking);
    await whileTimePasses(generation);
    expect(said(asking, "system")).not.toContain("Of the old path.");
    expect(promptsIn(asking)).toHaveLength(3);
  });

  test("of one that is far too long its beginning is sent, and it is not asked for again", async () => {
    const chat = await asked();
    const { t, taskId, request } = chat;
    finish(request, `It begins here. ${"And on it goes. ".repeat(490)}`);
    await pass(100);
    expect(await summaries(t)).toHaveLength(1);
    const { request: next } = await ask(chat, taskId);
    expect(said(next, "system")).toContain("It begins here.");
    expect(estimateTokens(said(next, "system"))).toBeLessThan(LENGTH / 3);
    await pass(1_000, 100);
    expect(provider.requests).toHaveLength(3);
  });

  test("[G11] nobody else reads it, and it goes with its chat", async () => {
    const { t, viewer, taskId, request } = await asked();
    finish(request, "Between us.");
    await pass(100);
    const [summary] = await summaries(t);
    const summaryId = summary?._id as Id<"contextSummaries">;
    expect(await (await newViewer(t)).query(api.summaries.read, { summaryId })).toBeNull();
    await viewer.mutation(api.tasks.remove, { taskId });
    await t.mutation(internal.tasks.purge, { taskId });
    await pass(2_000, 100);
    expect(await summaries(t)).toEqual([]);
  });

  test("off: none is asked for", async () => {
    vi.stubEnv("VERBATIM_SUMMARIES", "off");
    const chat = await newChat();
    await listed(chat, LENGTH);
    await ask(chat, await longChat(chat, 30, words));
    await pass(1_000, 100);
    expect(provider.requests).toHaveLength(1);
  });

  test("[G16] none is asked for when too little of a budget is left for it; the answers go on", async () => {
    vi.stubEnv("VERBATIM_BUDGET_TOKENS_PER_PERSON", "15000");
    const chat = await newChat();
    await listed(chat, LENGTH);
    const taskId = await longChat(chat, 30, words);
    await ask(chat, taskId);
    await pass(1_000, 100);
    expect(provider.requests).toHaveLength(1);
    await ask(chat, taskId, "Still there?");
    expect((await lastMessage(chat.viewer, taskId)).endReason).toBe("finished");
  });
});

describe("a chat of a thousand long messages", () => {
  test.each([4_096, 32_768, 200_000])(
    "of a model with %d tokens: its last words are right, the line is there, a summary is asked for where needed",
    async (contextLength) => {
      const chat = await newChat();
      await listed(chat, contextLength);
      const taskId = await longChat(chat, 500, () => "some more words ".repeat(60));
      const { request } = await ask(chat, taskId, "What was the last one?");
      const texts = (request.body.messages ?? []).map(({ content }) => String(content));
      expect(texts.at(-1)).toBe("What was the last one?");
      if (contextLength > 4_096) expect(texts.at(-2)).toContain("answer 499:");
      const { contextFrom } = await lastMessage(chat.viewer, taskId);
      expect(contextFrom).toBe(1_000 - (texts.length - 2));
      await turns(20);
      await pass(40);
      const summary = await provider.request(1);
      expect(summary.body).toMatchObject({ max_tokens: 512 });
      expect(estimateTokens(said(summary, "user")) + 512).toBeLessThan(contextLength);
      finish(summary, "A summary.");
      await pass(100);
      expect(await summaries(chat.t)).toHaveLength(1);
    },
  );
});
