/** Every screen and state, on desktop and phone, without a violation that axe can find. By keyboard: everyone.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";
import { violations } from "./support/axe.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { DEVICES } from "./support/devices.ts";
import { ServerValve } from "./support/serverValve.ts";

const MARKDOWN = [
  "# Title",
  "Some **bold** text with `code`, [a link](https://example.org) and ![an image](https://example.org/a.png).",
  "- [x] done\n- [ ] open",
  "| a | b |\n|---|---|\n| 1 | 2 |",
  "```ts\nconst answer = 42; // a comment\nfunction f(x: string) { return `${x}!`; }\n```",
  "> quoted with $a^2 + b^2$",
  "```mermaid\ngraph LR\n  A --> B\n```",
].join("\n\n");

/** Ends that a test cannot have at will: an answer with such a text is told to have ended so. */
const TOLD_ENDS = ["timedOut", "crashed"];

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

/** Changes what the server says of answers whose text names an end. */
function retellEnds(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const inner of Object.values(value)) retellEnds(inner);
  const { endReason, parts } = value as { endReason?: unknown; parts?: { text?: string }[] };
  const told = TOLD_ENDS.find((end) => parts?.[0]?.text === `Ends: ${end}`);
  if (typeof endReason === "string" && told !== undefined) Object.assign(value, { endReason: told });
}

const clean = async (tab: ChatTab, state: string, withoutRules: string[] = []) =>
  expect({ state, found: await violations(tab, withoutRules) }).toEqual({ state, found: [] });

/** Each device in its own theme; `npm run test:long` looks at each in both. */
const SCREENS = DEVICES.flatMap(({ name, options }) =>
  (process.env["TEST_LONG"] === "on" ? (["light", "dark"] as const) : [options.colorScheme]).map(
    (colorScheme) => ({
      name: `${name.split(",")[0]}, ${colorScheme}`,
      options: { ...options, colorScheme, reducedMotion: "reduce" as const },
    }),
  ),
);

