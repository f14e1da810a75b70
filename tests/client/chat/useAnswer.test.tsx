import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import { textOf } from "../../../convex/shared/parts";
import type { Message } from "../../../src/chat/types.ts";
import { useAnswer } from "../../../src/chat/useAnswer.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { answer, liveTail, messageId, text } from "../support/messages.ts";

let server: FakeConvex;
/** Another message each time: rows that were read are kept for the page's life. */
let count = 100;
beforeEach(() => {
  server = new FakeConvex();
  count += 1;
});
afterEach(cleanup);

const message = (more: Partial<Message> = {}) => answer(count, 0, { status: "streaming", ...more });
const start = (first: Message) =>
  renderHook((shown: Message) => useAnswer(shown), { wrapper: server.Page, initialProps: first });
const tail = (more: Parameters<typeof liveTail>[0]) =>
  act(() => {
    server.give(
      api.streamingResponses.getStreamingResponse,
      liveTail({ messageId: messageId(count), ...more }),
    );
  });
const reads = () => server.callsOf(api.streamingResponses.listChunks);
const giveRows = (call: number, rows: [number, string][]) =>
  act(async () => {
    reads()[call]?.answer(rows.map(([index, words]) => ({ index, parts: [text(words)] })));
    await Promise.resolve();
  });

describe("an answer while it is written", () => {
  test("[G10] sealed rows are read once each, however often the tail changes", async () => {
    const { result } = start(message());
    tail({ sealedChunks: 2, tailFrom: 1, tail: [text("b")] });
    expect(reads().map(({ args }) => [args.from, args.to])).toEqual([[0, 2]]);
    await giveRows(0, [
      [0, "a"],
      [1, "b"],
    ]);
    expect(textOf(result.current.parts)).toBe("ab");
    tail({ sealedChunks: 2, tailFrom: 2, tail: [text("c")] });
    tail({ sealedChunks: 2, tailFrom: 2, tail: [text("cd")] });
    expect(textOf(result.current.parts)).toBe("abcd");
    expect(reads()).toHaveLength(1);
  });

  test("[G9] what was shown stays while a row, or the tail, is on its way", async () => {
    const { result, rerender } = start(message());
    tail({ tail: [text("shown")] });
    expect(textOf(result.current.parts)).toBe("shown");
    tail({ sealedChunks: 1, tailFrom: 1, tail: [text(" more")] });
    expect(textOf(result.current.parts)).toBe("shown");
    await giveRows(0, [[0, "shown"]]);
    expect(textOf(result.current.parts)).toBe("shown more");
    // The tail goes away a moment before the message is whole.
    act(() => {
      server.give(api.streamingResponses.getStreamingResponse, null);
    });
    expect(textOf(result.current.parts)).toBe("shown more");
    rerender(message({ status: "complete", parts: [text("shown more.")] }));
    expect(textOf(result.current.parts)).toBe("shown more.");
    expect(result.current.tail).toBeNull();
  });

  test("a run that nobody has taken is started by whoever sees it, once; one that was taken is not", () => {
    const { rerender } = start(message());
    const runId = `unclaimed ${count}`;
    tail({ claimed: false, runId });
    rerender(message());
    tail({ claimed: false, runId, lastOutputAt: 1 });
    tail({ claimed: true, runId: `claimed ${count}` });
    expect(server.callsOf(api.generate.start).map(({ args }) => args)).toEqual([{ runId }]);
  });
});
