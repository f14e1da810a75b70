import { describe, expect, test } from "vitest";
import { snippet } from "../../convex/model/search/snippet";

describe("the text that a search result shows", () => {
  test("is around the first place where a word of the query stands", () => {
    const text = `${"before ".repeat(30)}Giraffe ${"after ".repeat(50)}`;
    const shown = snippet(text, "zebra giraffe");
    expect(shown).toMatch(/^…(?:\w+ )+Giraffe after .*…$/);
    expect(shown.length).toBeLessThan(170);
    expect(snippet("nothing of it", "zebra")).toBe("nothing of it");
  });

  test("has no marks of markdown, and is one line", () => {
    const markdown =
      "## A *small* zoo\n\n- [x] the **giraffe**, see [more](https://example.org)\n\n| name | legs |\n|---|---:|\n| `ant` | 6 |\n\n```ts\nconst a = 2 * b;\n```\n> end";
    expect(snippet(markdown, "zoo")).toBe(
      "A small zoo the giraffe, see more name legs ant 6 const a = 2 * b; end",
    );
  });

  test("is well formed where a character of two units is cut", () => {
    expect(snippet("x".repeat(159) + "😀😀", "x")).toMatch(/^x{159}\uFFFD…$/);
  });
});
