import fc from "fast-check";
import { parseMarkdownIntoBlocks } from "streamdown";
import { describe, expect, test, vi } from "vitest";
import { createIncrementalSplit } from "../../../src/markdown/blocks.ts";

const SAMPLE = `# Title

A paragraph with **bold** and a [link](https://example.org).

- one
- two

  still two

1. a
2. b

\`\`\`ts
const x = 1;

const y = 2;
\`\`\`

| a | b |
|---|---|
| 1 | 2 |

> quoted

Setext
======

$$
a = b
$$

The end.
`;

describe("splitting growing markdown", () => {
  test("gives what a full split gives, at every length", () => {
    const split = createIncrementalSplit(parseMarkdownIntoBlocks);
    for (let length = 1; length <= SAMPLE.length; length++) {
      const text = SAMPLE.slice(0, length);
      expect(split(text).join("")).toBe(parseMarkdownIntoBlocks(text).join(""));
    }
    expect(split(SAMPLE)).toEqual(parseMarkdownIntoBlocks(SAMPLE));
  });

  test("loses and doubles nothing, whatever the steps", () => {
    const pieces = fc.array(
      fc.constantFrom("a", "\n", "\n\n", "- x\n", "```\n", "# h\n", "|a|\n", "> q\n", "**"),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(pieces, (steps) => {
        const split = createIncrementalSplit(parseMarkdownIntoBlocks);
        let text = "";
        for (const step of steps) {
          text += step;
          expect(split(text).join("")).toBe(parseMarkdownIntoBlocks(text).join(""));
        }
      }),
    );
  });

  test("finished blocks are not looked at again", () => {
    const parse = vi.fn(parseMarkdownIntoBlocks);
    const split = createIncrementalSplit(parse);
    let text = "";
    for (let paragraph = 0; paragraph < 200; paragraph++) {
      text += `Paragraph ${paragraph} of some length.\n\n`;
      split(text);
    }
    const longest = Math.max(...parse.mock.calls.map(([part]) => part.length));
    expect(longest).toBeLessThan(200);
  });

  test("a text that is another starts anew", () => {
    const split = createIncrementalSplit(parseMarkdownIntoBlocks);
    split("one\n\ntwo\n\nthree\n\nfour\n\nfive\n\n");
    expect(split("other")).toEqual(["other"]);
  });
});
