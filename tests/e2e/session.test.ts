/** Nobody is asked to sign in, and a session that ends takes no words with it. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { App } from "./support/app.ts";
import { loseResponseTo } from "./support/lostResponse.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

/**
 * As on a busy machine: this tab gets the lock for signing in as soon as another one has stored its session, and sees that session 3 s
 * later.
 */
async function seeSessionLate(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { getItem, setItem } = Storage.prototype;
    const own = new Set<string>();
    let storedAt = Infinity;
    Storage.prototype.setItem = function (key, value) {
      own.add(key);
      setItem.call(this, key, value);
    };
    Storage.prototype.getItem = function (key) {
      if (key.startsWith("__convexAuth") && !own.has(key) && performance.now() < storedAt + 3_000)
        return null;
      return getItem.call(this, key);
    };
    addEventListener("storage", (event) => {
      if (!event.isTrusted) return;
      event.stopImmediatePropagation();
      const { key, oldValue, newValue, storageArea } = event;
      const late = new StorageEvent("storage", { key, oldValue, newValue, storageArea });
      setTimeout(() => dispatchEvent(late), 3_000);
    });
    const { request } = LockManager.prototype as { request: (...args: unknown[]) => Promise<unknown> };
    LockManager.prototype.request = async function (...args: unknown[]) {
      while (getItem.call(localStorage, "__convexAuthRefreshToken_verbatim") === null) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      storedAt = Math.min(storedAt, performance.now());
      return request.apply(this, args);
    };
  });
}

test("[G14] a tab that does not yet see another's new session makes no second guest", async () => {
  const person = await app.person();
  const [first, second] = await Promise.all([person.openTab(), person.openTab("/", seeSessionLate)]);
  await first.ask("Whose is this?");
  await second.chat("Whose is this?").waitFor();
  await first.waitForText("You said: Whose is this?");
  await person.close();
});

test("[G14] a tab that is opened while another one signs in, too late to be told, has the same session", async () => {
  const person = await app.person();
  const first = await person.openTab();
  await first.ask("Told to nobody");
  const second = await person.openTab("/", seeSessionLate);
  await second.chat("Told to nobody").waitFor();
  await person.close();
});

test("[G13] a session that is no longer accepted: signed in again, and the typed prompt is still there", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.ask("Before");
  await tab.button("New chat").click();
  await tab.write("Typed, not sent");
  await tab.page.evaluate(() => {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("__convexAuth")) localStorage.setItem(key, "revoked");
    }
  });
  await tab.page.reload();
  await tab.composer.waitFor();
  expect(await tab.composer.inputValue()).toBe("Typed, not sent");
  await tab.composer.press("Enter");
  await tab.waitForText("You said: Typed, not sent");
  await tab.waitForEnd();
  expect(app.requestsFor("Typed, not sent")).toBe(1);
  await person.close();
});

test("[G13] reloaded before the server's answer to a send has come: sent again under the same id, and there is one", async () => {
  const person = await app.person();
  const silence = loseResponseTo("Twice sent", "silence");
  const tab = await person.openTab("/", silence.prepare);
  await tab.button("New chat").waitFor();
  const asked = app.stepAnswerTo("Twice sent");
  await tab.send("Twice sent");
  // The server has it: its start check asks the model although the page never heard of the run.
  const exchange = await asked;
  await tab.page.reload();
  await tab.composer.waitFor();
  exchange.text("Once answered");
  exchange.finish();
  await tab.waitForText("Once answered");
  await tab.waitForEnd();
  expect(await tab.page.locator("[data-turn]").count()).toBe(1);
  expect(app.requestsFor("Twice sent")).toBe(1);
  expect(await tab.chatPath()).toMatch(/^\/chat\//);
  await person.close();
});

test("the server is away when the page is opened again: one can type, and it goes on by itself", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.ask("Hello");
  await app.server.kill();
  await tab.page.getByText("Reconnecting…").waitFor();
  await tab.write("Meanwhile");
  await app.killAndRestart();
  await tab.page.getByText("Reconnecting…").waitFor({ state: "detached" });
  await tab.composer.press("Enter");
  await tab.waitForText("You said: Meanwhile");
  await person.close();
});

test("settings are kept: theme before the first paint, the key that sends, the language", async () => {
  const person = await app.person({ colorScheme: "light" });
  const tab = await person.openTab();
  await tab.page.keyboard.press("Control+,");
  await tab.page.getByRole("radio", { name: "Dark" }).click();
  await tab.page.getByRole("radio", { name: "Ctrl or ⌘ + Enter" }).click();
  await tab.page.getByRole("radio", { name: "Deutsch" }).click();
  await tab.page.getByRole("dialog", { name: "Einstellungen" }).waitFor();
  await tab.page.reload({ waitUntil: "commit" });
  await tab.page.waitForFunction(() => document.documentElement.dataset["theme"] === "dark");
  const field = tab.page.getByRole("textbox", { name: "Nachricht", exact: true });
  await field.fill("Zeile");
  await field.press("Enter");
  expect(await field.inputValue()).toBe("Zeile\n");
  await field.press("Control+Enter");
  await tab.waitForText("You said: Zeile");
  await person.close();
});

test("a deleted chat is gone in every tab at once, Undo brings it back, and a closed tab does not", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const other = await person.openTab();
  await tab.ask("Keep me");
  const remove = async () => {
    await tab.button("Actions for “Keep me”").click();
    await tab.page.getByRole("menuitem", { name: "Delete" }).click();
  };
  const link = other.page.getByRole("link", { name: "Keep me" });
  await link.waitFor();
  await remove();
  await link.waitFor({ state: "detached" });
  await tab.button("Undo").click();
  await link.click();
  await other.waitForText("You said: Keep me");

  await remove();
  await link.waitFor({ state: "detached" });
  await tab.page.close();
  await other.page.reload();
  await other.page.getByText("Your chats will appear here.").waitFor();
  await person.close();
});
