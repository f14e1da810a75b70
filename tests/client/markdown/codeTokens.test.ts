import { describe, expect, test } from "vitest";
import {
  appendPlain,
  changesOf,
  sameLine,
  toLines,
  withChanges,
  type CodeToken,
  type LastColoured,
} from "../../../src/markdown/codeTokens.ts";

const token = (content: string, color = "red"): CodeToken => ({ content, style: { "--token-light": color } });

describe("coloured code", () => {
  test("text that came after the colouring follows it uncoloured; earlier lines stay the same objects", () => {
    const lines = [[token("const")], [token("let")]];
    const shown = appendPlain(lines, " x;\nnext");
    expect(shown[0]).toBe(lines[0]);
    expect(shown.map((line) => line.map(({ content }) => content).join(""))).toEqual([
      "const",
      "let x;",
      "next",
    ]);
    expect(shown[2]?.[0]?.style).toEqual({});
  });

  test("a line is painted again only when its words or colours changed", () => {
    expect(sameLine([token("a")], [token("a")])).toBe(true);
    expect(sameLine([token("a")], [token("b")])).toBe(false);
    expect(sameLine([token("a")], [token("a", "blue")])).toBe(false);
    expect(sameLine([token("a")], [token("a"), token("b")])).toBe(false);
  });

  test("of a block that grows, only the lines that changed go to the page, where the others stay the same objects", () => {
    let sent: LastColoured | null = null;
    let held: LastColoured | null = null;
    const colour = (block: number, lines: CodeToken[][]) => {
      const changes = changesOf(sent, block, lines);
      sent = { block, lines };
      held = { block, lines: withChanges(held, block, changes) };
      expect(held.lines).toEqual(lines);
      return changes.kept;
    };
    const [first, second] = [[token("const")], [token("le")]];
    expect(colour(1, [first, second])).toBe(0);
    expect(colour(1, [[token("const")], [token("let")], []])).toBe(1);
    expect(held!.lines[0]).toBe(first);
    // A comment that opens colours everything after it anew; a block may also become shorter.
    expect(colour(1, [[token("const", "grey")], [token("let")]])).toBe(0);
    expect(colour(1, [[token("const", "grey")]])).toBe(1);
    expect(colour(1, [[token("const", "grey")]])).toBe(1);
    expect(colour(2, [[token("const", "grey")]])).toBe(0);
  });

  test("both themes' colours go along, so that a change of theme needs no new colouring", () => {
    const style = { color: "#111", "--shiki-dark": "#eee", "font-style": "italic" };
    const result = { tokens: [[{ content: "x", offset: 0, htmlStyle: style }]] } as never;
    expect(toLines(result)).toEqual([
      [
        {
          content: "x",
          style: { "--token-light": "#111", "--token-dark": "#eee", fontStyle: "italic" },
        },
      ],
    ]);
  });
});
