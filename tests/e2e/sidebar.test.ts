/** Issue 4, point 4: the list of chats and the search. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { DEVICES } from "./support/devices.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

const group = (tab: ChatTab, name: string) => tab.page.getByRole("region", { name, exact: true });
const titles = (tab: ChatTab, name: string) => group(tab, name).getByRole("link").allInnerTexts();
const menuOf = (tab: ChatTab, title: string) => tab.button(`Actions for “${title}”`);

describe.each(DEVICES)("$name", ({ options }) => {
  test("4. chats in two tabs: newest first, named by their first words, pinned first, renamed, archived apart, deleted with undo", async () => {
    const person = await app.person(options);
    const tab = await person.openTab();
    for (const prompt of ["Apples", "Pears", "Plums"]) {
      await tab.ask(prompt);
      await tab.page.goto(new URL("/", tab.page.url()).href);
      await tab.composer.waitFor();
    }
    const other = await person.openTab();
    for (const each of [tab, other]) {
      await each.showChats();
      await each.eventually(() => titles(each, "Today"), ["Plums", "Pears", "Apples"]);
    }

    await tab.toFront();
    await tab.choose(menuOf(tab, "Apples"), "Pin");
    for (const each of [tab, other]) {
      await each.eventually(() => titles(each, "Pinned"), ["Apples"]);
      await each.eventually(() => titles(each, "Today"), ["Plums", "Pears"]);
    }
    const list = await tab.page.getByRole("link").allInnerTexts();
    expect(list.indexOf("Apples")).toBeLessThan(list.indexOf("Plums"));

    await tab.choose(menuOf(tab, "Pears"), "Rename");
    const field = tab.page.getByRole("textbox", { name: "Title of the chat" });
    await field.fill("Not this");
    await field.press("Escape");
    await tab.choose(menuOf(tab, "Pears"), "Rename");
    await field.fill("Quinces");
    await field.press("Enter");
    for (const each of [tab, other]) await each.eventually(() => titles(each, "Today"), ["Plums", "Quinces"]);

    await tab.choose(menuOf(tab, "Plums"), "Archive");
    for (const each of [tab, other]) await each.chat("Plums").waitFor({ state: "detached" });
    await tab.button("Dismiss").click();
    await tab.showChats();
    await tab.button("Archived chats").click();
    const archive = tab.page.getByRole("heading", { name: "Archived chats" });
    await archive.waitFor();
    await tab.eventually(() => titles(tab, "Today"), ["Plums"]);
    // The address is the archive's, also where the list of chats is a drawer.
    await tab.page.reload();
    await archive.waitFor();
    await tab.eventually(() => titles(tab, "Today"), ["Plums"]);
    await tab.choose(menuOf(tab, "Plums"), "Move back to chats");
    await tab.page.getByText("Nothing is archived.").waitFor();
    await other.eventually(() => titles(other, "Today"), ["Plums", "Quinces"]);
    await tab.leaveArchive();

    await tab.choose(menuOf(tab, "Quinces"), "Delete");
    await tab.chat("Quinces").waitFor({ state: "detached" });
    await tab.button("Undo").click();
    await tab.showChats();
    await tab.chat("Quinces").waitFor();
    expect(await titles(other, "Today")).toEqual(["Plums", "Quinces"]);
    await person.close();
  });

  test("4. marks: a chat says that it is generating, then that its reply is new; a toast names it and leads there", async () => {
    const person = await app.person(options);
    const tab = await person.openTab();
    const exchange = await tab.begin(app, "Slow chat", "Working");
    const chat = await tab.chatPath();
    const other = await person.openTab();
    await other.showChats();
    await other.chat("Slow chat Generating").waitFor();
    await tab.toFront();
    await tab.page.goto(new URL("/", tab.page.url()).href);
    await tab.composer.waitFor();
    await tab.showChats();
    await tab.chat("Slow chat Generating").waitFor();
    exchange.text(" and done.");
    exchange.finish();
    for (const each of [tab, other]) {
      await each.chat("Slow chat New reply").waitFor();
      await each.page.getByText("The reply in “Slow chat” is ready").waitFor();
    }
    await tab.button("Open").click();
    await tab.waitForText("Working and done.");
    expect(new URL(tab.page.url()).pathname).toBe(chat);
    // Read in one tab is read in the other.
    await other.chat("Slow chat New reply").waitFor({ state: "detached" });
    await person.close();
  });
});

test("4. more chats than one page: the next page comes on demand, and the search finds what is on none", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.ask("The very first, about zebras");
  const client = await tab.client();
  for (let chat = 1; chat <= 45; chat++) {
    const { taskId } = await client.sendOnly(`Chat number ${chat}`);
    await client.stop(taskId);
  }
  await client.close();
  await tab.button("New chat").click();
  await tab.page.reload();
  await tab.chat("Chat number 45").waitFor();
  expect((await titles(tab, "Today")).length).toBe(40);
  expect(await tab.chat("zebras").count()).toBe(0);

  const combobox = tab.page.getByRole("combobox");
  await tab.button("Search").click();
  // Over titles and over what was said, which is the same words here: both are found.
  await combobox.fill("zebras");
  await tab.page.getByRole("group", { name: "Chats" }).getByRole("option", { name: "zebras" }).waitFor();
  await tab.page
    .getByRole("group", { name: "Messages" })
    .getByRole("option", { name: "zebras" })
    .first()
    .waitFor();
  await combobox.press("Enter");
  await tab.waitForText("You said: The very first, about zebras");

  await tab.button("Show more").click();
  await tab.chat("zebras").waitFor();
  expect((await titles(tab, "Today")).length).toBe(46);
  expect(await tab.button("Show more").count()).toBe(0);
  await person.close();
});
