/**
 * [G1, G3–G5, G7] Calls of several devices and of generators that overlap, in random sets: whatever commits first, the invariants
 * of `metrics.overview` hold after each set, no text stands behind an end, and a call fails only as expected. On engines that run calls one after the other
 * this tries their orders; in cloud mode they conflict.
 */
import { ConvexError } from "convex/values";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import {
  expectInvariants,
  newClientId,
  newViewer,
  playGenerator,
  send,
  viewerOf,
  type Viewer,
} from "./support.ts";

const LIVES = 25;
const MAX_SETS = 8;
const MAX_CALLS = 6;

/** Kinds of calls; a number chooses among what there is. */
const call = fc.tuple(
  fc.constantFrom(
    "send",
    "repeat",
    "queue",
    "interrupt",
    "claim",
    "flush",
    "complete",
    "fail",
    "stop",
    "regenerate",
  ),
  fc.nat(5),
);

beforeEach(() => {
  // Nothing that is scheduled comes in between.
  vi.useFakeTimers();
  for (const method of ["info", "log"] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** One chat, its devices and what they know. */
class Chat {
  private readonly generators: ReturnType<typeof playGenerator>[] = [];
  private readonly answers: Id<"chatMessages">[] = [];
  private readonly clientIds: string[] = [];

  constructor(
    private readonly t: TestBackend,
    private readonly devices: readonly Viewer[],
    private readonly taskId: Id<"tasks">,
  ) {}

  async perform([kind, choice]: [string, number]): Promise<void> {
    const device = this.devices[choice % this.devices.length]!;
    const generator = this.generators.at(-1 - (choice % 2));
    switch (kind) {
      case "send":
        return this.send(device, newClientId());
      case "repeat":
        return this.send(device, this.clientIds[choice % this.clientIds.length] ?? newClientId());
      case "queue":
      case "interrupt":
        return this.send(device, newClientId(), kind);
      case "claim":
        await generator?.claim();
        return;
      case "flush":
        await generator?.flush("word ");
        return;
      case "complete":
        await generator?.complete("end");
        return;
      case "fail":
        await generator?.fail("The model is away");
        return;
      case "stop":
        await device.mutation(api.streaming.stopTask, { taskId: this.taskId });
        return;
      default: {
        const messageId = this.answers.at(-1);
        if (messageId === undefined) return;
        const clientMessageId = newClientId();
        this.learn(await device.mutation(api.messages.regenerate, { messageId, clientMessageId }));
      }
    }
  }

  private async send(
    device: Viewer,
    clientMessageId: string,
    whenBusy?: "queue" | "interrupt",
  ): Promise<void> {
    this.clientIds.push(clientMessageId);
    const { taskId } = this;
    this.learn(await send(device, "hello", { taskId, clientMessageId, ...(whenBusy && { whenBusy }) }));
  }

  learn(receipt: { runId: string | null; assistantMessageId: Id<"chatMessages"> | null }): void {
    if (receipt.runId !== null) this.generators.push(playGenerator(this.t, receipt.runId));
    if (receipt.assistantMessageId !== null) this.answers.push(receipt.assistantMessageId);
  }
}

/** `ConvexError`s are expected failures; so is Convex's answer to a call that lost against others too often. */
function expectKnown(outcome: PromiseSettledResult<void>): void {
  if (outcome.status === "fulfilled" || outcome.reason instanceof ConvexError) return;
  expect(String(outcome.reason)).toContain("https://docs.convex.dev/error#1");
}

/** The end of an answer is the last row of its log, if it has one. [G4] */
async function expectEnds(t: TestBackend): Promise<void> {
  const late = await t.run(async ({ db }) => {
    const rows = await db.query("streamingChunks").collect();
    const messages = await Promise.all(rows.map(({ messageId }) => db.get(messageId)));
    return rows.filter(({ index, isEnd }, i) => {
      const { endReason, chunkCount = 0 } = messages[i] ?? {};
      if (endReason === undefined) return false;
      return index >= chunkCount || (index === chunkCount - 1 && isEnd !== true);
    });
  });
  expect(late).toEqual([]);
}

async function live(sets: readonly (readonly [string, number][])[]): Promise<void> {
  const t = newBackend();
  const first = await newViewer(t);
  const receipt = await send(first, "the first words");
  const chat = new Chat(t, [first, viewerOf(t, first.userId)], receipt.taskId);
  chat.learn(receipt);
  // A reply that streams: its next flush reads nothing but its place in the log.
  for (const kind of ["claim", "flush"]) await chat.perform([kind, 0]);
  for (const calls of sets) {
    (await Promise.allSettled(calls.map((each) => chat.perform(each)))).forEach(expectKnown);
    await expectInvariants(t);
    await expectEnds(t);
  }
}

test(`[G1, G3–G5, G7] ${LIVES} chats of calls that overlap`, async () => {
  const set = fc.array(call, { minLength: 2, maxLength: MAX_CALLS });
  await fc.assert(fc.asyncProperty(fc.array(set, { minLength: 2, maxLength: MAX_SETS }), live), {
    numRuns: LIVES,
  });
}, 120_000);
