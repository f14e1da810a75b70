/** Issue 14, table 1: what had been out of place, row by row. Rows that need no browser are in tests/client. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Id } from "../../convex/_generated/dataModel.js";
import { App } from "./support/app.ts";
import { look } from "./support/look.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { recordedTexts } from "./support/recorder.ts";

const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

/** Sends a prompt to which the model answers with `words`. */
async function getReply(tab: ChatTab, prompt: string, words: string): Promise<void> {
  const exchange = await tab.begin(app, prompt, "Here:");
  exchange.text(`\n\n${words}`);
  exchange.finish();
  await tab.waitForEnd();
}

test("1. a footnote's link leads to its own reply's note; the header and the address stay", async () => {
  const person = await app.person({ viewport: { width: 1280, height: 500 } });
  const tab = await person.openTab();
  const noted = (name: string) =>
    `Said by ${name}[^1].\n\n${"More words.\n\n".repeat(20)}\n\n[^1]: The source of ${name}.`;
  await getReply(tab, "First", noted("one"));
  await getReply(tab, "Second", noted("two"));
  const path = new URL(tab.page.url()).pathname + new URL(tab.page.url()).hash;
  await tab.lastAnswer.locator("sup a").click();
  await tab.eventually(
    () => tab.page.evaluate(() => document.activeElement?.textContent.trim()),
    "The source of two. ↩",
  );
  const header = await tab.page.locator("header h1").boundingBox();
  expect(header?.y).toBeGreaterThanOrEqual(0);
  expect(await tab.page.locator("main").evaluate((main) => main.scrollTop)).toBe(0);
  expect(new URL(tab.page.url()).pathname + new URL(tab.page.url()).hash).toBe(path);
  // Its heading is for screen readers, and nothing of it makes the page scroll.
  expect(
    (await tab.lastAnswer.getByRole("heading", { name: "Footnotes" }).boundingBox())?.width,
  ).toBeLessThan(120);
  await person.close();
});

test("2. code that still grows has colours; 4. on paper its long lines are whole", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const exchange = await tab.begin(app, "Code", "Here:");
  exchange.text(`\n\n\`\`\`ts\n// ${"long ".repeat(60)}\n`);
  let line = 0;
  const writing = setInterval(() => exchange.text(`const value${line} = ${line++};\n`), 40);
  await tab.lastAnswer.locator("figure code span[style*=token-light]").first().waitFor();
  clearInterval(writing);
  expect(await tab.lastAnswer.getAttribute("aria-busy")).toBe("true");
  exchange.finish();
  await tab.waitForEnd();
  const hidden = () => tab.lastAnswer.locator("pre").evaluate((code) => code.scrollWidth - code.clientWidth);
  expect(await hidden()).toBeGreaterThan(0);
  await tab.page.emulateMedia({ media: "print" });
  await tab.eventually(hidden, 0);
  await person.close();
});

test("4. on paper: every turn that is loaded, at its full length, and nothing to press", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  for (let turn = 1; turn <= 9; turn++) await tab.ask(`Turn ${turn}\n${"line\n".repeat(30)}`);
  await tab.page.emulateMedia({ media: "print" });
  for (const turn of [1, 5, 9]) await tab.page.getByText(`You said: Turn ${turn}\n`).waitFor();
  const { pageHeight, contentHeight } = await tab.messages.evaluate((view) => ({
    pageHeight: document.documentElement.scrollHeight,
    contentHeight: view.scrollHeight,
  }));
  expect(pageHeight).toBeGreaterThanOrEqual(contentHeight);
  expect(await tab.page.getByRole("button").filter({ visible: true }).count()).toBe(0);
  await tab.composer.waitFor({ state: "hidden" });
  await person.close();
});

test("4. Ctrl+P prints the whole chat, from its first message on, at its full length", async () => {
  const person = await app.person();
  const tab = await person.openTab("/", async (page) => {
    await page.addInitScript(() => {
      window.recorded = [];
      // In place of the browser's dialog: what would be on the paper.
      window.print = () => {
        window.recorded = [document.querySelector("[data-printed]")?.textContent ?? ""];
      };
    });
  });
  await tab.ask("The very first question");
  const taskId = (await tab.chatPath()).split("/").at(-1) as Id<"tasks">;
  const client = await tab.client();
  // Far more than the page holds at once.
  for (let sent = 1; sent <= 90; sent++) {
    await client.sendOnly(`Question ${sent}.`, { taskId });
    await client.stop(taskId);
  }
  await client.close();
  await tab.page.reload();
  await tab.ask("The last question");
  expect(await tab.messages.getByText("The very first question").count()).toBe(0);
  await tab.page.keyboard.press("Control+p");
  await tab.eventually(() => tab.page.evaluate(() => window.recorded.length), 1);
  const [printed = ""] = await recordedTexts(tab.page);
  for (const words of [
    "The very first question",
    "Question 1.",
    "Question 45.",
    "Question 90.",
    "You said: The last",
  ])
    expect(printed).toContain(words);
  await tab.page.emulateMedia({ media: "print" });
  await tab.page.locator("[data-printed]").getByText("Question 2.", { exact: true }).waitFor();
  await tab.composer.waitFor({ state: "hidden" });
  expect(await tab.page.getByRole("button").filter({ visible: true }).count()).toBe(0);
  await tab.page.emulateMedia({ media: "screen" });
  await tab.page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await tab.page.getByRole("dialog").waitFor({ state: "hidden" });
  await person.close();
});

