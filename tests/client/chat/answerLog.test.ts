import { describe, expect, test } from "vitest";
import { emptyLog, withPiece } from "../../../src/chat/answerLog.ts";
import { text } from "../support/messages.ts";

const piece = (from: number, to: number, content: string) => ({ from, to, parts: [text(content)] });

describe("what is known of an answer's log", () => {
  test("grows by the piece that begins where it ends", () => {
    const log = withPiece(emptyLog(3), piece(3, 4, "once "));
    expect(log).toEqual({ first: 3, next: 4, parts: [text("once ")] });
    expect(log && withPiece(log, piece(4, 9, "more"))).toEqual({
      first: 3,
      next: 9,
      parts: [text("once more")],
    });
  });

  test("a piece that is known already changes nothing", () => {
    const log = { first: 0, next: 5, parts: [text("known")] };
    expect(withPiece(log, piece(2, 5, "wn"))).toBe(log);
  });

  test("[G9] a piece that comes too early, or begins in the middle, is not put behind it", () => {
    const log = { first: 0, next: 5, parts: [text("known")] };
    expect(withPiece(log, piece(6, 7, "x"))).toBeNull();
    expect(withPiece(log, piece(2, 7, "wn and more"))).toBeNull();
  });
});
