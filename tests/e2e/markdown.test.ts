/** What a model's markdown becomes, under the content security policy that the server sends. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { App } from "./support/app.ts";

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
  await tab.button("Show as diagram").click();
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