test("5. without JavaScript the page says so; on a low screen the greeting is whole", async () => {
  const without = await app.person({ javaScriptEnabled: false });
  const page = await without.context.newPage();
  await page.goto(app.server.url);
  const words = await page.locator("noscript p").first().boundingBox();
  expect(words?.height).toBeGreaterThan(0);
  expect(words?.y).toBeLessThan(800);
  await without.close();

  const person = await app.person({ viewport: { width: 640, height: 300 } });
  const tab = await person.openTab();
  const greeting = tab.messages.getByRole("heading", { name: "What would you like to know?" });
  const [greetingBox, view] = [await greeting.boundingBox(), await tab.messages.boundingBox()];
  expect(greetingBox?.y).toBeGreaterThanOrEqual(view?.y ?? Infinity);
  await person.close();
});

test("6. a diagram is drawn without a press, again when the theme changes, and can be enlarged", async () => {
  const person = await app.person({ colorScheme: "light" });
  const tab = await person.openTab();
  await getReply(tab, "Draw", "```mermaid\ngraph LR\n  Key --> Hash\n```");
  const diagram = tab.lastAnswer.getByRole("img", { name: "Diagram" });
  await diagram.waitFor();
  const light = await diagram.getAttribute("src");
  expect(decodeURIComponent(light ?? "")).toMatch(/"Inter Variable".*font\/woff2/s);
  await tab.page.emulateMedia({ colorScheme: "dark" });
  await tab.eventually(async () => (await diagram.getAttribute("src")) === light, false);
  await tab.button("Enlarge the diagram").click();
  await tab.page.getByRole("dialog").getByRole("img").waitFor();
  await tab.page.keyboard.press("Escape");
  await tab.button("Show as text").click();
  await tab.lastAnswer.getByText("Key --> Hash").waitFor();
  // Paper is light, and what a press enlarges is on it.
  await tab.page.evaluate(() => {
    window.recorded = [];
    window.print = () => (window.recorded = ["printed"]);
  });
  await tab.page.keyboard.press("Control+p");
  await tab.eventually(() => tab.page.evaluate(() => window.recorded), ["printed"]);
  const onPaper = tab.page.locator("[data-printed] img");
  const paperOf = (source: string | null) =>
    /edgeLabel\{background-color:([^;]+);/.exec(decodeURIComponent(source ?? ""))?.[1];
  expect(paperOf(light)).toMatch(/^rgb/);
  expect(paperOf(await onPaper.getAttribute("src"))).toBe(paperOf(light));
  await tab.page.emulateMedia({ media: "print" });
  await onPaper.waitFor();
  await person.close();
});

test("7. on a phone Stop is there while a text is half written, beside Queue; 18. the queue is one line that opens", async () => {
  const person = await app.person(PHONE);
  const tab = await person.openTab();
  const exchange = await tab.begin(app, "Go on", "Words");
  await tab.write("And then");
  const prompt = tab.messages.getByText("Go on", { exact: true });
  const topOf = async () => Math.round((await prompt.boundingBox())?.y ?? 0);
  await tab.eventually(async () => (await topOf()) < 150, true);
  await tab.button("Queue").click();
  await tab.page.getByRole("region", { name: "1 message queued" }).waitFor();
  await tab.painted();
  // What is queued moves nothing of what is read.
  expect(await topOf()).toBeLessThan(150);
  await tab.write("Half a thought");
  const tray = tab.page.getByRole("region", { name: "1 message queued" });
  expect((await tray.boundingBox())?.height).toBeLessThan(64);
  const opener = tray.getByRole("button", { name: "1 message queued" });
  expect(await opener.getAttribute("aria-expanded")).toBe("false");
  await opener.click();
  await tray.getByText("And then").waitFor();
  await tab.button("Queue").waitFor();
  await tab.button("Stop").click();
  expect(await exchange.closed).toBe("client");
  await tab.ending("You stopped this reply.").waitFor();
  expect(await tab.composer.inputValue()).toBe("Half a thought");
  await person.close();
});

test("12. bars, code and figures: quiet scrollbars, a head that sticks, lines that wrap on request", async () => {
  const person = await app.person({ colorScheme: "dark" });
  const tab = await person.openTab();
  await getReply(tab, "Long code", `\`\`\`ts\n// ${"wide ".repeat(80)}\n${"let a;\n".repeat(80)}\`\`\``);
  const code = tab.lastAnswer.locator("pre");
  expect(await code.evaluate((pre) => getComputedStyle(pre).scrollbarWidth)).toBe("thin");
  expect(await code.evaluate((pre) => pre.scrollWidth > pre.clientWidth)).toBe(true);
  const wrap = tab.button("Wrap lines");
  await tab.messages.evaluate((view) => (view.scrollTop = view.scrollHeight / 2));
  const [button, view] = [await wrap.boundingBox(), await tab.messages.boundingBox()];
  expect(Math.abs((button?.y ?? 0) - (view?.y ?? Infinity))).toBeLessThan(20);
  await wrap.click();
  expect(await wrap.getAttribute("aria-pressed")).toBe("true");
  expect(await code.evaluate((pre) => pre.scrollWidth > pre.clientWidth)).toBe(false);
  await person.close();
});

test("15. the cells of a table in Arabic stand under their headers, whatever they hold; a column keeps its alignment", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await getReply(tab, "Table", "| الاسم | العدد |\n|---|---|\n| SQLite | 12 |\n| قاعدة | 3 |");
  const sides = await tab.lastAnswer.locator("th, td").evaluateAll((cells) =>
    cells.map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      const [words, box] = [range.getBoundingClientRect(), cell.getBoundingClientRect()];
      return box.right - words.right < words.left - box.left || words.width > box.width - 40
        ? "right"
        : "left";
    }),
  );
  expect(new Set(sides)).toEqual(new Set(["right"]));
  await getReply(tab, "Figures", "| name | count |\n|:--|--:|\n| a | 12 |");
  expect(
    await tab.lastAnswer
      .locator("td")
      .last()
      .evaluate((cell) => getComputedStyle(cell).textAlign),
  ).toBe("right");
  await person.close();
});

