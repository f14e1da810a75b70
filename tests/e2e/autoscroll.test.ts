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
  const selected = () => tab.page.evaluate(() => document.getSelection()?.toString());
  // A paragraph of its own as soon as the renderer is there.
  const growing = tab.lastAnswer.locator("[data-part=text] p").filter({ hasText: /^First half/ });
  await growing.dblclick({ position: { x: 10, y: 10 } });
  expect((await selected())?.trim()).toBe("First");
  exchange.text(" And more of it.");
  await tab.waitForText("First half. And more of it.");
  expect((await selected())?.trim()).toBe("First");

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

test("1. what one opens stays under the pointer, however long it is; closed again, the view follows as before", async () => {
  const person = await app.person({ reducedMotion: "reduce" });
  const tab = await person.openTab();
  const asked = app.stepAnswerTo("Think.");
  await tab.send("Think.");
  const exchange = await asked;
  exchange.send({ type: "reasoning", text: LONG_TEXT });
  exchange.text("Thought.");
  exchange.finish();
  await tab.waitForText("Thought.");
  await tab.waitForEnd();
  const fold = tab.lastAnswer.locator("summary");
  const top = async () => Math.round((await fold.boundingBox())?.y ?? -1);
  const before = await top();
  await fold.click();
  await tab.button("Jump to the end").waitFor();
  expect(await top()).toBe(before);
  await fold.click();
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 1, true);
  expect(await top()).toBe(before);
  const next = await tab.begin(app, "Go on.", "Next.");
  next.text(`\n\n${LONG_TEXT}All.`);
  await tab.waitForText("All.");
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 1, true);
  next.finish();
  await tab.waitForEnd();
  await person.close();
});

declare global {
  interface Window {
    dateFormatsMade: number;
  }
}

function countDateFormats() {
  window.dateFormatsMade = 0;
  Intl.DateTimeFormat = new Proxy(Intl.DateTimeFormat, {
    construct(target, args, newTarget) {
      window.dateFormatsMade++;
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
}

const CODE_LINES = 30;
const code = (block: number) =>
  [
    "```ts",
    ...Array.from({ length: CODE_LINES }, (_, line) => `const c${block}l${line} = "text" + ${line};`),
    "```",
  ].join("\n");

test("1. far from the view, code is as tall as near it but not laid out; a text box that grows styles no answer anew, a first prompt makes no formats of dates", async () => {
  const person = await app.person({ reducedMotion: "reduce" });
  const tab = await person.openTab("/", async (page) => {
    await page.addInitScript(countDateFormats);
  });
  const formats = () => tab.page.evaluate(() => window.dateFormatsMade);
  // Made while the page has nothing to do, none later.
  await tab.eventually(async () => (await formats()) >= 3, true);
  const formatsBefore = await formats();
  const asked = app.stepAnswerTo("Much code, please.");
  await tab.send("Much code, please.");
  const exchange = await asked;
  const blocks = Array.from({ length: 16 }, (_, block) => code(block));
  exchange.text(`${blocks.join("\n\n")}\n\nAll of it.`);
  exchange.finish();
  await tab.waitForText("All of it.");
  await tab.waitForEnd();
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 1, true);
  expect(await tab.messages.locator("time").count()).toBe(2);
  expect(await formats()).toBe(formatsBefore);
  // The last colours, which come last.
  await tab.messages.locator("figure").last().locator("[style*=token-light]").first().waitFor();

  // The turn is as tall as the view, also when that has another height, of which nothing in the turn hears.
  const before = await tab.messages.evaluate((view) => view.clientHeight);
  await tab.write("one\ntwo\nthree\nfour");
  await tab.eventually(() => tab.messages.evaluate((view, was) => view.clientHeight < was, before), true);
  const heightIn = (selector: string) =>
    tab.messages
      .locator(selector)
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).getPropertyValue("--view-height")));
  const viewHeight = () => tab.messages.evaluate((view) => `${view.clientHeight}px`);
  await tab.eventually(async () => (await heightIn("[data-turn]"))[0] === (await viewHeight()), true);
  expect(await heightIn("article, figure")).toEqual(Array<string>(17).fill("0px"));

  const figures = tab.messages.locator("figure");
  const heights = () => figures.evaluateAll((all) => all.map((figure) => Math.round(figure.clientHeight)));
  const laidOut = () =>
    figures
      .locator("pre")
      .evaluateAll((all) => all.filter((pre) => pre.checkVisibility({ contentVisibilityAuto: true })).length);
  // Opened anew, what is far has never been laid out.
  await tab.page.reload();
  await tab.waitForText("All of it.");
  await tab.eventually(async () => (await figures.count()) === 16 && (await laidOut()) < 10, true);
  const guessed = await heights();
  await figures.evaluateAll((all) =>
    all.forEach((figure) => ((figure as HTMLElement).style.contentVisibility = "visible")),
  );
  await tab.eventually(laidOut, 16);
  expect(guessed).toEqual(await heights());
  await person.close();
});
