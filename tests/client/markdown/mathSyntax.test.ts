import { describe, expect, test } from "vitest";
import { mayHoldMath, normaliseMath } from "../../../src/markdown/mathSyntax.ts";

describe("ways to write maths", () => {
  test("\\( … \\) and $ … $ within a line", () => {
    expect(normaliseMath("so \\(a+b\\) is")).toBe("so $$a+b$$ is");
    expect(normaliseMath("so $a+b$ is")).toBe("so $$a+b$$ is");
  });

  test("\\[ … \\] on lines of its own", () => {
    expect(normaliseMath("\\[ x^2 \\]")).toBe("$$\nx^2\n$$");
    expect(normaliseMath("- so\n  \\[ x^2 \\]")).toBe("- so\n  $$\n  x^2\n  $$");
  });

  test("$$ … $$ that is a whole line is set on lines of its own, within a sentence it stays there", () => {
    expect(normaliseMath("so\n$$x^2$$\nand")).toBe("so\n$$\nx^2\n$$\nand");
    expect(normaliseMath("- so\n  $$ x^2 $$")).toBe("- so\n  $$\n  x^2\n  $$");
    for (const text of ["so $$x^2$$ is", "$$x^2$$ is", "$$\nx^2\n$$", "```\n$$x^2$$\n```", "- $$x^2$$"]) {
      expect(normaliseMath(text)).toBe(text);
    }
  });

  test("prices, shell variables and code stay what they are", () => {
    for (const text of ["from $5 to $10", "`$a$` and $HOME", "```\n$x$ \\(y\\)\n```", "a \\$b\\$ c"]) {
      expect(normaliseMath(text)).toBe(text);
    }
  });
});

test("a formula asks for the renderer of maths; a price, a shell variable and code do not", () => {
  for (const text of ["so \\(a\\)", "\\[ x", "$a+b$", "$$\nx"]) expect(mayHoldMath(`${text} \\]`)).toBe(true);
  for (const text of ["from $5 to $10", "`$a$` in $HOME", "words"]) expect(mayHoldMath(text)).toBe(false);
});
