/** The first chat, as a new user would try it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

describe("a first chat", () => {
  test("[G1] send: the prompt and one streamed answer, and the chat gets its address", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const asked = app.stepAnswerTo("What is a hash?");
    await tab.send("What is a hash?");
    const exchange = await asked;
    exchange.text("A **number**");
    await tab.waitForText("A number");
    expect(await tab.button("Stop").isVisible()).toBe(true);
    exchange.text(" from a key.");
    exchange.finish();
    await tab.waitForEnd();
    await tab.eventually(() => tab.shownText(), "A number from a key.");
    expect(await tab.chatPath()).toMatch(/^\/chat\/\w+$/);
    await tab.page.getByRole("link", { name: "What is a hash?" }).waitFor();
    expect(app.requestsFor("What is a hash?")).toBe(1);
    await person.close();
  });

  test("[G9] reload in the middle: what was seen is the beginning of what is seen after, and it goes on", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const asked = app.stepAnswerTo("Tell a story.");
    await tab.send("Tell a story.");
    const exchange = await asked;
    exchange.text("Once upon a time");
    await tab.waitForText("Once upon a time");
    const seen = await tab.shownText();
    await tab.page.reload();
    await tab.waitForText(seen);
    expect((await tab.shownText()).startsWith(seen)).toBe(true);
    exchange.text(" there was a test.");
    exchange.finish();
    await tab.waitForText("Once upon a time there was a test.");
    await tab.waitForEnd();
    await person.close();
  });

  test("two tabs: the second sees the stream, and its Stop is the first one's", async () => {
    const person = await app.person();
    const first = await person.openTab();
    const asked = app.stepAnswerTo("Count.");
    await first.send("Count.");
    const exchange = await asked;
    exchange.text("One, two,");
    await first.waitForText("One, two,");
    const second = await person.openTab(await first.chatPath());
    await second.waitForText("One, two,");
    exchange.text(" three,");
    await second.waitForText("three,");
    await second.button("Stop").click();
    expect(await exchange.closed).toBe("client");
    await first.waitForEnd();
    expect(await first.lastAnswer.innerText()).toContain("You stopped this reply.");
    await first.eventually(() => first.shownText(), "One, two, three,");
    await person.close();
  });

  test("phone of 390 px: nothing is wider than the screen, chats are in a drawer, targets are 44 px", async () => {
    const person = await app.person({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      deviceScaleFactor: 2,
    });
    const tab = await person.openTab();
    await tab.write(`A table with ${"wide ".repeat(40)}cells, and ${"x".repeat(300)}`);
    await tab.button("Send").tap();
    await tab.waitForEnd();
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await tab.button("Show chats").tap();
    await tab.page.getByRole("dialog", { name: "Chats" }).waitFor();
    const small = await tab.page.evaluate(() =>
      [...document.querySelectorAll("button, a[href], textarea")]
        .filter((element) => element.checkVisibility() && !element.className.includes("skip"))
        .map((element) => ({
          name: element.ariaLabel ?? element.textContent,
          box: element.getBoundingClientRect(),
        }))
        .filter(({ box }) => box.width > 0 && box.height < 44)
        .map(({ name, box }) => `${name}: ${box.height}`),
    );
    expect(small).toEqual([]);
    await person.close();
  });

  test("edit and regenerate make versions that can be stepped through", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    await tab.ask("First words");
    await tab.button("Try again").click();
    await tab.page.getByRole("group", { name: "Version 2 of 2" }).waitFor();
    await tab.waitForEnd();
    await tab.page.locator("[data-turn]").hover();
    await tab.button("Edit").click();
    await tab.page.getByRole("textbox", { name: "Edit your message" }).fill("Second words");
    await tab.page.keyboard.press("Enter");
    await tab.waitForText("You said: Second words");
    await tab.waitForEnd();
    await tab.button("Previous version").click();
    await tab.waitForText("You said: First words");
    await person.close();
  });

  test("back and forward move between chats, and a chat's address can be opened", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    await tab.ask("Apples");
    const apples = await tab.chatPath();
    await tab.button("New chat").click();
    await tab.ask("Pears");
    await tab.page.goBack();
    await tab.waitForText("You said: Apples");
    await tab.page.goForward();
    await tab.waitForText("You said: Pears");
    const other = await person.openTab(apples);
    await other.waitForText("You said: Apples");
    await person.close();
  });

  test("[G11] another person's chat is a missing one", async () => {
    const [one, other] = [await app.person(), await app.person()];
    const tab = await one.openTab();
    await tab.ask("My secret");
    const stranger = await other.context.newPage();
    await stranger.goto(new URL(await tab.chatPath(), tab.page.url()).href);
    await stranger.getByText("This chat does not exist, or it is not yours.").waitFor();
    expect(await stranger.getByText("My secret").count()).toBe(0);
    await Promise.all([one.close(), other.close()]);
  });

  test("tabs opened at the same time are one guest", async () => {
    const person = await app.person();
    const tabs = await Promise.all([person.openTab(), person.openTab(), person.openTab()]);
    await tabs[0].ask("Shared by all tabs");
    for (const tab of tabs) await tab.page.getByRole("link", { name: "Shared by all tabs" }).waitFor();
    await person.close();
  });
});
