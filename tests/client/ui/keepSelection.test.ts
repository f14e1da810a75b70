import "../support/browser.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepSelection } from "../../../src/ui/keepSelection.ts";

let letGo: () => void;
let [above, growing] = [new Text(), new Text()];
const selected = () => document.getSelection()?.toString();

/** As a person does, and as the browser tells it. */
function select(anchor: Text, anchorOffset: number, focus: Text, focusOffset: number) {
  document.getSelection()?.setBaseAndExtent(anchor, anchorOffset, focus, focusOffset);
  document.dispatchEvent(new Event("selectionchange"));
}
/** As React sets a text; resolves when who watches has been told. */
async function becomes(text: Text, words: string) {
  text.nodeValue = words;
  await Promise.resolve();
}

beforeEach(() => {
  document.body.innerHTML = "<main><p>Finished.</p><p>It grows</p></main><p>Elsewhere</p>";
  [above, growing] = [...document.querySelectorAll("main p")].map((p) => p.firstChild as Text) as [
    Text,
    Text,
  ];
  letGo = keepSelection(document.querySelector("main")!);
});
afterEach(() => letGo());

test("selected in a text that grows: it stays selected, as long as it is there", async () => {
  select(growing, 0, growing, 2);
  await becomes(growing, "It grows and grows");
  expect(selected()).toBe("It");
  await becomes(growing, "It grows and grows and grows");
  expect(selected()).toBe("It");
  await becomes(growing, "Something else");
  expect(selected()).toBe("");
});

test("selected from above into what grows, and backwards: its beginning is where it was", async () => {
  select(growing, 8, above, 4);
  await becomes(growing, "It grows on");
  expect(selected()).toContain("It grows");
  expect(document.getSelection()?.focusNode).toBe(above);
});

test("what was selected elsewhere meanwhile, or no more, is left alone", async () => {
  select(growing, 0, growing, 2);
  select(growing, 3, growing, 3);
  await becomes(growing, "It grows again");
  expect(selected()).toBe("");
  select(growing, 0, growing, 2);
  const elsewhere = document.body.lastElementChild!.firstChild as Text;
  document.getSelection()?.setBaseAndExtent(elsewhere, 0, elsewhere, 4);
  await becomes(growing, "It grows for ever");
  expect(selected()).toBe("Else");
});
