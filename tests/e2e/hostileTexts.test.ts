/**
 * Issue 10, rows 12 and 13: what a model or a file may hold to harm the page. The policy that the server sends is switched off
 * where it would hide that something else has failed.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { api } from "../../convex/_generated/api.js";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HEAVY_TEXTS, LAST_WORDS } from "../helpers/heavyTexts.ts";
import { root } from "../helpers/server.ts";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { HOSTILE_DIAGRAMS, HOSTILE_TEXTS, RUN } from "./support/hostileTexts.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

/** Every address that the page asks for and that is not its server's. */
function watchElsewhere(page: Page, asked: string[]): Promise<void> {
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== new URL(app.server.url).origin)
      asked.push(url.href);
  });
  page.on("dialog", (dialog) => {
    asked.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return Promise.resolve();
}

const FORBIDDEN_ELEMENTS =
  /^(script|style|iframe|frame|object|embed|applet|form|link|meta|base|source|picture|video|audio|img|portal|template|marquee)$/;
const FORBIDDEN_ATTRIBUTES =
  /^(on|srcset|formaction|name|for|headers|usemap|accesskey|ping|background|poster|autofocus|contenteditable|popover)/;

const hasRun = (tab: ChatTab) => tab.page.evaluate((name) => name in window, RUN);

test("12. hostile texts run nothing, load nothing, name nothing of the page and lay nothing over it, also without a policy", async () => {
  const person = await app.person({ bypassCSP: true });
  const asked: string[] = [];
  const tab = await person.openTab("/", (page) => watchElsewhere(page, asked));
  for (const [index, text] of HOSTILE_TEXTS.entries()) {
    const exchange = await tab.begin(app, `Text ${index}`, "Begin.");
    exchange.text(`\n\n${text}\n\nThe end of ${index}.`);
    exchange.finish();
    await tab.waitForText(`The end of ${index}.`);
    await tab.waitForEnd();
    const found = await tab.lastAnswer.locator("[data-part=text]").evaluateAll((parts) => {
      const all = parts.flatMap((part) => [...part.querySelectorAll("*")]);
      return {
        elements: all.map(({ localName }) => localName),
        attributes: all.flatMap((element) => [...element.attributes].map(({ name }) => name)),
        ids: all.map(({ id }) => id).filter((id) => id !== ""),
        links: all.map((element) => element.getAttribute("href")).filter((href) => href !== null),
      };
    });
    expect(found.elements.filter((name) => FORBIDDEN_ELEMENTS.test(name))).toEqual([]);
    expect(found.attributes.filter((name) => FORBIDDEN_ATTRIBUTES.test(name))).toEqual([]);
    // Ours begin with what React made for this text alone.
    expect(found.ids.filter((id) => !/^_\w+_-/.test(id))).toEqual([]);
    expect(found.links.filter((href) => !/^(https?:|mailto:|tel:|#_)/.test(href))).toEqual([]);
  }
  expect(await tab.page.evaluate(() => document.getElementById("composer")?.tagName)).toBe("TEXTAREA");
  expect(await hasRun(tab)).toBe(false);
  expect(asked).toEqual([]);
  await person.close();
});

test("12. a diagram asks nobody for anything, whatever it names, also without a policy", async () => {
  const person = await app.person({ bypassCSP: true });
  const asked: string[] = [];
  const tab = await person.openTab("/", (page) => watchElsewhere(page, asked));
  let drawnCount = 0;
  for (const [index, source] of HOSTILE_DIAGRAMS.entries()) {
    const exchange = await tab.begin(app, `Diagram ${index}`, "Begin.");
    exchange.text(`\n\n\`\`\`mermaid\n${source}\n\`\`\`\n\nThe end of ${index}.`);
    exchange.finish();
    await tab.waitForText(`The end of ${index}.`);
    const drawn = tab.lastAnswer.getByRole("img", { name: "Diagram" });
    await drawn.or(tab.lastAnswer.getByText("could not be drawn")).first().waitFor();
    drawnCount += await drawn.count();
  }
  // At least the harmless ones among them are drawn.
  expect(drawnCount).toBeGreaterThan(2);
  expect(await hasRun(tab)).toBe(false);
  expect(asked).toEqual([]);
  await person.close();
});

test("12. an uploaded script or style is part of no page: not as a script, module, worker, style or import", async () => {
  const person = await app.person({ bypassCSP: true });
  const tab = await person.openTab();
  await tab.page.locator("input[type=file]").setInputFiles([
    {
      name: "a.js",
      mimeType: "text/javascript",
      buffer: Buffer.from(`window.${RUN} = 1; self.postMessage?.("run")`),
    },
    { name: "b.css", mimeType: "text/css", buffer: Buffer.from("body { --taken: 1 }") },
  ]);
  const client = await tab.client();
  await tab.eventually(
    async () => (await client.convex.query(api.attachments.listDraft, { taskId: null })).length,
    2,
  );
  const files = await client.convex.query(api.attachments.listDraft, { taskId: null });
  const paths = files.map(({ url }) => new URL(url!).pathname);
  const loaded = await tab.page.evaluate(async (urls) => {
    const outcomes: string[] = [];
    const load = (element: HTMLElement) =>
      new Promise<void>((resolve) => {
        element.onload = () => {
          outcomes.push(`${element.outerHTML} loaded`);
          resolve();
        };
        element.onerror = () => resolve();
        document.head.append(element);
      });
    for (const url of urls) {
      await load(Object.assign(document.createElement("script"), { src: url }));
      await load(Object.assign(document.createElement("script"), { src: url, type: "module" }));
      await load(Object.assign(document.createElement("link"), { href: url, rel: "stylesheet" }));
      await new Promise<void>((resolve) => {
        const worker = new Worker(url);
        worker.onmessage = () => {
          outcomes.push("worker");
          resolve();
        };
        worker.onerror = () => resolve();
      });
    }
    return outcomes;
  }, paths);
  expect(loaded).toEqual([]);
  for (const file of paths) {
    // As text: the tests' own compiler would replace the import.
    const imported = `import(${JSON.stringify(file)}).then(() => true, () => false)`;
    expect(await tab.page.evaluate(imported)).toBe(false);
  }
  expect(await hasRun(tab)).toBe(false);
  expect(await tab.page.evaluate(() => getComputedStyle(document.body).getPropertyValue("--taken"))).toBe("");
  // Downloaded, it is what it was.
  expect(await (await fetch(app.server.url + paths[0]!)).text()).toContain(RUN);
  await client.close();
  await person.close();
});

test("12. on a static host, which sends no policy, the page has its own", async () => {
  const person = await app.person();
  const page = await person.context.newPage();
  const asked: string[] = [];
  await person.context.route("**/*", async (route) => {
    const url = new URL(route.request().url());
    if (url.hostname !== "static.example") asked.push(url.href);
    const file = url.pathname === "/" ? "/index.html" : url.pathname;
    await route
      .fulfill({ path: path.join(root, "dist/page", file) })
      .catch(() => route.fulfill({ status: 404, body: "" }));
  });
  await page.addInitScript(() => {
    window.recorded = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
      window.recorded.push(effectiveDirective);
    });
  });
  await page.goto("http://static.example/");
  await page.locator("#composer").waitFor();
  expect(await page.evaluate(() => window.recorded)).toEqual([]);
  await page.evaluate((name) => {
    const script = document.createElement("script");
    script.textContent = `window.${name} = 1`;
    const image = new Image();
    image.src = "http://elsewhere.example/x.png";
    const frame = document.createElement("iframe");
    frame.src = "http://elsewhere.example/";
    document.body.append(script, image, frame);
    void fetch("http://elsewhere.example/").catch(() => undefined);
  }, RUN);
  await expect
    .poll(() => page.evaluate(() => [...new Set(window.recorded)].sort()))
    .toEqual(["connect-src", "frame-src", "img-src", "script-src-elem"]);
  expect(await page.evaluate((name) => name in window, RUN)).toBe(false);
  expect(asked).toEqual([]);
  const html = await readFile(path.join(root, "dist/page/index.html"), "utf8");
  expect(html.indexOf("Content-Security-Policy")).toBeLessThan(html.indexOf("<script"));
  await person.close();
});

/** Elements of a reply that is too heavy to be formatted. */
const MAX_ELEMENTS = 3_000;

test("13. a chat of heavy texts opens: each is readable to its end and plain where it is heavy, and formatted on request", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const names = [
    "a formula of 100 kB",
    "100,000 stacked accents",
    "50,000 openings of a formula",
    "a list 1,000 deep",
  ];
  const texts = HEAVY_TEXTS.filter(({ name }) => names.includes(name));
  expect(texts).toHaveLength(names.length);
  for (const { name, text } of texts) {
    const exchange = await tab.begin(app, name, "Begin.");
    exchange.text(`\n\n${text}`);
    exchange.finish();
    await tab.waitForText(LAST_WORDS);
    await tab.waitForEnd();
  }
  await tab.page.reload();
  await tab.waitForText(LAST_WORDS);
  for (const answer of await tab.answers.all()) {
    expect(await answer.locator("*").count()).toBeLessThan(MAX_ELEMENTS);
  }
  // Turns far from the reader are empty space.
  const isPlain = async () => (await tab.page.locator("[data-plain=heavy]").count()) > 0;
  await tab.eventually(isPlain, true);
  await tab.write("It can be typed in.");

  const exchange = await tab.begin(app, "Links", "Begin.");
  exchange.text(`\n\n${"[a](https://example.org) ".repeat(500)}\n\n**The end.**`);
  exchange.finish();
  await tab.waitForText("The end.");
  await tab.waitForEnd();
  expect(await tab.lastAnswer.getByRole("link").count()).toBe(0);
  expect(await tab.lastAnswer.locator("strong").allInnerTexts()).toEqual(["The end."]);
  await tab.lastAnswer.getByRole("button", { name: "Show anyway" }).click();
  await tab.eventually(() => tab.lastAnswer.getByRole("link").count(), 500);
  await person.close();
});