describe("16. the chat's own menu", () => {
  test("renames, archives and brings back from the header; an archived chat says that it is one", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    await tab.ask("Named by its prompt");
    const menu = tab.button("Actions for this chat");
    await tab.choose(menu, "Rename");
    await tab.page.keyboard.type("Named by hand");
    await tab.page.keyboard.press("Enter");
    await tab.page.getByRole("heading", { level: 1, name: "Named by hand" }).waitFor();
    const path = await tab.chatPath();
    await tab.choose(menu, "Archive");
    await tab.chat("Named by hand").waitFor({ state: "detached" });
    const archived = await person.openTab(path);
    await archived.button("Archived · Move back to chats").click();
    await archived.chat("Named by hand").waitFor();
    await person.close();
  });

  test("a title in the list has its whole row until the menu is needed", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    await tab.ask("A title that is rather longer than the list is wide");
    await tab.button("New chat").first().click();
    await tab.composer.hover();
    const row = tab.chat("A title that is rather longer").locator("xpath=..");
    const [link, whole] = [await row.getByRole("link").boundingBox(), await row.boundingBox()];
    expect(link?.width).toBe(whole?.width);
    await person.close();
  });
});

test("17. a toast lies on no prompt, and its Undo is one key away", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.ask("Keep me in view");
  await tab.button("New chat").first().click();
  await tab.ask("Another");
  await tab.choose(tab.button("Actions for “Keep me in view”"), "Delete");
  const toast = tab.page.getByRole("region", { name: "Notifications" }).getByRole("listitem");
  await toast.waitFor();
  const [box, view] = [await toast.boundingBox(), await tab.messages.boundingBox()];
  expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual((view?.y ?? 0) + 8);
  await tab.composer.focus();
  await tab.page.keyboard.press("F8");
  await tab.page.keyboard.press("Enter");
  await tab.chat("Keep me in view").waitFor();
  await tab.eventually(() => tab.composer.evaluate((field) => field === document.activeElement), true);
  await person.close();
});

test("17. the palette leads elsewhere: not to the chat one is in; commands say their keys", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.ask("Older");
  await tab.button("New chat").first().click();
  await tab.ask("Newer");
  await tab.page.keyboard.press("Control+k");
  const options = tab.page.getByRole("option");
  await options.first().waitFor();
  await tab.eventually(() => options.first().innerText(), "Older");
  expect(await tab.page.getByRole("option", { name: "Newer" }).count()).toBe(0);
  expect(
    await tab.page
      .getByRole("option", { name: /^New chat/ })
      .locator("kbd")
      .count(),
  ).toBe(3);
  await person.close();
});

test("3. with the demo, the page says how a model is connected, and its owner connects one there", async () => {
  const demo = await App.start({ OPENAI_BASE_URL: "", OPENAI_API_KEY: "", VERBATIM_GUESTS: "" });
  try {
    const person = await demo.person();
    const tab = await person.openTab();
    const { page } = tab;
    await tab.button("Connect a model").click();
    const sheet = page.getByRole("dialog", { name: "Connect a model" });
    await sheet.getByText("OPENAI_API_KEY=sk-…").waitFor();
    await look(page, "connect");
    await sheet.getByRole("button", { name: "Add a provider" }).click();
    await tab.button("Add a provider").click();
    await page.getByLabel("Short name").fill("lab");
    await page.getByLabel("Base URL").fill(demo.modelServer);
    await tab.button("Save").click();
    await page.getByText("2 models").waitFor();
    await page.getByRole("button", { name: "New chat" }).first().click();
    await tab.ask("Who are you now?");
    await tab.waitForText("You said: Who are you now?");
    await person.close();
  } finally {
    await demo.close();
  }
});
