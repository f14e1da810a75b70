import { cleanup, fireEvent, render } from "@testing-library/react";
import fc from "fast-check";
import { parseMarkdownIntoBlocks } from "streamdown";
import { afterEach, describe, expect, test } from "vitest";
import { createIncrementalSplit } from "../../../src/markdown/blocks.ts";
import { findFormulas, type FindString } from "../../../src/markdown/mathSyntax.ts";
import { toRegions } from "../../../src/markdown/regions.ts";
import { createSlices } from "../../../src/markdown/slices.ts";
import { joinMany, splitMarkdown } from "../../../src/markdown/splitMarkdown.ts";
import { StreamingMarkdown } from "../../../src/markdown/StreamingMarkdown.tsx";
import { tameMarks } from "../../../src/markdown/tameMarks.ts";
import { toChunks } from "../../../src/markdown/toChunks.ts";
import { MAX_BLOCK_COST, MAX_DEPTH, MAX_NESTING, MAX_WORD, weigh } from "../../../src/markdown/weight.ts";
import "../support/browser.ts";
import { HEAVY_TEXTS, LAST_WORDS } from "../../helpers/heavyTexts.ts";

afterEach(cleanup);

/** Elements that a page may make of any text before its reader moves. Without limits some of these make 100,000 and more. */
const MAX_ELEMENTS = 12_000;

describe("issue 10, row 13: a text that is heavy to render", () => {
  // First: what is rendered at once is counted for all texts of the page.
  test("is shown as it was written, with a note, until its reader wants it formatted; what stands beside it is formatted", () => {
    const links = "[a](https://example.org) ".repeat(600);
    const { container, getAllByRole, queryByRole } = render(
      <StreamingMarkdown text={`**Before**\n\n${links}\n\n**After**`} live={false} />,
    );
    expect(container.querySelectorAll("strong")).toHaveLength(2);
    expect(container.querySelector("a")).toBeNull();
    expect(container.querySelector("[data-plain=heavy]")?.textContent).toContain(links.trim());
    expect(getAllByRole("note")[0]?.textContent).toContain("plain text");
    fireEvent.click(getAllByRole("button", { name: "Show anyway" })[0]!);
    expect(container.querySelectorAll("a")).toHaveLength(600);
    expect(queryByRole("note")).toBeNull();
  });

  test.each(HEAVY_TEXTS)("$name: is there to its last words, in few elements", ({ text }) => {
    const { container } = render(<StreamingMarkdown text={text} live={false} />);
    expect(container.textContent).toContain(LAST_WORDS);
    expect(container.querySelectorAll("*").length).toBeLessThan(MAX_ELEMENTS);
  });

  test("everyday markdown is never taken for heavy: long answers, tables, lists, formulas and footnotes", () => {
    const everyday = [
      "A sentence with **bold**, `code` and a [link](https://example.org/a/long/path?with=query). ".repeat(
        120,
      ),
      `| a | b | c | d | e |\n|---|---|---|---|---|\n${"| one | two | three | 4 | 5 |\n".repeat(150)}`,
      "- an item with **bold** and `code`\n".repeat(300),
      `$$\n${"a_{ij} &= \\frac{x}{y} + \\sum_{k=0}^{n} b_k \\\\\n".repeat(40)}$$`,
      "这是一个没有空格的中文段落。".repeat(500),
      Array.from({ length: 12 }, (_, level) => `${"   ".repeat(level)}1. deep`).join("\n"),
      `Said[^1].\n\n${"A paragraph. ".repeat(300)}\n\n[^1]: The note.`,
    ];
    for (const text of everyday)
      expect([weigh(text).tooHeavy, text.slice(0, 40)]).toEqual([false, text.slice(0, 40)]);
  });
});

describe("the cost of a block", () => {
  test("is known in one pass that ends early, and grows with its length", () => {
    const part = "Some **words** and [a link](https://example.org). ";
    const once = weigh(part.repeat(20)).cost;
    const twice = weigh(part.repeat(40)).cost;
    expect(twice / once).toBeCloseTo(2, 1);
    expect(weigh("x".repeat(10) + " [".repeat(1_000_000))).toEqual({ cost: MAX_BLOCK_COST, tooHeavy: true });
  });

  test.each([
    ["lists", (depth: number) => Array.from({ length: depth }, (_, n) => `${"  ".repeat(n)}- x`).join("\n")],
    [
      "ordered lists",
      (depth: number) => Array.from({ length: depth }, (_, n) => `${"  ".repeat(n)}1. x`).join("\n"),
    ],
    ["quotes", (depth: number) => `${"> ".repeat(depth)}x`],
    ["lists in one line", (depth: number) => `${"- ".repeat(depth)}x`],
  ])("%s within each other are formatted to a depth", (_, nested) => {
    expect(weigh(nested(MAX_DEPTH - 2)).tooHeavy).toBe(false);
    expect(weigh(nested(MAX_DEPTH + 2)).tooHeavy).toBe(true);
  });

  test.each([
    ["brackets", MAX_NESTING, (depth: number) => `a ${"[".repeat(depth)} b`],
    ["braces of a formula", MAX_NESTING, (depth: number) => `$$${"{".repeat(depth)}x${"}".repeat(depth)}$$`],
    ["letters without a space", MAX_WORD, (length: number) => `a ${"x".repeat(length)} b`],
  ])("%s are formatted up to %i in each other or in a row", (_, most, text) => {
    expect(weigh(text(most)).tooHeavy).toBe(false);
    expect(weigh(text(most + 1)).tooHeavy).toBe(true);
  });
});

