import { beforeEach, describe, expect, test } from "vitest";
import {
  addToOutbox,
  dropFromOutbox,
  outboxStore,
  RESUME_WITHIN_MS,
  resumed,
  retryInOutbox,
  sendable,
  withState,
  setOutboxState,
} from "../../../src/composer/outbox.ts";
import { stateAfterFailure } from "../../../src/composer/useOutboxSender.ts";
import { failure } from "../../../convex/shared/errors";
import { accepted, entry, TASK } from "../support/messages.ts";

const stored = (id: string): unknown => JSON.parse(localStorage.getItem(`verbatim:outbox:${id}`) ?? "null");

beforeEach(() => {
  localStorage.clear();
  outboxStore.set([]);
});

describe("[G13] the outbox", () => {
  test("sending: the prompt is in storage before anything is sent", () => {
    addToOutbox(entry("c1"));
    expect(stored("c1")).toMatchObject({ clientMessageId: "c1", content: "words of c1" });
  });

  test("sending → failed → sending: a retry has the same id", () => {
    addToOutbox(entry("c1"));
    setOutboxState("c1", { kind: "failed", message: "no" });
    expect(stored("c1")).toMatchObject({ state: { kind: "failed" } });
    retryInOutbox("c1");
    expect(sendable(outboxStore.get(), new Set())).toMatchObject([{ clientMessageId: "c1" }]);
  });

  test("sending → busy → sending: the person's choice goes with it", () => {
    addToOutbox(entry("c1"));
    setOutboxState("c1", { kind: "busy" });
    retryInOutbox("c1", "interrupt");
    expect(outboxStore.get()).toMatchObject([{ whenBusy: "interrupt", state: { kind: "sending" } }]);
  });

  test("accepted: storage lets go, the page not before its message is there", () => {
    addToOutbox(entry("c1"));
    setOutboxState("c1", accepted("started"));
    expect(stored("c1")).toBeNull();
    expect(outboxStore.get()).toHaveLength(1);
    dropFromOutbox(["c1"]);
    expect(outboxStore.get()).toHaveLength(0);
  });

  test("one at a time in a chat, in order; chats do not wait for each other", () => {
    const outbox = [entry("c1"), entry("c2"), { ...entry("c3"), chatKey: "other" }];
    expect(sendable(outbox, new Set()).map((e) => e.clientMessageId)).toEqual(["c1", "c3"]);
    expect(sendable(outbox, new Set(["c1"])).map((e) => e.clientMessageId)).toEqual(["c3"]);
  });

  test("an entry that another tab gave up is not stored again by a change of another one", () => {
    addToOutbox(entry("c1"));
    addToOutbox(entry("c2"));
    setOutboxState("c1", { kind: "failed", message: "No." });
    // This tab has not heard of it yet.
    localStorage.removeItem("verbatim:outbox:c1");
    setOutboxState("c2", { kind: "failed", message: "No." });
    retryInOutbox("c2");
    expect(stored("c1")).toBeNull();
    expect(stored("c2")).toMatchObject({ state: { kind: "sending" } });
  });

  test("a second prompt in a new chat goes where the first one went", () => {
    const outbox = [
      { ...entry("c1"), taskId: null, chatKey: "new:1" },
      { ...entry("c2"), taskId: null, chatKey: "new:1" },
    ];
    expect(withState(outbox, "c1", accepted("started"))[1]?.taskId).toBe(TASK);
  });

  test("after a reload a recent prompt is sent again, an old one asks first", () => {
    expect(resumed({ ...entry("c1"), createdAt: 1_000 }, 2_000)?.state.kind).toBe("sending");
    expect(resumed({ ...entry("c1"), createdAt: 0 }, RESUME_WITHIN_MS + 1)?.state.kind).toBe("failed");
    expect(resumed({ nonsense: true }, 0)).toBeNull();
  });

  test("what a refusal means: wait for a session, ask what to do, or say what is wrong", () => {
    expect(stateAfterFailure(failure("UNAUTHENTICATED", "…"))).toBeNull();
    expect(stateAfterFailure(failure("GENERATION_IN_PROGRESS", "…"))).toEqual({ kind: "busy" });
    expect(stateAfterFailure(failure("INVALID_INPUT", "Say it otherwise."))).toEqual({
      kind: "failed",
      message: "Say it otherwise.",
    });
  });
});
