/** What a model's markdown becomes, under the content security policy that the server sends. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { App } from "./support/app.ts";
import { recordedTexts, recordTexts } from "./support/recorder.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

const RICH = [
  "Inline $e^{i\\pi} + 1 = 0$ costs $5, not $10.",
  "\\[ \\int_0^1 x \\, dx = \\frac{1}{2} \\]",
  "```ts\nconst answer: number = 42;\n```",
  "```mermaid\ngraph LR\n  Key --> Hash\n```",
  "![a cat](https://images.example/cat.png?secret=1)",
  '<img src="https://images.example/x.png" onerror="document.title=1"><script>document.title = "hacked"</script>',
  '<div style="position:fixed;inset:0;background:red">over the page</div>',
].join("\n\n");

test("maths, colours and diagrams are drawn; nothing is loaded from elsewhere, run, or laid over the page", async () => {
  const person = await app.person();
  const complaints: string[] = [];
  const elsewhere: string[] = [];
  const tab = await person.openTab("/", (page) => {
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (request.url().includes("images.example")) elsewhere.push(request.url());
    });
    return Promise.resolve();
  });
  const asked = app.stepAnswerTo("Show all you can.");
  await tab.send("Show all you can.");
  const exchange = await asked;
  exchange.text(RICH);
  exchange.finish();
  await tab.waitForEnd();

  await tab.lastAnswer.locator(".katex").first().waitFor();
  expect(await tab.lastAnswer.locator(".katex-display").count()).toBe(1);
  expect(await tab.shownText()).toContain("costs $5, not $10.");
  await tab.lastAnswer.locator("figure code span[style*=token-light]").first().waitFor();
  const diagram = tab.page.getByRole("img", { name: "Diagram" });
  await diagram.waitFor();
  expect(await diagram.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
  expect(await tab.page.getByRole("link", { name: "Open image: a cat" }).getAttribute("rel")).toContain(
    "noreferrer",
  );
  expect(await tab.lastAnswer.locator("script, [onerror], [style*=fixed]").count()).toBe(0);
  expect(await tab.page.title()).toContain("Verbatim");
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
  await person.close();
});

test("2. half-open markup does not flicker: no mark-up is ever seen on the way, in steps of any size", async () => {
  const person = await app.person();
  const tab = await person.openTab("/", recordTexts("[data-part=text]"));
  // The renderer is there before the first words: until then, text is shown as it is.
  await tab.ask("Hello");
  const exchange = await tab.begin(app, "In pieces", "Begin.");
  const pieces = [
    "\n\nSome **bo",
    "ld te",
    "xt** and `co",
    "de` and *sl",
    "anted* and ~~go",
    "ne~~ and [a li",
    "nk](https://exam",
  ];
  for (const piece of [...pieces, "ple.org) here.\n\n| a ", "| b |\n|---|---|\n| 1 ", "| 2 |\n\nThe end."])
    exchange.text(piece);
  exchange.finish();
  await tab.waitForText("The end.");
  await tab.waitForEnd();
  const shown = await recordedTexts(tab.page);
  expect(shown.length).toBeGreaterThan(4);
  expect(shown.filter((text) => /\*\*|~~|`|\]\(|https:/.test(text))).toEqual([]);
  await person.close();
});

test("2. finished blocks are left alone while text arrives below them, to the last word and beyond", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const blocks = [
    "# Title",
    "A paragraph with **bold** text.",
    "- one\n- two",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "```ts\nconst answer = 42;\n```",
  ];
  const exchange = await tab.begin(app, "Blocks", "Begin.");
  exchange.text(`\n\n${blocks.join("\n\n")}\n\nOne more.\n\nAnd one.\n\nAnd the last so far.`);
  await tab.waitForText("last so far");
  await tab.lastAnswer.locator("figure code span[style*=token-light]").first().waitFor();
  await tab.lastAnswer.evaluate((answer) => {
    window.recorded = [];
    for (const block of answer.querySelectorAll("h1, p:nth-of-type(-n + 2), ul, table, figure")) {
      new MutationObserver((changes) => {
        for (const { type } of changes) window.recorded.push(`${block.tagName} ${type}`);
      }).observe(block, { childList: true, subtree: true, characterData: true, attributes: true });
    }
  });
  for (let step = 0; step < 12; step++) {
    exchange.text(`\n\nParagraph ${step}, which is **new**.`);
    await tab.waitForText(`Paragraph ${step},`);
  }
  exchange.finish();
  await tab.waitForEnd();
  expect(await recordedTexts(tab.page)).toEqual([]);
  await person.close();
});

test("2. heavy parts load only when they are used", async () => {
  const person = await app.person();
  const loaded: string[] = [];
  const tab = await person.openTab("/", (page) => {
    page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    return Promise.resolve();
  });
  const heavy = () =>
    ["katex", "highlight", "flowdiagram"].filter((name) =>
      loaded.some((path) => path.toLowerCase().includes(name)),
    );
  const show = async (prompt: string, text: string) => {
    const exchange = await tab.begin(app, prompt, "Here.");
    exchange.text(`\n\n${text}`);
    exchange.finish();
    await tab.waitForEnd();
  };
  await show("Plain", "Only **words**, a [link](https://example.org) and prices of $5 to $10.");
  expect(heavy()).toEqual([]);
  await show("Code", "```ts\nconst a = 1;\n```");
  await tab.lastAnswer.locator("figure code span[style*=token-light]").first().waitFor();
  expect(heavy()).toEqual(["highlight"]);
  await show("Maths", "So $a^2$.");
  await tab.lastAnswer.locator(".katex").first().waitFor();
  await show("Diagram", "```mermaid\ngraph LR\n  A --> B\n```");
  await tab.page.getByRole("img", { name: "Diagram" }).waitFor();
  expect(heavy()).toEqual(["katex", "highlight", "flowdiagram"]);
  await person.close();
});

test("2. links open apart and tell nothing; an image is fetched only when its link is followed; others lead nowhere", async () => {
  const person = await app.person();
  const asked: { url: string; referer: string | undefined }[] = [];
  await person.context.route(/\.example\//, async (route) => {
    asked.push({ url: route.request().url(), referer: route.request().headers()["referer"] });
    await route.fulfill({ contentType: "text/html", body: "<title>Elsewhere</title>" });
  });
  const tab = await person.openTab();
  const exchange = await tab.begin(app, "Links", "See");
  exchange.text(
    " [the site](https://site.example/page), ![a cat](https://images.example/cat.png), [run](javascript:document.title=1) and [here](/archive).",
  );
  exchange.finish();
  await tab.waitForText("here.");
  await tab.waitForEnd();
  expect(asked).toEqual([]);
  expect(await tab.lastAnswer.getByRole("link").allInnerTexts()).toEqual(["the site", "Open image: a cat"]);
  for (const name of ["the site", "Open image: a cat"]) {
    const opened = person.context.waitForEvent("page");
    await tab.lastAnswer.getByRole("link", { name }).click();
    const page = await opened;
    await page.waitForLoadState();
    expect(await page.evaluate(() => window.opener as unknown)).toBeNull();
    await page.close();
  }
  expect(asked).toEqual([
    { url: "https://site.example/page", referer: undefined },
    { url: "https://images.example/cat.png", referer: undefined },
  ]);
  await tab.waitForText("the site");
  await person.close();
});
