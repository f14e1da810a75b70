/** Every screen, in both themes, without a violation that axe can find; and the page by keyboard alone. */
import AxeBuilder from "@axe-core/playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";

const MARKDOWN = [
  "# Title",
  "Some **bold** text with `code`, [a link](https://example.org) and ![an image](https://example.org/a.png).",
  "- [x] done\n- [ ] open",
  "| a | b |\n|---|---|\n| 1 | 2 |",
  "```ts\nconst answer = 42; // a comment\nfunction f(x: string) { return `${x}!`; }\n```",
  "> quoted",
].join("\n\n");

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

async function violations(tab: ChatTab, withoutRules: string[] = []): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page: tab.page }).disableRules(withoutRules).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

describe.each(["light", "dark"] as const)("axe, %s", (colorScheme) => {
  test("welcome, a conversation, its ends, the palette, settings, shortcuts and a menu", async () => {
    const person = await app.person({ colorScheme, reducedMotion: "reduce" });
    const tab = await person.openTab();
    expect(await violations(tab)).toEqual([]);

    const asked = app.stepAnswerTo("Show everything.");
    await tab.send("Show everything.");
    const exchange = await asked;
    exchange.text(MARKDOWN);
    await tab.waitForText("quoted");
    expect(await violations(tab)).toEqual([]);
    await tab.send("And then?");
    await tab.page.getByText("Please wait for the current response to complete").waitFor();
    expect(await violations(tab)).toEqual([]);
    await tab.composer.press("Enter");
    await tab.page.getByRole("region", { name: "1 message waits" }).waitFor();
    await tab.button("Stop").click();
    await tab.waitForEnd();
    await tab.page.getByText("paused by Stop").waitFor();
    expect(await violations(tab)).toEqual([]);

    for (const [keys, name] of [
      ["Control+k", "Search and commands"],
      ["Control+,", "Settings"],
    ] as const) {
      await tab.page.keyboard.press(keys);
      await tab.page.getByRole("dialog", { name }).waitFor();
      expect(await violations(tab)).toEqual([]);
      await tab.page.keyboard.press("Escape");
      await tab.page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await tab.button("Actions for “Show everything.”").click();
    await tab.page.getByRole("menuitem", { name: "Rename" }).waitFor();
    // A menu lies outside of all landmarks while it is open; it is reached by its button, not by landmarks.
    expect(await violations(tab, ["region"])).toEqual([]);
    await person.close();
  });

  test("phone: the drawer", async () => {
    const person = await app.person({
      colorScheme,
      reducedMotion: "reduce",
      viewport: { width: 320, height: 640 },
    });
    const tab = await person.openTab();
    expect(await violations(tab)).toEqual([]);
    await tab.button("Show chats").click();
    await tab.page.getByRole("dialog", { name: "Chats" }).waitFor();
    expect(await violations(tab)).toEqual([]);
    await person.close();
  });
});

describe("keyboard alone", () => {
  test("new chat, send, stop, rename, search, archive", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const { keyboard } = tab.page;
    const asked = app.stepAnswerTo("By keyboard");
    await keyboard.type("By keyboard");
    await keyboard.press("Enter");
    (await asked).text("Words");
    await tab.waitForText("Words");
    await keyboard.press("Escape");
    await tab.waitForEnd();
    await keyboard.press("ArrowUp");
    expect(await tab.composer.inputValue()).toBe("By keyboard");

    await tab.button("Actions for “By keyboard”").focus();
    await keyboard.press("Enter");
    await tab.page.getByRole("menuitem", { name: "Rename" }).waitFor();
    await keyboard.press("Enter");
    await tab.page.getByRole("textbox", { name: "Title of the chat" }).waitFor();
    await keyboard.type("A better name");
    await keyboard.press("Enter");
    await tab.page.getByRole("link", { name: "A better name" }).waitFor();

    await keyboard.press("Control+Shift+O");
    await keyboard.press("Control+k");
    await tab.page.getByRole("combobox").waitFor();
    await keyboard.type("better");
    await tab.page.getByRole("option", { name: "A better name" }).waitFor();
    await keyboard.press("Enter");
    await tab.waitForText("Words");
    await person.close();
  });
});
