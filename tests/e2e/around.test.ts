/** Issue 4, point 5: what is around the chat. Addresses, back and forward: chat.test.ts; settings kept: session.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { DEVICES } from "./support/devices.ts";
import { onlyGrew, recordedTexts, recordTexts } from "./support/recorder.ts";
import { ServerValve } from "./support/serverValve.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

const dialog = (tab: ChatTab, name: string) => tab.page.getByRole("dialog", { name });

/** The model that is asked for an answer to `prompt`, which it gives. */
async function modelAskedFor(prompt: string, send: () => Promise<void>): Promise<string> {
  const asked = app.stepAnswerTo(prompt);
  await send();
  const exchange = await asked;
  exchange.text("Yes");
  exchange.finish();
  return exchange.body.model;
}

describe.each(DEVICES)("$name", ({ name, options }) => {
  test("5. model picker: a chat answers with its own model, in every tab; new chats begin with the one chosen last", async () => {
    const person = await app.person(options);
    const tab = await person.openTab();
    const picker = (each: ChatTab) => each.page.getByRole("button", { name: /^Model: / });
    await picker(tab).click();
    await tab.page.getByRole("menuitemradio", { name: "other-model" }).click();
    expect(await modelAskedFor("Which?", () => tab.send("Which?"))).toBe("other-model");
    await tab.waitForEnd();
    const second = await person.openTab(await tab.chatPath());
    await picker(second).and(second.button("Model: other-model")).waitFor();
    await picker(second).click();
    await second.page.getByRole("menuitemradio", { name: "test-model" }).click();
    await tab.button("Model: test-model").waitFor();
    expect(await modelAskedFor("And now?", () => tab.send("And now?"))).toBe("test-model");
    const third = await person.openTab();
    await third.button("Model: test-model").waitFor();
    await person.close();
  });

  test("5. palette: commands, chats and messages by keys alone; the help sheet; settings act at once and in the other tab", async () => {
    const person = await app.person(options);
    const tab = await person.openTab();
    await tab.ask("Where do penguins live?");
    const other = await person.openTab();
    await tab.toFront();
    const { keyboard } = tab.page;
    const combobox = tab.page.getByRole("combobox");
    const option = (name: string) => tab.page.getByRole("option", { name });

    await keyboard.press("Control+k");
    await combobox.fill("no such thing at all");
    await tab.page.getByText("Nothing found").waitFor();
    await combobox.fill("switch light");
    await option("Switch between light and dark").waitFor();
    const dark = () => tab.page.evaluate(() => document.documentElement.dataset["theme"]);
    await keyboard.press("Enter");
    await tab.eventually(dark, options.colorScheme === "dark" ? "light" : "dark");
    await other.eventually(
      () => other.page.evaluate(() => document.documentElement.dataset["theme"]),
      options.colorScheme === "dark" ? "light" : "dark",
    );

    await keyboard.press("Control+k");
    await combobox.fill("keyboard");
    await option("Keyboard shortcuts").waitFor();
    await keyboard.press("Enter");
    await dialog(tab, "Keyboard shortcuts").getByText("Stop the reply").waitFor();
    expect(await tab.overflow()).toBe(0);
    await keyboard.press("Escape");
    await dialog(tab, "Keyboard shortcuts").waitFor({ state: "detached" });
    // A bare key is a letter while one types, a shortcut elsewhere.
    await tab.messages.focus();
    await keyboard.press("?");
    await dialog(tab, "Keyboard shortcuts").waitFor();
    await keyboard.press("Escape");
    await tab.messages.focus();
    await keyboard.press("/");
    await tab.eventually(() => tab.composer.evaluate((field) => field === document.activeElement), true);
    await keyboard.press("?");
    expect(await tab.composer.inputValue()).toBe("?");
    await tab.write("");

    await keyboard.press("Control+Shift+O");
    await tab.page.waitForURL(/\/$/);
    await keyboard.press("Control+k");
    await combobox.fill("penguins live");
    await option("Where do penguins live?").first().waitFor();
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowUp");
    await keyboard.press("Enter");
    await tab.waitForText("You said: Where do penguins live?");
    await person.close();
  });

  test("5. offline: said in words; one reads, types and sends, and it goes out by itself once", async () => {
    const person = await app.person(options);
    const valve = new ServerValve();
    const fromTunnel = `From the tunnel, ${name}`;
    const tab = await person.openTab("/", valve.prepare);
    await tab.ask("Before");
    await person.context.setOffline(true);
    valve.goAway();
    await tab.page.getByText("Offline", { exact: true }).waitFor();
    await tab.page
      .getByText("You can read and write; messages will be sent when you are back online.")
      .waitFor();
    await tab.messages.getByText("You said: Before").waitFor();
    await tab.send(fromTunnel);
    await tab.page.getByText("Waiting for the connection; this will be sent automatically.").waitFor();
    await tab.write("Typed in the tunnel");
    expect(app.requestsFor(fromTunnel)).toBe(0);
    valve.comeBack();
    await person.context.setOffline(false);
    await tab.waitForText(`You said: ${fromTunnel}`);
    await tab.waitForEnd();
    await tab.page.getByText("Offline", { exact: true }).waitFor({ state: "detached" });
    expect(await tab.composer.inputValue()).toBe("Typed in the tunnel");
    expect(app.requestsFor(fromTunnel)).toBe(1);
    await person.close();
  });
});

