/** Texts that hold up a page which renders them as they come: the table of `bench --only heavyTexts` and of the tests. */

export interface HeavyText {
  readonly name: string;
  readonly text: string;
}

const heavy = (name: string, text: string): HeavyText => ({ name, text });

/** What ends each text, so that a reader of it can tell that it is there to its end. */
export const LAST_WORDS = "These are the last words.";

const nested = (depth: number, line: (level: number) => string): string =>
  Array.from({ length: depth }, (_, level) => line(level)).join("\n");

const ROW = "| one | two | three | four | five | six |\n";

/** Each is shown by a page that was opened with it, and while it streams. */
export const HEAVY_TEXTS: readonly HeavyText[] = [
  heavy("a formula of 100 kB", `$$\n${"x^{2}+\\frac{a}{b}+".repeat(5_600)}1\n$$`),
  heavy("a formula of 100 kB in one line", `So $${"\\sqrt{x}+".repeat(11_000)}1$ it is.`),
  heavy("2,000 small formulas in a paragraph", "$x_1^2$ and ".repeat(2_000)),
  heavy("a formula nested 2,000 deep", `$$\n${"\\sqrt{".repeat(2_000)}x${"}".repeat(2_000)}\n$$`),
  heavy(
    "a matrix of 10,000 cells",
    `$$\n\\begin{matrix}${`${"a&".repeat(99)}a\\\\`.repeat(100)}\\end{matrix}\n$$`,
  ),
  heavy("100,000 stacked accents", `a${"\u0301".repeat(100_000)} is stacked`),
  heavy("stacked accents on each of 2,000 letters", `a${"\u0301\u0316\u0489".repeat(20)}`.repeat(2_000)),
  heavy("100,000 opening brackets", "[".repeat(100_000)),
  heavy("50,000 pairs of brackets, nested", "[".repeat(50_000) + "]".repeat(50_000)),
  heavy("50,000 openings of a formula", "\\[".repeat(50_000)),
  heavy("50,000 openings of an inline formula", "\\(".repeat(50_000)),
  heavy("100,000 dollars", "$a ".repeat(33_000)),
  heavy(
    "a list 1,000 deep",
    nested(1_000, (level) => `${"  ".repeat(level)}- item`),
  ),
  heavy("a quote 5,000 deep", `${">".repeat(5_000)} deep`),
  heavy(
    "quotes that deepen line by line",
    nested(500, (level) => `${"> ".repeat(level + 1)}quoted`),
  ),
  heavy("20,000 images in a paragraph", "![a](https://images.example/x.png)\n".repeat(20_000)),
  heavy("20,000 images, each a paragraph", "![a](https://images.example/x.png)\n\n".repeat(20_000)),
  heavy("20,000 autolinks", "<https://example.org/a> ".repeat(20_000)),
  heavy("20,000 bare addresses", "see www.example.org/page and\n".repeat(20_000)),
  heavy("5,000 links in a list", "- [a link](https://example.org/page)\n".repeat(5_000)),
  heavy("addresses of mail that never end", "a.b-c+d_".repeat(12_000)),
  heavy("100,000 stars", "*a **b ".repeat(14_000)),
  heavy("100,000 underlines", "_".repeat(100_000)),
  heavy(
    "backticks in runs of all lengths",
    nested(400, (level) => "`".repeat(level + 1)).replaceAll("\n", " a "),
  ),
  heavy("20,000 entities and escapes", "&amp;\\*&lt;\\_&#x41; ".repeat(5_000)),
  heavy("10,000 nested elements of HTML", "<div>".repeat(10_000) + "deep"),
  heavy("20,000 formatting elements never closed", "<b><i>x".repeat(10_000)),
  heavy("20,000 comments of HTML never closed", "<!-- a ".repeat(20_000)),
  heavy("a code block of 1 MB", `\`\`\`ts\n${"const answer: number = 42;\n".repeat(39_000)}\`\`\``),
  heavy(
    "a code block of 55 kB, coloured",
    `\`\`\`ts\n${"const answer: number = f(42, 'a');\n".repeat(1_570)}\`\`\``,
  ),
  heavy("a code block of one line of 1 MB", `\`\`\`json\n${'{"a":1},'.repeat(125_000)}\n\`\`\``),
  heavy("a line of 1 MB without a space", "x".repeat(1_000_000)),
  heavy("a paragraph of 1 MB", "All is well that ends well. ".repeat(36_000)),
  heavy("100,000 short lines", "a line\n".repeat(100_000)),
  heavy("50,000 paragraphs", "A paragraph.\n\n".repeat(50_000)),
  heavy("a table of 5,000 rows", `${ROW}|---|---|---|---|---|---|\n${ROW.repeat(5_000)}`),
  heavy(
    "a table of 2,000 columns",
    `|${"a|".repeat(2_000)}\n|${"-|".repeat(2_000)}\n${`|${"b|".repeat(2_000)}\n`.repeat(5)}`,
  ),
  heavy(
    "2,000 footnotes",
    `${nested(2_000, (n) => `Said[^${n}].`)}\n\n${nested(2_000, (n) => `[^${n}]: The note.\n`)}`,
  ),
  heavy(
    "2,000 reference links",
    `${nested(2_000, (n) => `[a][${n}]`)}\n\n${nested(2_000, (n) => `[${n}]: https://example.org/${n}`)}`,
  ),
  heavy("100,000 marks of direction", "\u202e\u2067a\u202d\u2066".repeat(20_000)),
  heavy("an emoji joined 20,000 times", "👩\u200d".repeat(20_000)),
  heavy("20,000 flags and skin tones", "🇩🇪👍🏽❤️".repeat(5_000)),
  heavy(
    "a diagram of 2,000 arrows",
    `\`\`\`mermaid\ngraph LR\n${nested(2_000, (n) => `  A${n} --> A${n + 1}`)}\n\`\`\``,
  ),
  heavy("600 kB of everyday markdown", everyday(600_000)),
].map(({ name, text }) => ({ name, text: `${text}\n\n${LAST_WORDS}` }));

/** What models write, over and over. */
function everyday(characters: number): string {
  const section = [
    "## A heading",
    "A paragraph with **bold**, *slanted*, `code` and a [link](https://example.org) in some sentences of usual length.",
    "- one\n- two\n  - three\n- four",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "```ts\nconst answer = 42;\n```",
    "> Quoted, and a formula: $a^2 + b^2 = c^2$.",
  ].join("\n\n");
  return `${section}\n\n`.repeat(Math.ceil(characters / section.length));
}
