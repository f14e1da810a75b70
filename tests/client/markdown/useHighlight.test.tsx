import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HighlightRequest, HighlightResponse } from "../../../src/markdown/codeTokens.ts";
import { useHighlight } from "../../../src/markdown/useHighlight.ts";

/** A highlighter that colours when the test says so. */
const requests: HighlightRequest[] = [];
let answer: (response: HighlightResponse) => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  requests.length = 0;
  vi.stubGlobal(
    "Worker",
    class {
      addEventListener = (_: "message", listener: (event: { data: HighlightResponse }) => void) => {
        answer = (data) => listener({ data });
      };
      postMessage = (request: HighlightRequest) => void requests.push(request);
    },
  );
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const tick = (ms: number) =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });
const coloured = ({ id, block, code }: HighlightRequest) => {
  const lines = code.split("\n").map((content) => [{ content, style: { "--token-light": "blue" } }]);
  act(() => answer({ id, block, kept: 0, lines }));
};

test("code that grows faster than it is coloured has colours while it grows, one request at a time", async () => {
  let code = "let a";
  const { result, rerender } = renderHook(() => useHighlight(code, "ts", true));
  const grow = async (times: number) => {
    for (let step = 0; step < times; step++) {
      code += ` + ${step}`;
      rerender();
      await tick(50);
    }
  };
  await grow(10);
  expect(requests).toHaveLength(1);
  await grow(10);
  expect(requests).toHaveLength(1);
  coloured(requests[0]!);
  const line = result.current?.[0];
  expect(line?.[0]).toMatchObject({ content: requests[0]!.code, style: { "--token-light": "blue" } });
  // What has come since is there, without colours.
  expect(line?.map(({ content }) => content).join("")).toBe(code);
  await grow(10);
  expect(requests).toHaveLength(2);
  expect(requests[1]!.code.length).toBeGreaterThan(requests[0]!.code.length);
});

test("a block that ended is coloured as it ended; one that stands still is asked for once", async () => {
  let incomplete = true;
  const { rerender } = renderHook(() => useHighlight("let a", "ts", incomplete));
  await tick(1_000);
  expect(requests.map((request) => request.incomplete)).toEqual([true]);
  coloured(requests[0]!);
  await tick(1_000);
  expect(requests).toHaveLength(1);
  incomplete = false;
  rerender();
  expect(requests.map((request) => request.incomplete)).toEqual([true, false]);
});
