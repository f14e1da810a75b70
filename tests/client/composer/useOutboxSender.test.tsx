import "../support/browser.ts";
import "../support/patience.ts";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import type { Id } from "../../../convex/_generated/dataModel";
import { failure } from "../../../convex/shared/errors";
import { currentRoute, navigate } from "../../../src/app/route.ts";
import { viewKeyOf } from "../../../src/chat/chatKeys.ts";
import { addToOutbox, outboxStore } from "../../../src/composer/outbox.ts";
import { useOutboxSender } from "../../../src/composer/useOutboxSender.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { entry, TASK } from "../support/messages.ts";

let server: FakeConvex;
beforeEach(() => {
  localStorage.clear();
  outboxStore.set([]);
  navigate({ kind: "newChat" });
  server = new FakeConvex();
  renderHook(() => useOutboxSender(), { wrapper: server.Page });
});
afterEach(cleanup);

const sends = () => server.callsOf(api.messages.send);
const add = (...args: Parameters<typeof addToOutbox>) =>
  act(() => {
    addToOutbox(...args);
  });
const receipt = (taskId: string, more: object = {}) => ({
  taskId,
  promptMessageId: "p",
  assistantMessageId: "a",
  runId: `run of ${taskId}`,
  status: "started",
  reused: false,
  ...more,
});
const settle = (index: number, how: "answer" | "refuse", value: unknown) =>
  act(async () => {
    sends()[index]?.[how](value);
    await Promise.resolve();
  });
const states = () => outboxStore.get().map(({ clientMessageId, state }) => [clientMessageId, state.kind]);

describe("[G1] carrying prompts to the server", () => {
  test("a new chat: sent without one, then its run is started and its address shown; the view keeps its key", async () => {
    const viewKey = viewKeyOf(null);
    const taskId = "k17newchat00000000000000000" as Id<"tasks">;
    add({ ...entry("n1"), taskId: null, chatKey: viewKey });
    expect(sends().map(({ args }) => args.taskId)).toEqual([null]);
    await settle(0, "answer", receipt(taskId));
    expect(currentRoute()).toEqual({ kind: "chat", taskId });
    expect(viewKeyOf(taskId)).toBe(viewKey);
    expect(server.callsOf(api.generate.start).map(({ args }) => args)).toEqual([
      { runId: `run of ${taskId}` },
    ]);
    // On the screen until the server's message is there.
    expect(states()).toEqual([["n1", "accepted"]]);
  });

  test("in one chat one at a time, in order; what the first one's refusal says is kept with it", async () => {
    add(entry("c1"));
    add(entry("c2"));
    expect(sends().map(({ args }) => args.clientMessageId)).toEqual(["c1"]);
    await settle(0, "refuse", failure("GENERATION_IN_PROGRESS", "…"));
    await waitFor(() => expect(sends()).toHaveLength(2));
    expect(states()).toEqual([
      ["c1", "busy"],
      ["c2", "sending"],
    ]);
  });

  test("accepted while another chat is on the screen: nothing waits to be shown", async () => {
    navigate({ kind: "archive" });
    add(entry("c3"));
    await settle(0, "answer", receipt(TASK));
    expect(states()).toEqual([]);
    expect(currentRoute()).toEqual({ kind: "archive" });
  });

  test("a repeated send that the server knew from before leaves at once: its prompt may be pages back", async () => {
    navigate({ kind: "chat", taskId: TASK });
    add(entry("c4"));
    await settle(0, "answer", receipt(TASK, { reused: true }));
    expect(states()).toEqual([]);
  });

  test("[G13] without a session it stays as it is, to be sent again; any other refusal is told", async () => {
    add(entry("c5"));
    await settle(0, "refuse", failure("UNAUTHENTICATED", "…"));
    expect(states()).toEqual([["c5", "sending"]]);
    add({ ...entry("c6"), chatKey: "elsewhere" });
    await waitFor(() => expect(sends().at(-1)?.args.clientMessageId).toBe("c6"));
    await settle(sends().length - 1, "refuse", failure("MESSAGE_TOO_LONG", "…"));
    expect(outboxStore.get().at(-1)?.state).toEqual({ kind: "failed", message: "The message is too long." });
  });
});