describe("5. a part that fails to load takes nothing with it", () => {
  /** A person's tab for whom the files with such a name do not arrive, until `heal`. */
  async function without(file: RegExp, options = DEVICES[0]?.options) {
    const person = await app.person(options);
    let broken = true;
    const tab = await person.openTab("/", async (page) => {
      await page.route(file, (route) => (broken ? route.abort() : route.continue()));
    });
    return { person, tab, heal: () => (broken = false) };
  }

  test("the markdown renderer: replies are readable as they are", async () => {
    const { person, tab } = await without(/StreamingMarkdown-.*\.js/);
    await tab.ask("Plainly");
    await tab.waitForText("You said: Plainly");
    await tab.ask("And again");
    await tab.waitForText("You said: And again");
    await person.close();
  });

  test("the palette, then settings: the page goes on, and the next try is another one", async () => {
    const { person, tab, heal } = await without(/(Palette|SettingsSheet)-.*\.js/);
    await tab.page.keyboard.press("Control+k");
    await tab.page.getByText("This part of the page could not be loaded.").waitFor();
    await tab.ask("Still there?");
    await tab.waitForText("You said: Still there?");
    await tab.button("Settings").click();
    await tab.ask("And now?");
    await tab.page.keyboard.press("Control+Shift+O");
    heal();
    await tab.page.keyboard.press("Control+k");
    await dialog(tab, "Search and commands").waitFor();
    await tab.page.keyboard.press("Escape");
    await tab.button("Settings").click();
    await dialog(tab, "Settings").waitFor();
    await person.close();
  });

  test("menus: the chats stay, and the menu opens when it can be had", async () => {
    const { person, tab, heal } = await without(/OpenedMenu-.*\.js/);
    await tab.ask("Listed");
    await tab.button("Actions for “Listed”").click();
    await tab.page.getByText("This part of the page could not be loaded.").waitFor();
    await tab.chat("Listed").waitFor();
    heal();
    await tab.button("Actions for “Listed”").click();
    await tab.page.getByRole("menuitem", { name: "Rename" }).waitFor();
    await person.close();
  });

  test("the drawer of a phone: the chat stays", async () => {
    const { person, tab, heal } = await without(/Drawer-.*\.js/, DEVICES[1]?.options);
    await tab.ask("On a phone");
    await tab.button("Show chats").click();
    await tab.page.getByText("This part of the page could not be loaded.").waitFor();
    await tab.waitForText("You said: On a phone");
    heal();
    await tab.button("Show chats").click();
    await tab.chat("On a phone").waitFor();
    await person.close();
  });
});

test("5. smoothing is a choice: without it a step of text is on the screen whole", async () => {
  const person = await app.person();
  const tab = await person.openTab("/", recordTexts("[data-part=text]"));
  await tab.page.keyboard.press("Control+,");
  await tab.page.getByRole("checkbox", { name: "Smooth streaming" }).uncheck();
  await tab.page.keyboard.press("Escape");
  const exchange = await tab.begin(app, "In steps", "Start.");
  const step = Array.from({ length: 60 }, (_, word) => ` step${word}`).join("");
  exchange.text(step);
  await tab.waitForText("step59");
  exchange.finish();
  await tab.waitForEnd();
  const painted = await recordedTexts(tab.page);
  expect(onlyGrew(painted)).toBe(true);
  expect(painted.filter((text) => text.includes("step0") && !text.endsWith("step59"))).toEqual([]);
  await person.close();
});

test("5. empty states teach: a suggestion puts its words into the composer and the caret after them", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.page.getByText("Your chats will appear here.").waitFor();
  const suggestion = tab.messages.getByRole("listitem").first().getByRole("button");
  const words = await suggestion.locator("span").innerText();
  await suggestion.click();
  await tab.eventually(() => tab.composer.inputValue(), words);
  await tab.eventually(
    () => tab.composer.evaluate((field) => (field as HTMLTextAreaElement).selectionStart),
    words.length,
  );
  await person.close();
});

/** Tells the page that each of its queries has failed, as a server does that has too much to do. */
function failQueries(message: unknown): void {
  const { modifications } = message as { modifications?: { type: string }[] };
  for (const modification of modifications ?? []) {
    if (modification.type !== "QueryUpdated") continue;
    Object.assign(modification, { type: "QueryFailed", errorMessage: "[Request ID: 1] Server Error" });
  }
}

test("[G13] queries that fail: said once, asked again until they work, and what was typed is still there", async () => {
  const person = await app.person();
  let isOverloaded = false;
  const valve = new ServerValve((message) => {
    if (isOverloaded) failQueries(message);
  });
  const tab = await person.openTab("/", valve.prepare);
  await tab.ask("Is it kept?");
  await tab.chatPath();
  await tab.write("Half a thought");
  isOverloaded = true;
  await tab.page.reload();
  await tab.page.getByText("This part of the page could not be shown.").first().waitFor();
  isOverloaded = false;
  await tab.waitForText("You said: Is it kept?");
  await tab.chat("Is it kept?").waitFor();
  await tab.eventually(() => tab.composer.inputValue(), "Half a thought");
  expect(await tab.page.getByText("This part of the page could not be shown.").count()).toBe(0);
  await person.close();
});
