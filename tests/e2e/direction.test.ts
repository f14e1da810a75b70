/** Text that runs to the left, in a page that does not, and the page itself laid out for a language that does. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";

const ANSWER = [
  "جدول `insert(key)`",
  "- أولا\n- ثم\n  1. نعم",
  "> قس دائما",
  "- first\n- then",
  "$$x = 1$$",
].join("\n\n");

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

async function ask(tab: ChatTab): Promise<void> {
  const asked = app.stepAnswerTo("اشرح");
  await tab.send("اشرح");
  const exchange = await asked;
  exchange.text(ANSWER);
  exchange.finish();
  await tab.waitForEnd();
}

const directionOf = (tab: ChatTab, selector: string) =>
  tab.lastAnswer.locator(selector).evaluateAll((all) => all.map((one) => getComputedStyle(one).direction));

test("lists and quotations have their marks where their own words begin; formulas are never turned", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await ask(tab);
  await tab.lastAnswer.locator(".katex-display").waitFor();
  expect(await directionOf(tab, "ul")).toEqual(["rtl", "ltr"]);
  expect(await directionOf(tab, "ol, blockquote")).toEqual(["rtl", "rtl"]);
  await tab.page.evaluate(() => (document.documentElement.dir = "rtl"));
  expect(await directionOf(tab, ".katex")).toEqual(["ltr"]);
  expect(await directionOf(tab, "ul")).toEqual(["rtl", "ltr"]);
  await person.close();
});

test("in a right-to-left language the page is mirrored, and nothing is wider than the screen", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.page.evaluate(() => (document.documentElement.dir = "rtl"));
  await ask(tab);
  const chats = (await tab.page.getByRole("navigation", { name: "Chats" }).boundingBox())!;
  const main = (await tab.page.getByRole("main").boundingBox())!;
  expect(chats.x).toBeGreaterThanOrEqual(main.x + main.width);
  const prompt = (await tab.page
    .locator("[data-turn] h2 + *, [data-turn] [dir=auto]")
    .first()
    .boundingBox())!;
  expect(prompt.x + prompt.width / 2).toBeLessThan(main.x + main.width / 2);

  await tab.page.setViewportSize({ width: 320, height: 640 });
  await tab.button("Show chats").click();
  const drawer = tab.page.getByRole("dialog");
  await drawer.waitFor();
  await tab.eventually(async () => {
    const box = await drawer.boundingBox();
    return box !== null && Math.round(box.x + box.width);
  }, 320);
  expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await person.close();
});
