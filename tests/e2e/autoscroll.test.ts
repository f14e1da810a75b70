/** The view and its end: only the reader's own hand parts them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { App } from "./support/app.ts";

const LONG_TEXT = `${"Words that fill a line and then some more of it. ".repeat(6)}\n\n`.repeat(8);

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

test("1. text that grows by a line and shrinks by one again is no movement of the reader's", async () => {
  const person = await app.person({ reducedMotion: "reduce" });
  const tab = await person.openTab();
  const asked = app.stepAnswerTo("Write at length.");
  await tab.send("Write at length.");
  const exchange = await asked;
  exchange.text(`${LONG_TEXT}First half.`);
  await tab.waitForText("First half.");
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 1, true);

  // As half-open markup does: put up in one frame, followed, and gone before the view's own movement is told.
  await tab.messages.evaluate(async (view) => {
    const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const line = document.createElement("div");
    line.style.height = "40px";
    await nextFrame();
    view.firstElementChild!.append(line);
    await nextFrame();
    line.remove();
    view.getBoundingClientRect();
    await nextFrame();
  });
  exchange.text(`\n\n${LONG_TEXT}Second half.`);
  await tab.waitForText("Second half.");
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 1, true);
  expect(await tab.button("Jump to the end").count()).toBe(0);
  exchange.finish();
  await tab.waitForEnd();
  await person.close();
});
