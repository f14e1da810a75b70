import { expect, test } from "vitest";
import { de } from "../../src/i18n/de.ts";
import { en } from "../../src/i18n/en.ts";
import { toolTexts } from "../../src/i18n/toolTexts.ts";

/** Every text by its path; what is made by a function is called with marks in place of its values. */
function texts(value: unknown, at = ""): Map<string, { words: string; marks: string[] }> {
  if (typeof value === "string") return new Map([[at, { words: value, marks: [] }]]);
  if (typeof value === "function") {
    // 7 and 8: numbers of which no language says anything special.
    const marks = ["7", "8"].slice(0, value.length);
    const words = String((value as (...values: unknown[]) => unknown)(...marks.map(Number)));
    return new Map([[at, { words, marks: marks.filter((mark) => words.includes(mark)) }]]);
  }
  if (typeof value !== "object" || value === null) return new Map();
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...texts(inner, `${at}.${key}`)]));
}

const [english, german] = [texts({ ...en, tools: toolTexts.en }), texts({ ...de, tools: toolTexts.de })];

test("6. every text that says a name or a number says it in every language", () => {
  for (const [path, { marks }] of english) {
    expect([path, german.get(path)?.marks]).toEqual([path, marks]);
  }
  expect([...english.values()].some(({ marks }) => marks.length === 2)).toBe(true);
});

/** What to do about a problem is empty, in each language, where nothing helps. */
const mayBeEmpty = (path: string) => /^\.problems\.\w+\.todo$/.test(path);

test("6. no text is empty, and none was forgotten in English", () => {
  const same = [...english].filter(([path, { words }]) => {
    const isEmpty = german.get(path)?.words === "";
    expect([path, isEmpty]).toEqual([path, mayBeEmpty(path) && words === ""]);
    return words.length > 24 && german.get(path)?.words === words;
  });
  expect(same.map(([path]) => path)).toEqual([]);
});

test("6. what does different things has different names, in every language", () => {
  for (const text of [en, de]) {
    const names = [
      text.continueAnswer,
      text.resumeQueue,
      text.retry,
      text.regenerate,
      text.stop,
      text.queueIt,
    ];
    expect(new Set(names).size).toBe(names.length);
  }
});