describe.each(SCREENS)("6. axe, $name", ({ options }) => {
  test("welcome, a live answer, busy notice, queue, versions, editing", async () => {
    const person = await app.person(options);
    const tab = await person.openTab();
    await clean(tab, "welcome");

    const exchange = await tab.begin(app, "Show everything.", "Soon.");
    exchange.text(`\n\n${MARKDOWN}`);
    await tab.waitForText("quoted");
    await tab.lastAnswer.locator("figure code span[style*=token-light]").first().waitFor();
    await tab.lastAnswer.locator(".katex").first().waitFor();
    await clean(tab, "a live answer");
    await tab.send("And then?");
    await tab.page.getByText("Please wait for the current response to complete").waitFor();
    await clean(tab, "busy notice");
    await tab.composer.press("Enter");
    await tab.page.getByRole("region", { name: "1 message queued" }).waitFor();
    await tab.write("One more");
    await tab.button("Queue").click();
    await tab.page.getByRole("region", { name: "2 messages queued" }).waitFor();
    await clean(tab, "queue");
    await tab.openQueue();
    await clean(tab, "queue, open");
    await tab.button("Stop").click();
    await tab.waitForEnd();
    await tab.page.getByText("paused because you stopped").waitFor();
    await tab.button("Edit").last().click();
    await clean(tab, "stopped, queue held and edited");
    await tab.page.keyboard.press("Escape");
    for (let left = 2; left > 0; left--) await tab.button("Remove").first().click();
    await tab.page.getByText("paused because you stopped").waitFor({ state: "detached" });

    await tab.button("Try again").click();
    await tab.page.getByRole("group", { name: "Version 2 of 2" }).waitFor();
    await tab.waitForEnd();
    await clean(tab, "versions");
    await tab.page.locator("[data-turn]").last().hover();
    await tab.messages.getByRole("button", { name: "Edit" }).click();
    await tab.page.getByRole("textbox", { name: "Edit your message" }).waitFor();
    await clean(tab, "editing in place");
    await tab.button("Cancel").click();
    await tab.write("x".repeat(100_001));
    await tab.page.getByRole("status").getByText("1 character too many").waitFor();
    await clean(tab, "a text that is too long");
    await person.close();
  });

  test("each end of an answer, a chat that is not there", async () => {
    const person = await app.person(options);
    const valve = new ServerValve(retellEnds);
    const tab = await person.openTab("/", valve.prepare);
    for (const end of ["stopped", "lengthLimit", "contentFilter", "providerError", ...TOLD_ENDS]) {
      const live = await tab.begin(app, `An answer that is ${end}`, `Ends: ${end}`);
      if (end === "lengthLimit") live.finish("length");
      else if (end === "contentFilter") live.finish("content-filter");
      else if (end === "providerError") live.drop();
      else await tab.button("Stop").click();
      await tab.waitForEnd();
      await tab.lastAnswer.getByRole("note").waitFor();
    }
    await clean(tab, "all ends");
    expect(await tab.messages.getByRole("note").locator("p:first-child").allInnerTexts()).toEqual(
      expect.arrayContaining([
        "This reply reached the time limit.",
        "This reply was interrupted. What had arrived is kept.",
      ]),
    );

    await tab.page.goto(new URL("/chat/k17missingmissingmissing0", tab.page.url()).href);
    await tab.page.getByText("This chat does not exist, or it is not yours.").waitFor();
    await clean(tab, "a chat that is not there");
    await person.close();
  });

  test("list, menus, drawer, archive, renaming, toasts, palette, settings, instructions, shortcuts, offline", async () => {
    const person = await app.person(options);
    const valve = new ServerValve();
    const tab = await person.openTab("/", valve.prepare);
    await tab.ask("The first chat, about otters");
    await tab.page.goto(new URL("/", tab.page.url()).href);
    await tab.composer.waitFor();
    await tab.ask("Second");
    const menu = (title: string) => tab.button(`Actions for “${title}”`);
    await tab.showChats();
    await tab.chat("otters").waitFor();
    await clean(tab, "list of chats");
    await menu("Second").click();
    await tab.page.getByRole("menuitem", { name: "Rename" }).waitFor();
    // A menu lies outside of all landmarks while it is open; it is reached by its button, not by landmarks.
    await clean(tab, "menu of a chat", ["region"]);
    await tab.page.getByRole("menuitem", { name: "Rename" }).click();
    await tab.page.getByRole("textbox", { name: "Title of the chat" }).waitFor();
    await clean(tab, "renaming");
    await tab.page.keyboard.press("Escape");
    await tab.choose(menu("Second"), "Instructions");
    await tab.page.getByRole("textbox", { name: "Instructions for this chat" }).waitFor();
    await clean(tab, "instructions of a chat");
    await tab.page.keyboard.press("Escape");
    await tab.page
      .getByRole("textbox", { name: "Instructions for this chat" })
      .waitFor({ state: "detached" });
    await tab.showChats();
    await tab.choose(menu("The first chat, about otters"), "Archive");
    await tab.page.getByText("was archived").waitFor();
    await clean(tab, "a toast");
    await tab.showChats();
    await tab.button("Archived chats").click();
    await tab.showChats();
    await tab.page.getByRole("heading", { name: "Archived chats" }).waitFor();
    await clean(tab, "archive");
    await tab.button("All chats").click();
    await tab.page.goto(new URL("/", tab.page.url()).href);
    await tab.composer.waitFor();

    await tab.page.keyboard.press("Control+k");
    const combobox = tab.page.getByRole("combobox");
    await combobox.waitFor();
    await clean(tab, "palette");
    await combobox.fill("otters");
    await tab.page.getByRole("option", { name: "otters" }).first().waitFor();
    await clean(tab, "search results");
    await combobox.fill("no such words anywhere");
    await tab.page.getByText("Nothing found").waitFor();
    await clean(tab, "palette without results");
    await tab.page.keyboard.press("Escape");
    await tab.page.getByRole("dialog").waitFor({ state: "detached" });
    await tab.page.keyboard.press("Control+,");
    await tab.page.getByRole("dialog", { name: "Settings" }).waitFor();
    await tab.page.getByRole("textbox", { name: "Instructions for all chats" }).fill("x".repeat(4_001));
    await clean(tab, "settings");
    await tab.page.keyboard.press("Escape");
    await tab.page.getByRole("dialog").waitFor({ state: "detached" });
    await tab.messages.focus();
    await tab.page.keyboard.press("?");
    await tab.page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await clean(tab, "shortcuts");
    await tab.page.keyboard.press("Escape");
    await tab.page.getByRole("dialog").waitFor({ state: "detached" });
    await tab.page.getByRole("button", { name: /^Model: / }).click();
    await tab.page.getByRole("menuitemradio").first().waitFor();
    await clean(tab, "model picker", ["region"]);
    await tab.page.keyboard.press("Escape");

    await person.context.setOffline(true);
    valve.goAway();
    await tab.page.getByText("Offline", { exact: true }).waitFor();
    await tab.send("Into the void");
    await tab.page.getByText("Waiting for the connection").waitFor();
    await clean(tab, "offline, with a prompt that waits");
    await person.close();
  });
});