describe("splitting", () => {
  const PIECES = [
    "a b\n",
    "\n",
    "\n\n",
    "- x\n",
    "  - y\n",
    "```\n",
    "~~~ js\n",
    "# h\n",
    "|a|\n",
    "> q\n",
    "$$\n",
    "[^1]",
    "[a]: x\n",
  ];

  test("loses nothing, in any order of pieces and at any step", () => {
    const pieces = fc.array(fc.constantFrom(...PIECES, "[".repeat(2_000), ">".repeat(60)), { maxLength: 40 });
    fc.assert(
      fc.property(pieces, (steps) => {
        const split = createIncrementalSplit(splitMarkdown);
        let text = "";
        for (const step of steps) {
          text += step;
          expect(joinMany(split(text)).join("")).toBe(text);
        }
        expect(
          toRegions(text)
            .map((region) => region.text)
            .join(""),
        ).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  test("gives the parser's own blocks for a text of usual length", () => {
    const text = "# Title\n\nOne\n\n- a\n\n- b\n\n```\nx\n\ny\n```\n\n$$\na\n\nb\n$$\n\nEnd";
    expect(splitMarkdown(text)).toEqual(parseMarkdownIntoBlocks(text));
  });

  test("gives the page few blocks, whatever the text", () => {
    for (const { text } of HEAVY_TEXTS) expect(joinMany(splitMarkdown(text)).length).toBeLessThan(1_200);
  });

  test("a long text is cut into pieces that are laid out apart, in the same places while it grows", () => {
    const text = "A line of text.\n".repeat(2_000);
    const chunks = toChunks(text);
    expect(chunks.join("")).toBe(text);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(4_000);
    expect(toChunks(`${text}More.`).slice(0, chunks.length - 1)).toEqual(chunks.slice(0, -1));
    expect(toChunks("😀".repeat(5_000)).every((chunk) => /^(😀)+$/u.test(chunk))).toBe(true);
  });
});

describe("maths", () => {
  /** Characters that are looked at to find where formulas end. */
  const stepsFor = (text: string): number => {
    let steps = 0;
    const find: FindString = (within, wanted, from) => {
      const at = within.indexOf(wanted, from);
      steps += (at === -1 ? within.length : at) - from;
      return at;
    };
    Array.from(findFormulas(text, find));
    return steps;
  };

  test.each(["\\[", "\\(", "\\[\\(", "\\[ a \\) ", "\\( a \\] \\( b \\)"])(
    "what opens with %s is looked through once",
    (opening) => {
      for (const count of [1_000, 2_000, 4_000]) {
        const text = opening.repeat(count);
        // Once for each of the two closings.
        expect(stepsFor(text)).toBeLessThanOrEqual(2 * text.length);
      }
    },
  );
});

describe("characters that stack or join", () => {
  test("are shown as far as fonts go; usual ones are left alone", () => {
    expect(tameMarks(`a${"\u0301".repeat(100_000)}b`)).toBe(`a${"\u0301".repeat(30)}b`);
    for (const text of ["Tiếng Việt", "👨‍👩‍👧‍👦🏳️‍🌈", "שָׁלוֹם", "\u2067عربي\u2069", "हिन्दी"])
      expect(tameMarks(text)).toBe(text);
  });
});

describe("slices", () => {
  const element = (top: number) =>
    ({ getBoundingClientRect: () => ({ top, bottom: top + 10 }) }) as unknown as Element;

  test("a task renders its share and no more; what waits is rendered nearest first, as long as a frame has time", () => {
    let time = 0;
    const frames: (() => void)[] = [];
    const slices = createSlices(
      (callback) => void frames.push(callback),
      () => time,
    );
    expect([slices.take(5_000), slices.take(5_000), slices.take(3_000)]).toEqual([true, false, true]);
    const rendered: string[] = [];
    const wait = (name: string, top: number) =>
      slices.wait(element(top), 100, () => {
        rendered.push(name);
        time += 30;
      });
    wait("far", 2_000);
    wait("near", 300);
    wait("nearer", 400);
    const cancel = wait("gone", 0);
    cancel();
    frames.shift()!();
    expect(rendered).toEqual(["nearer", "near"]);
    frames.shift()!();
    expect(rendered).toEqual(["nearer", "near", "far"]);
    expect(frames).toEqual([]);
  });

  test("what is far is rendered up to a cost, the rest when the reader comes near", () => {
    const frames: (() => void)[] = [];
    const slices = createSlices(
      (callback) => void frames.push(callback),
      () => 0,
    );
    const places = { top: 100_000 };
    let rendered = 0;
    for (let index = 0; index < 100; index++) {
      const far = { getBoundingClientRect: () => ({ top: places.top, bottom: places.top }) } as Element;
      slices.wait(far, 10_000, () => {
        rendered++;
      });
    }
    while (frames.length > 0) frames.shift()!();
    expect(rendered).toBe(40);
    places.top = 0;
    document.dispatchEvent(new Event("scroll"));
    while (frames.length > 0) frames.shift()!();
    expect(rendered).toBe(100);
  });
});
