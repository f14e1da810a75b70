import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { markFoundWords, searchedFor } from "../../../src/chat/foundWords.ts";

const highlights = new Map<string, { ranges: Range[] }>();
const marked = () => highlights.get("found")?.ranges.map((range) => range.toString());

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("CSS", { highlights });
  vi.stubGlobal(
    "Highlight",
    class {
      readonly ranges: Range[];
      constructor(...ranges: Range[]) {
        this.ranges = ranges;
      }
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const turnOf = (html: string) => {
  const turn = document.createElement("div");
  turn.innerHTML = html;
  return turn;
};

test("the words that were searched for are marked in the turn that is opened, also in what is rendered later; then the marks go", async () => {
  searchedFor.set("hash (ta");
  const turn = turnOf("<p>A <b>Hash</b> table, rehashed.</p>");
  markFoundWords(turn);
  expect(marked()).toEqual(["Hash"]);
  turn.append(turnOf("<p>hashing (tables)</p>"));
  await vi.advanceTimersByTimeAsync(0);
  expect(marked()).toEqual(["Hash", "hash", "(ta"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(marked()).toBeUndefined();
});

test("a message that is opened by its address, after a search, has no marks", () => {
  searchedFor.set("hash");
  markFoundWords(turnOf("hash"))();
  markFoundWords(turnOf("hash"));
  expect(marked()).toBeUndefined();
});
