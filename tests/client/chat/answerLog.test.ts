import { describe, expect, test } from "vitest";
import { firstMissing, neededRows, settledParts, withTail } from "../../../src/chat/answerLog.ts";
import { answer, liveTail, text } from "../support/messages.ts";

const rows = new Map([
  [0, [text("a")]],
  [1, [text("b")]],
  [2, [text("c")]],
]);

describe("putting an answer together", () => {
  test("a live answer is its own parts, the rows before the tail, and the tail", () => {
    const message = answer(1, 0, { status: "streaming", parts: [text("before ")] });
    const tail = liveTail({ firstChunk: 0, tailFrom: 2, sealedChunks: 3, tail: [text("cde")] });
    const settled = settledParts(message.parts, rows, neededRows(message, tail));
    expect(withTail(settled ?? [], tail)).toEqual([text("before abcde")]);
  });

  test("[G9] while a row is missing there is nothing new to show, instead of text with a hole", () => {
    const message = answer(1, 0, { status: "streaming" });
    const tail = liveTail({ tailFrom: 3, sealedChunks: 4 });
    expect(settledParts(message.parts, new Map([[0, [text("a")]]]), neededRows(message, tail))).toBeNull();
  });

  test("sealed rows are asked for before they are needed", () => {
    const range = neededRows(answer(1, 0), liveTail({ tailFrom: 0, sealedChunks: 2 }));
    expect(firstMissing(new Map(), range)).toBe(0);
    expect(firstMissing(rows, range)).toBeNull();
  });

  test("a finished answer needs only the rows that did not fit", () => {
    const message = answer(1, 0, { parts: [text("x")], omittedChunks: { from: 1, to: 3 } });
    const range = neededRows(message, null);
    expect(settledParts(message.parts, rows, range)).toEqual([text("xbc")]);
  });

  test("a position that is already there grows, a new one is a part of its own", () => {
    const tail = liveTail({ tail: [text("more"), text("next", 1)] });
    expect(withTail([text("once ")], tail)).toEqual([text("once more"), text("next", 1)]);
  });
});
