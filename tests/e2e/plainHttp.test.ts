/**
 * The page as another machine's browser has it without a proxy: by a name, over plain http. Browsers withhold there what they keep for
 * secure contexts: locks among tabs, the clipboard's interface, `randomUUID`.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../helpers/browser.ts";
import { freePort, startServer, temporaryFolder, type RunningServer } from "../helpers/server.ts";
import { Person } from "./support/app.ts";
import { PATIENCE } from "./support/chatTab.ts";

/** Not a name of this machine for the browser, although it leads to it. */
const NAME = "verbatim.test";

let browser: Browser;
let server: RunningServer;
let url: string;
let removeFolder: () => Promise<void>;
beforeAll(async () => {
  const [{ folder, remove }, port] = await Promise.all([temporaryFolder(), freePort()]);
  removeFolder = remove;
  url = `http://${NAME}:${port}`;
  browser = await launchBrowser([`--host-resolver-rules=MAP ${NAME} 127.0.0.1`]);
  server = await startServer({ dataDir: folder, port, env: { SITE_URL: url } });
});
afterAll(async () => {
  await browser.close();
  await server.terminate();
  await removeFolder();
});

const person = async () => new Person(await browser.newContext({ locale: "en-GB" }), url);

test("a chat, and what its buttons copy", async () => {
  const somebody = await person();
  const tab = await somebody.openTab();
  const errors: string[] = [];
  tab.page.on("pageerror", (error) => errors.push(error.message));
  expect(await tab.page.evaluate(() => isSecureContext)).toBe(false);
  await tab.send("What can you do?");
  await expect.poll(() => tab.shownText(), PATIENCE).toContain("\n");
  await tab.button("Stop").click();
  await tab.waitForEnd();
  const paste = async () => {
    await tab.composer.fill("");
    await tab.composer.press("ControlOrMeta+v");
    return tab.composer.inputValue();
  };
  const answer = await tab.shownText();
  await tab.lastAnswer.getByRole("button", { name: "Copy", exact: true }).click();
  await tab.page.getByText("Copied").first().waitFor({ state: "attached" });
  const firstWords = answer.split("\n")[0] ?? "";
  expect(firstWords).not.toBe("");
  expect(await paste()).toContain(firstWords);
  // What was selected before is selected still.
  expect(await tab.page.evaluate(() => document.activeElement?.tagName)).toBe("TEXTAREA");
  await tab.page.reload();
  await tab.waitForText(firstWords);
  expect(errors).toEqual([]);
  await somebody.close();
});

test("tabs that are opened at once make one guest", async () => {
  const somebody = await person();
  let guests = 0;
  const countGuests = (page: Page) => {
    page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => {
        if (/auth:signIn.*anonymous/.test(String(payload))) guests += 1;
      }),
    );
    return Promise.resolve();
  };
  const tabs = await Promise.all([1, 2, 3, 4].map(() => somebody.openTab("/", countGuests)));
  await tabs[0]!.send("Who am I?");
  for (const tab of tabs) await tab.chat("Who am I?").waitFor();
  expect(guests).toBe(1);
  await somebody.close();
});
