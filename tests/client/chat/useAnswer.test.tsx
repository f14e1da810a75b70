import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { api } from "../../../convex/_generated/api";
import { textOf, type Part } from "../../../convex/shared/parts";
import type { Message } from "../../../src/chat/types.ts";
import { useAnswer } from "../../../src/chat/useAnswer.ts";
import { FakeConvex } from "../support/fakeConvex.tsx";
import { answer, liveTail, text } from "../support/messages.ts";

let server: FakeConvex;
/** Another message each time: rows that were read are kept for the page's life. */
let count = 100;
beforeEach(() => {
  server = new FakeConvex();
  count += 1;
});
afterEach(cleanup);

const message = (more: Partial<Message> = {}) =>
  answer(count, 0, { status: "streaming", omittedChunks: { from: 0, to: 0 }, ...more });
const start = (first: Message) =>
  renderHook((shown: Message) => useAnswer(shown), { wrapper: server.Page, initialProps: first });
const tail = (more: Parameters<typeof liveTail>[0]) =>
  act(() => {
    server.give(api.streamingResponses.getStreamingResponse, liveTail(more));
  });
const row = (index: number, words: string) => tail({ from: index, tail: [text(words)] });
const reads = () => server.callsOf(api.streamingResponses.listChunks);
const giveRows = (call: number, pieces: [number, number, string][]) =>
  act(async () => {
    reads()[call]?.answer(pieces.map(([index, to, words]) => ({ index, to, parts: [text(words)] })));
    await Promise.resolve();
  });
const shownText = (answer: { readonly parts: readonly Part[] }) => textOf(answer.parts);

describe("an answer while it is written", () => {
  test("[G10] each row that is sent goes behind the last; nothing is read", () => {
    const { result } = start(message());
    tail({});
    for (const [index, word] of ["One ", "by ", "one"].entries()) row(index, word);
    expect(shownText(result.current)).toBe("One by one");
    expect(reads()).toEqual([]);
  });

  test("[G10] rows that React did not render in between are not read again", () => {
    const { result } = start(message());
    act(() => {
      for (const [index, word] of ["a", "b", "c"].entries()) {
        server.give(
          api.streamingResponses.getStreamingResponse,
          liveTail({ from: index, tail: [text(word)] }),
        );
      }
    });
    expect(shownText(result.current)).toBe("abc");
    expect(reads()).toEqual([]);
  });

  test("[G9] opened in the middle: what is before is read once, and what was shown stays until it is whole", async () => {
    const { result, rerender } = start(message());
    row(7, " more");
    expect(shownText(result.current)).toBe("");
    expect(reads().map(({ args }) => [args.from, args.to])).toEqual([[0, 7]]);
    await giveRows(0, [[0, 7, "shown"]]);
    expect(shownText(result.current)).toBe("shown more");
    row(8, " and");
    // The tail goes away a moment before the message is whole.
    act(() => {
      server.give(api.streamingResponses.getStreamingResponse, null);
    });
    expect(shownText(result.current)).toBe("shown more and");
    rerender(message({ status: "complete", omittedChunks: null, parts: [text("shown more and more.")] }));
    expect(shownText(result.current)).toBe("shown more and more.");
    expect(result.current.tail).toBeNull();
    expect(reads()).toHaveLength(1);
  });

  test("[G9] comes back into view as long as it was", () => {
    const first = start(message());
    row(0, "known");
    first.unmount();
    expect(shownText(start(message()).result.current)).toBe("known");
  });

  test("[G5] an answer too long for its message: only the rows that are not here yet are read at its end", async () => {
    const { result, rerender } = start(message());
    row(0, "long ");
    rerender(message({ status: "complete", omittedChunks: { from: 0, to: 2 } }));
    expect(shownText(result.current)).toBe("long ");
    expect(reads().map(({ args }) => [args.from, args.to])).toEqual([[1, 2]]);
    await giveRows(0, [[1, 2, "end"]]);
    expect(shownText(result.current)).toBe("long end");
  });
});
