import { expect, test } from "vitest";
import { estimatedHeight } from "../../../src/chat/estimatedHeight.ts";
import type { Turn } from "../../../src/chat/turns.ts";
import { answer, prompt, text } from "../support/messages.ts";

const turn = (words: string): Turn => ({
  key: words,
  prompt: prompt(0),
  answer: answer(1, 0, { parts: [text(words)] }),
  entry: null,
});

test("turns that were never put up have a height: the longer they are, the more", () => {
  const short = estimatedHeight([turn("Yes.")]);
  expect(short).toBeGreaterThan(100);
  expect(estimatedHeight([turn("Yes."), turn("No.")])).toBe(2 * short);
  expect(estimatedHeight([turn("word ".repeat(400))])).toBeGreaterThan(3 * short);
});
