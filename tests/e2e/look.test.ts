/** Issue 4, point 7, as far as it is no matter of taste: what the page is made of, and that it can be installed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstScripts } from "../helpers/firstScripts.ts";
import { App } from "./support/app.ts";
import { DEVICES } from "./support/devices.ts";

interface Manifest {
  name: string;
  short_name: string;
  start_url: string;
  display: string;
  theme_color: string;
  background_color: string;
  icons: { src: string; sizes: string; type: string; purpose?: string }[];
}

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

test("7. the web app manifest and its icons: what a browser needs to install the page, each icon as large as it says", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const href = await tab.page.locator("link[rel=manifest]").getAttribute("href");
  const response = await tab.page.request.get(new URL(href ?? "", app.server.url).href);
  expect(response.headers()["content-type"]).toMatch(/manifest\+json|application\/json/);
  const manifest = (await response.json()) as Manifest;
  expect(manifest).toMatchObject({
    name: "Verbatim",
    short_name: "Verbatim",
    start_url: "/",
    display: "standalone",
  });
  for (const colour of [manifest.theme_color, manifest.background_color])
    expect(colour).toMatch(/^#[0-9a-f]{6}$/);
  const sizes = manifest.icons.map(({ sizes: given }) => given);
  expect(sizes).toEqual(expect.arrayContaining(["192x192", "512x512"]));
  expect(manifest.icons.some(({ purpose }) => purpose?.includes("maskable"))).toBe(true);
  for (const icon of manifest.icons) {
    const served = await tab.page.request.get(new URL(icon.src, app.server.url).href);
    expect([icon.src, served.status(), served.headers()["content-type"]]).toEqual([icon.src, 200, icon.type]);
    const drawn = await tab.page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, icon.src);
    if (icon.sizes !== "any") expect(drawn).toBe(icon.sizes);
  }
  for (const link of await tab.page.locator("link[rel~=icon], link[rel=apple-touch-icon]").all()) {
    const src = (await link.getAttribute("href")) ?? "";
    expect((await tab.page.request.get(new URL(src, app.server.url).href)).status()).toBe(200);
  }
  await person.close();
});

test("7. nothing is fetched from elsewhere, and the page's own fonts are used", async () => {
  const person = await app.person();
  const elsewhere: string[] = [];
  const tab = await person.openTab("/", (page) => {
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin !== new URL(app.server.url).origin && url.protocol.startsWith("http"))
        elsewhere.push(url.href);
    });
    return Promise.resolve();
  });
  const exchange = await tab.begin(app, "Show", "Begin.");
  exchange.text("\n\n# Title\n\nText with `code` and $x^2$.\n\n```python\nprint(1)\n```");
  exchange.finish();
  await tab.lastAnswer.locator("figure code span[style*=token-light]").first().waitFor();
  await tab.page.keyboard.press("Control+k");
  await tab.page.getByRole("dialog").waitFor();
  await tab.page.evaluate(() => document.fonts.ready.then(() => undefined));
  const fonts = await tab.page.evaluate(() =>
    [...document.fonts]
      .filter(({ status }) => status === "loaded")
      .map(({ family }) => family.replaceAll('"', "")),
  );
  expect(fonts).toEqual(expect.arrayContaining(["Inter Variable", "Newsreader Variable"]));
  expect(elsewhere).toEqual([]);
  await person.close();
});

test.each(DEVICES)(
  "7. one set of tokens: $name, and the chosen theme before the first paint",
  async ({ options }) => {
    const person = await app.person(options);
    const tab = await person.openTab();
    const colours = () =>
      tab.page.evaluate(() => {
        const { backgroundColor, color } = getComputedStyle(document.querySelector("main") ?? document.body);
        return { backgroundColor, color };
      });
    const light = { backgroundColor: expect.stringMatching(/^rgb\(2[45]\d, 2[45]\d, 2[45]\d\)$/) as unknown };
    if (options.colorScheme === "light") expect(await colours()).toMatchObject(light);
    else expect(await colours()).not.toMatchObject(light);
    await tab.page.keyboard.press("Control+,");
    await tab.page.getByRole("radio", { name: options.colorScheme === "light" ? "Dark" : "Light" }).click();
    await tab.page.reload({ waitUntil: "commit" });
    // Before any script of the page itself has run.
    await tab.page.waitForFunction(() => document.documentElement.dataset["theme"] !== undefined);
    await tab.composer.waitFor();
    if (options.colorScheme === "light") expect(await colours()).not.toMatchObject(light);
    else expect(await colours()).toMatchObject(light);
    await person.close();
  },
);

test("7. the first JavaScript is 130 kB at most, compressed", async () => {
  const { bytes } = await firstScripts();
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThanOrEqual(130_000);
});

test("7. the name is painted before the page's script is there, and gives way to the page", async () => {
  const person = await app.person();
  const page = await person.context.newPage();
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route("**/assets/*.js", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(app.server.url, { waitUntil: "commit" });
  const shell = page.locator(".shell");
  await shell.getByText("Verbatim").waitFor();
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length === 1);
  letGo();
  await page.locator("#composer").waitFor();
  expect(await shell.count()).toBe(0);
  await person.close();
});
