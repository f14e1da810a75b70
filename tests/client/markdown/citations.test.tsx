import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { Sources } from "../../../src/chat/Sources.tsx";
import { StreamingMarkdown } from "../../../src/markdown/StreamingMarkdown.tsx";

afterEach(cleanup);

const CITED = JSON.stringify([
  { url: "https://a.example/1", title: "First" },
  { url: "javascript:alert(1)", title: "Evil" },
  { title: "report.pdf" },
  { url: "https://d.example/4" },
]);

const markdown = (text: string, { live = false, cited = CITED } = {}) => (
  <StreamingMarkdown text={text} live={live} cited={cited} />
);
const links = (container: HTMLElement) =>
  [...container.querySelectorAll("a")].map((link) => [link.textContent, link.getAttribute("href")]);

describe("[G8] a number in the text links to its source", () => {
  test("with the title, apart and without a referrer; the text stays as it was written", () => {
    const { container } = render(markdown("Said[1][4] and **again [1]**.\n\n- in a list [1]"));
    expect(links(container)).toEqual([
      ["[1]", "https://a.example/1"],
      ["[4]", "https://d.example/4"],
      ["[1]", "https://a.example/1"],
      ["[1]", "https://a.example/1"],
    ]);
    const link = container.querySelector("a")!;
    expect(link.title).toBe("First\nhttps://a.example/1");
    expect(link.rel).toContain("noopener");
    expect(link.tabIndex).toBe(0);
    expect(container.textContent).toContain("Said[1][4] and again [1].");
  });

  test.each([
    ["code", "`list[1]`"],
    ["a block of code", "```js\nlist[1]\n```"],
    ["a number without a source", "Said [5], [0] and [12345]"],
    ["a source that is not safe", "Said [2]"],
    ["a source without an address", "Said [3]"],
  ])("not: %s", (_name, text) => {
    const { container } = render(markdown(text));
    expect(links(container)).toEqual([]);
    expect(container.textContent).toContain("[");
  });

  test("not in a link, which leads somewhere already", () => {
    const { container } = render(markdown("[see [1]](https://other.example/)"));
    expect(links(container).map(([, href]) => href)).not.toContain("https://a.example/1");
  });

  test("while the text comes, and when its sources come after it", () => {
    const { container, rerender } = render(markdown("Said [1], and", { live: true, cited: "" }));
    expect(links(container)).toEqual([]);
    rerender(markdown("Said [1], and", { live: true }));
    expect(links(container)).toHaveLength(1);
    rerender(markdown("Said [1], and more [4]."));
    expect(links(container)).toHaveLength(2);
  });
});

test("the list of sources: links by title or address, names of documents, in the order of the numbers", () => {
  const { container } = render(
    <Sources
      sources={[
        { type: "source-url", position: 1, sourceId: "a", url: "https://a.example/1", title: "First" },
        { type: "source-document", position: 2, sourceId: "b", mediaType: "text/plain", title: "report.pdf" },
        { type: "source-url", position: 3, sourceId: "c", url: "https://c.example/3" },
        { type: "source-url", position: 4, sourceId: "d", url: "javascript:alert(1)", title: "Evil" },
      ]}
    />,
  );
  expect([...container.querySelectorAll("li")].map(({ textContent }) => textContent)).toEqual([
    ...["First", "report.pdf", "https://c.example/3", "Evil"],
  ]);
  expect(links(container).map(([, href]) => href)).toEqual(["https://a.example/1", "https://c.example/3"]);
});
