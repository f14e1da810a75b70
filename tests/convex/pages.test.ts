/** The pages of a chat: from its end backwards, and both ways from a message in it. */
import { describe, expect, test } from "vitest";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { newChat, newClientId, playGenerator, sendStarted, type Message, type Viewer } from "./support.ts";
import type { TestBackend } from "../helpers/backend.ts";

const EXCHANGES = 12;

/** A chat of finished exchanges: prompts `P0 …`, each with an answer. */
async function longChat() {
  const { t, viewer } = await newChat();
  let taskId: Id<"tasks"> | null = null;
  for (let exchange = 0; exchange < EXCHANGES; exchange++) {
    const receipt = await sendStarted(viewer, `P${exchange}`, { taskId });
    taskId = receipt.taskId;
    await finish(t, receipt.runId);
  }
  if (taskId === null) throw new Error("No exchange");
  return { t, viewer, taskId };
}

async function finish(t: TestBackend, runId: string) {
  const generator = playGenerator(t, runId);
  await generator.claim();
  await generator.complete("done");
}

const sequences = (messages: readonly Message[]) => messages.map(({ sequence }) => sequence);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

async function readAll(viewer: Viewer, taskId: Id<"tasks">, direction: { upTo: number } | { after: number }) {
  const messages: Message[] = [];
  let cursor: string | null = null;
  for (let pages = 1; ; pages++) {
    const paginationOpts = { numItems: 5, cursor };
    const page: Awaited<ReturnType<typeof viewer.query<typeof api.messages.list>>> =
      "upTo" in direction
        ? await viewer.query(api.messages.list, { taskId, ...direction, paginationOpts })
        : await viewer.query(api.messages.listAfter, { taskId, ...direction, paginationOpts });
    expect(page.page.length).toBeLessThanOrEqual(5);
    messages.push(...page.page);
    if (page.isDone) return messages;
    cursor = page.continueCursor;
    expect(pages).toBeLessThan(EXCHANGES);
  }
}

describe("pages around a message", () => {
  test("located → the two ways from it hold the chat once, without a gap", async () => {
    const { viewer, taskId } = await longChat();
    const all = await readAll(viewer, taskId, { upTo: Number.MAX_SAFE_INTEGER });
    expect(sequences(all)).toEqual(range(0, 2 * EXCHANGES - 1).reverse());
    const wanted = all[13];
    if (!wanted) throw new Error("The chat is too short");
    const located = await viewer.query(api.messages.locate, { taskId, messageId: wanted._id });
    expect(located).toEqual({ sequence: wanted.sequence });
    const { sequence } = wanted;
    expect(sequences(await readAll(viewer, taskId, { upTo: sequence }))).toEqual(
      range(0, sequence).reverse(),
    );
    const after = await readAll(viewer, taskId, { after: sequence });
    expect(sequences(after)).toEqual(range(sequence + 1, 2 * EXCHANGES - 1));
    expect(after.filter(({ role }) => role === "ASSISTANT").every(({ parts }) => parts.length === 1)).toBe(
      true,
    );
  });

  test("another version is shown → a message of the old one is nowhere, and no page has it", async () => {
    const { t, viewer, taskId } = await longChat();
    const all = await readAll(viewer, taskId, { after: -1 });
    const [edited, follower] = [all[4], all[8]];
    if (!edited || !follower) throw new Error("The chat is too short");
    const clientMessageId = newClientId();
    const receipt = await viewer.mutation(api.messages.edit, {
      messageId: edited._id,
      clientMessageId,
      content: "P2, better",
    });
    if (receipt.runId === null) throw new Error("It waits");
    await finish(t, receipt.runId);
    expect(await viewer.query(api.messages.locate, { taskId, messageId: follower._id })).toBeNull();
    const after = await readAll(viewer, taskId, { after: 3 });
    expect(after.map(({ _id }) => _id)).not.toContain(follower._id);
    expect(after).toHaveLength(2);
  });

  test("[G11] what is no id, another chat's or nobody's → nowhere, as if it did not exist", async () => {
    const { viewer, taskId } = await longChat();
    const elsewhere = await sendStarted(viewer, "Another chat");
    for (const messageId of ["", "no id", taskId, elsewhere.promptMessageId]) {
      expect(await viewer.query(api.messages.locate, { taskId, messageId })).toBeNull();
    }
  });
});
