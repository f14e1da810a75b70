import { describe, expect, test } from "vitest";
import { arrived, toTurns } from "../../../src/chat/turns.ts";
import { accepted, answer, entry, prompt } from "../support/messages.ts";

describe("turns", () => {
  test("prompts and answers are paired, oldest first", () => {
    const turns = toTurns([answer(3, 2), prompt(2), answer(1, 0), prompt(0)], [], false);
    expect(turns.map((turn) => [turn.prompt?.sequence, turn.answer?.sequence])).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test("the key is the same from the press of Send to the finished answer", () => {
    const [sending] = toTurns([], [entry("c2")], false);
    const [sent] = toTurns([answer(1, 0), prompt(0, "c2")], [entry("c2", accepted("started"))], false);
    expect(sent?.key).toBe(sending?.key);
    expect(sent?.entry).toBeNull();
  });

  test("[G1] a prompt that has arrived is not shown a second time", () => {
    const turns = toTurns([answer(1, 0), prompt(0, "c1")], [entry("c1", accepted("started"))], false);
    expect(turns).toHaveLength(1);
  });

  test("a prompt that waits in the server's queue is in the tray, not in the chat", () => {
    expect(toTurns([], [entry("c1", accepted("queued"))], false)).toEqual([]);
  });

  test("an answer whose prompt is on the next page waits for it; at the very beginning it is shown", () => {
    expect(toTurns([answer(1, 0)], [], true)).toEqual([]);
    expect(toTurns([answer(1, 0)], [], false)).toHaveLength(1);
  });

  test("an entry leaves the outbox when its message or its place in the queue is there, not before", () => {
    const outbox = [entry("c1", accepted("started")), entry("c2", accepted("queued")), entry("c3")];
    expect(arrived([], outbox, new Set())).toEqual([]);
    expect(arrived([prompt(0, "c1")], outbox, new Set(["c2"]))).toEqual(["c1", "c2"]);
  });
});
