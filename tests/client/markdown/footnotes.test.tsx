import { cleanup, fireEvent, render } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { StreamingMarkdown } from "../../../src/markdown/StreamingMarkdown.tsx";

afterEach(cleanup);

const NOTED = "Said[^1], and said again[^2].\n\n[^1]: The first source.\n\n[^2]: The second source.";

test("footnotes of two replies: no id occurs twice, and each link leads to the note of its own reply", () => {
  const scrolledTo: Element[] = [];
  Element.prototype.scrollIntoView = vi.fn(function (this: Element) {
    scrolledTo.push(this);
  });
  const address = window.location.href;
  const { container } = render(
    <>
      <article>
        <StreamingMarkdown text={NOTED} live={false} />
      </article>
      <article>
        <StreamingMarkdown text={NOTED} live={false} />
      </article>
    </>,
  );
  const ids = [...container.querySelectorAll("[id]")].map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(8);
  expect(new Set(ids).size).toBe(ids.length);
  const second = container.querySelectorAll("article")[1]!;
  for (const link of second.querySelectorAll("sup a")) {
    fireEvent.click(link);
    expect(second.contains(document.activeElement)).toBe(true);
    expect(document.activeElement?.textContent).toContain("source.");
    expect(scrolledTo.at(-1)).toBe(document.activeElement);
    expect(second.querySelector(`[id="${link.getAttribute("aria-describedby")}"]`)?.textContent).toBe(
      "Footnotes",
    );
  }
  const back = second.querySelector("section a[aria-label='Back to reference 1']")!;
  fireEvent.click(back);
  expect(document.activeElement?.closest("sup")?.textContent).toBe("1");
  // The fragment of the address is the message that a chat is opened at.
  expect(window.location.href).toBe(address);
});

test("HTML of a model can't take the id of something on the page", () => {
  const { container } = render(<StreamingMarkdown text={'<p id="composer">Here</p>'} live={false} />);
  expect(container.textContent).toContain("Here");
  expect(document.getElementById("composer")).toBeNull();
});

test("a text that was cut in the middle of markup shows none of it; one that ended by itself is as it was written", () => {
  const shown = (text: string, cut: boolean) =>
    render(<StreamingMarkdown text={text} live={false} cut={cut} />).container.textContent;
  expect(shown("This is **import", true)).toBe("This is import");
  expect(shown("This is **", true)).toBe("This is");
  expect(shown("2 ** 3 is **not", false)).toContain("**");
});
