/** Issue 4, point 6: everyone. Axe on every screen: accessibility.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";

const PARAGRAPH = `${"Words that fill a line and then some more of it. ".repeat(6)}\n\n`;

/** All that may be wider than a screen. */
const WIDE = [
  `# ${"Heading".repeat(30)}`,
  `${"unbroken".repeat(60)} and https://example.org/${"path/".repeat(60)}`,
  `| ${"column | ".repeat(14)}\n|${"---|".repeat(14)}\n| ${"some value | ".repeat(14)}`,
  `\`\`\`ts\nconst wide = "${"x".repeat(400)}";\n\`\`\``,
  `$$\n${"x_{1} + ".repeat(60)}x\n$$`,
  `- ${"item ".repeat(60)}\n  - [ ] ${"nested".repeat(40)}`,
].join("\n\n");

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

const focusName = (tab: ChatTab) =>
  tab.page.evaluate(() => {
    const { activeElement: element } = document;
    return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
  });

/** Presses Tab (or Shift+Tab) until the element with that name has the focus, as somebody without a mouse does. */
async function tabTo(tab: ChatTab, name: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  for (let press = 0; press < 60; press++) {
    if ((await focusName(tab)) === name) return;
    await tab.page.keyboard.press(key);
  }
  throw new Error(`"${name}" cannot be reached with ${key}.`);
}

describe("6. keyboard alone", () => {
  test("busy notice, queue tray, versions, editing, a chat's menu, model picker, dialogs: reached, used and left by keys", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const { keyboard } = tab.page;
    const tray = tab.page.getByRole("region", { name: /queued/ });

    // What is typed at once goes into the composer.
    const asked = app.stepAnswerTo("By keys");
    await keyboard.type("By keys");
    await keyboard.press("Enter");
    const exchange = await asked;
    exchange.text("Working");
    await tab.waitForText("Working");
    await keyboard.type("Waits");
    await keyboard.press("Enter");
    await tab.page.getByRole("alert").waitFor();
    await tabTo(tab, "Queue↵", "Shift+Tab");
    await keyboard.press("Enter");
    await tray.waitFor();
    await tabTo(tab, "Message");
    await tabTo(tab, "Edit", "Shift+Tab");
    await keyboard.press("Enter");
    await keyboard.press("Control+a");
    await keyboard.type("Waits, better");
    await keyboard.press("Enter");
    await tray.getByText("Waits, better").waitFor();
    await tabTo(tab, "Message");
    await tabTo(tab, "Remove", "Shift+Tab");
    await keyboard.press("Enter");
    await tray.waitFor({ state: "detached" });

    await keyboard.press("/");
    await tab.eventually(() => focusName(tab), "Message");
    await keyboard.press("Escape");
    expect(await exchange.closed).toBe("client");
    await tab.waitForEnd();

    // From the composer upwards: the reply's actions, then the prompt's.
    await tabTo(tab, "Try again", "Shift+Tab");
    await keyboard.press("Enter");
    await tab.waitForText("You said: By keys");
    await tab.waitForEnd();
    await keyboard.press("/");
    await tab.eventually(() => focusName(tab), "Message");
    await tabTo(tab, "Previous version", "Shift+Tab");
    await keyboard.press("Enter");
    await tab.waitForText("Working");
    await keyboard.press("/");
    await tabTo(tab, "Edit", "Shift+Tab");
    await keyboard.press("Enter");
    await tab.eventually(() => focusName(tab), "Edit your message");
    await keyboard.press("Escape");
    await tab.page.getByRole("textbox", { name: "Edit your message" }).waitFor({ state: "detached" });

    // The menu of a chat gives the focus back.
    await keyboard.press("/");
    await tab.eventually(() => focusName(tab), "Message");
    await tabTo(tab, "Actions for “By keys”", "Shift+Tab");
    await keyboard.press("Enter");
    await tab.page.getByRole("menuitem", { name: "Rename" }).waitFor();
    await tab.eventually(() => focusName(tab), "Rename");
    await keyboard.press("ArrowDown");
    await tab.eventually(() => focusName(tab), "Pin");
    await keyboard.press("Enter");
    await tab.page.getByRole("region", { name: "Pinned" }).waitFor();

    await keyboard.press("Control+,");
    await tab.page.getByRole("dialog", { name: "Settings" }).waitFor();
    await tabTo(tab, "System");
    // A key is down for as long as a finger needs: here until its effect is seen.
    await keyboard.down("ArrowRight");
    await tab.eventually(() => tab.page.evaluate(() => document.documentElement.dataset["theme"]), "light");
    await keyboard.up("ArrowRight");
    await keyboard.press("Escape");
    await tab.page.getByRole("dialog").waitFor({ state: "detached" });

    await keyboard.press("/");
    await tab.eventually(() => focusName(tab), "Message");
    await tabTo(tab, "Model: test-model");
    await keyboard.press("Enter");
    await tab.page.getByRole("menuitemradio", { name: "other-model" }).waitFor();
    await tab.eventually(() => focusName(tab), "test-model✓");
    await keyboard.press("ArrowDown");
    await tab.eventually(() => focusName(tab), "other-model");
    await keyboard.press("Enter");
    await tab.button("Model: other-model").waitFor();
    await person.close();
  });

  test("the next key is for the composer after each of its buttons; Esc stops from anywhere but a menu or a text box", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const typed = () => tab.composer.inputValue();
    const { keyboard } = tab.page;
    const exchange = await tab.begin(app, "Pressed", "Writing");
    await tab.send("Queued by a press");
    await tab.page.getByRole("alert").getByRole("button", { name: "Queue" }).click();
    await keyboard.type("Typed at once");
    await tab.eventually(typed, "Typed at once");
    await tab.button("Queue").click();
    await keyboard.type("And again");
    await tab.eventually(typed, "And again");

    // A menu and the title's box have an Escape of their own.
    await tab.button("Actions for this chat").click();
    await tab.page.getByRole("menuitem", { name: "Rename" }).waitFor();
    await keyboard.press("Escape");
    await tab.page.getByRole("menu").waitFor({ state: "detached" });
    await tab.choose(tab.button("Actions for this chat"), "Rename");
    await tab.page.getByRole("textbox", { name: "Title of the chat" }).press("Escape");
    expect(exchange.isOpen).toBe(true);
    await tab.lastAnswer.click();
    await keyboard.press("Escape");
    expect(await exchange.closed).toBe("client");
    await tab.waitForEnd();
    // The queue waits, since a person stopped.
    expect(await typed()).toBe("And again");
    await person.close();
  });

  test("a way past the list: the first Tab leads to the composer, and what has the focus can be seen", async () => {
    // Where the composer does not have the focus from the beginning.
    const person = await app.person({ viewport: { width: 800, height: 800 } });
    const tab = await person.openTab();
    await tab.page.keyboard.press("Tab");
    expect(await focusName(tab)).toBe("Back to the composer");
    await tab.page.keyboard.press("Enter");
    await tab.page.keyboard.press("Tab");
    await tab.page.keyboard.press("Shift+Tab");
    expect(await focusName(tab)).toBe("Message");
    await tabTo(tab, "Show chats", "Shift+Tab");
    const outline = await tab.page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body);
      return `${outlineStyle} ${outlineWidth}`;
    });
    expect(outline).toBe("solid 2px");
    await person.close();
  });
});

test("6. screen reader: a growing reply is announced in finished sentences, politely, without marks, and not word by word", async () => {
  const person = await app.person();
  const tab = await person.openTab("/", async (page) => {
    await page.clock.install();
    await page.addInitScript(() => {
      window.recorded = [];
      new MutationObserver(() => {
        const said = document.querySelector("article > [role=status]")?.textContent ?? "";
        if (said !== "" && said !== window.recorded.at(-1)) window.recorded.push(said);
      }).observe(document, { childList: true, subtree: true, characterData: true });
    });
  });
  const exchange = await tab.begin(app, "Tell", "One sentence");
  expect(await tab.lastAnswer.getAttribute("aria-busy")).toBe("true");
  // The text itself is no live region: only what is announced is.
  expect(
    await tab.lastAnswer.locator("[data-part=text]").evaluate((part) => part.closest("[aria-live]")),
  ).toBe(null);
  const said = () => tab.page.evaluate(() => window.recorded);
  const { clock } = tab.page;
  await clock.pauseAt((await tab.page.evaluate(() => Date.now())) + 100);
  /** However long the words take to come, only some frames of the page's time pass. */
  const show = async (text: string) => {
    exchange.text(text);
    await tab.eventually(async () => {
      await clock.runFor(20);
      return (await tab.shownText()).includes(text.replaceAll("*", "").trim());
    }, true);
  };
  for (const text of [" is", " whole", ". **Another**", " begins"]) await show(text);
  expect(await said()).toEqual([]);
  await clock.fastForward(3_500);
  await tab.eventually(said, ["One sentence is whole."]);
  await show(" and ends. Half");
  await clock.fastForward(3_500);
  await tab.eventually(said, ["One sentence is whole.", " Another begins and ends."]);
  await clock.resume();
  exchange.finish();
  await tab.waitForEnd();
  await tab.eventually(async () => (await said()).at(-1), "The reply is complete");
  expect(await said()).toHaveLength(3);
  await person.close();
});

test("6. reduced motion: the way to the end is no journey, arriving text is not painted in steps, nothing is animated", async () => {
  const person = await app.person({ reducedMotion: "reduce" });
  const tab = await person.openTab();
  const exchange = await tab.begin(app, "Long", PARAGRAPH.repeat(14));
  exchange.text("The end.");
  exchange.finish();
  await tab.waitForText("The end.");
  await tab.waitForEnd();
  await tab.messages.evaluate((view) => (view.scrollTop = 0));
  await tab.button("Jump to the end").waitFor();
  const places = await tab.messages.evaluate(async (view) => {
    const seen: number[] = [];
    document.querySelector<HTMLElement>("[aria-label='Jump to the end']")?.click();
    for (let frame = 0; frame < 12; frame++) {
      await new Promise((done) => requestAnimationFrame(done));
      if (seen.at(-1) !== view.scrollTop) seen.push(view.scrollTop);
    }
    return seen.filter((top) => top !== 0);
  });
  expect(places).toHaveLength(1);
  expect(await tab.distanceToEnd()).toBeLessThanOrEqual(1);
  const slow = await tab.page.evaluate(() =>
    document
      .getAnimations()
      .map((animation) => Number(animation.effect?.getComputedTiming().endTime ?? 0))
      .filter((end) => end > 20),
  );
  expect(slow).toEqual([]);
  await person.close();
});

test("6. forced colours: what is chosen has a frame, and a switch a knob", async () => {
  const person = await app.person({ forcedColors: "active" });
  const tab = await person.openTab();
  await tab.button("Settings").click();
  const look = (role: "radio" | "checkbox", name: string, pseudo?: string) =>
    tab.page.getByRole(role, { name, exact: true }).evaluate((element, of) => {
      const { outlineStyle, backgroundColor } = getComputedStyle(element, of);
      return { outlineStyle, backgroundColor };
    }, pseudo);
  expect((await look("radio", "System")).outlineStyle).toBe("solid");
  expect((await look("radio", "Dark")).outlineStyle).toBe("none");
  const groove = await look("checkbox", "Smooth streaming");
  const knob = await look("checkbox", "Smooth streaming", "::before");
  expect(knob.backgroundColor).not.toBe(groove.backgroundColor);
  await person.close();
});

describe.each([
  { width: 320, height: 640 },
  { width: 768, height: 1024 },
  { width: 3840, height: 2160 },
])("6. $width px wide", (viewport) => {
  test("nothing is wider than the screen, and lines stay readable", async () => {
    const person = await app.person({ viewport, reducedMotion: "reduce" });
    const tab = await person.openTab();
    expect(await tab.overflow()).toBe(0);
    const exchange = await tab.begin(app, `Wide at ${viewport.width} ${"y".repeat(300)}`, "Words.");
    exchange.text(`\n\n${WIDE}`);
    await tab.waitForText("nested");
    await tab.lastAnswer.locator(".katex").first().waitFor();
    expect(await tab.overflow()).toBe(0);
    await tab.send(`Queued ${"z".repeat(300)}`);
    await tab.page.getByRole("alert").waitFor();
    expect(await tab.overflow()).toBe(0);
    await tab.composer.press("Enter");
    await tab.page.getByRole("region", { name: "1 message queued" }).waitFor();
    expect(await tab.overflow()).toBe(0);
    await tab.button("Stop").click();
    await tab.waitForEnd();
    expect(await tab.overflow()).toBe(0);
    for (const [keys, name] of [
      ["Control+k", "Search and commands"],
      ["Control+,", "Settings"],
    ] as const) {
      await tab.page.keyboard.press(keys);
      const dialog = tab.page.getByRole("dialog", { name });
      await dialog.waitFor();
      expect(await tab.overflow()).toBe(0);
      expect(await dialog.evaluate((sheet) => sheet.scrollWidth - sheet.clientWidth)).toBe(0);
      const box = await dialog.boundingBox();
      expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 0) <= viewport.width).toBe(true);
      await tab.page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }
    // A line of text has no more than about ninety characters, on the widest screen too.
    const measure = await tab.lastAnswer.evaluate((answer) => {
      const { width } = answer.getBoundingClientRect();
      return width / parseFloat(getComputedStyle(answer.querySelector("p") ?? answer).fontSize);
    });
    expect(measure).toBeLessThanOrEqual(47);
    await person.close();
  });
});

test("6. right-to-left text: prompt, composer, title and each block of a reply run in their own direction", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const hebrew = "שלום לכולם, מה שלומכם היום?";
  await tab.write(hebrew);
  const direction = (locator: ReturnType<ChatTab["page"]["locator"]>) =>
    locator.evaluate((element) => (element.matches(":dir(rtl)") ? "rtl" : "ltr"));
  expect(await direction(tab.composer)).toBe("rtl");
  const exchange = await tab.begin(app, hebrew, "تعتبر جداول التجزئة مفيدة جدا.");
  exchange.text("\n\nAn English paragraph.\n\n1. عنصر\n2. عنصر آخر\n\n```ts\nconst a = 1;\n```");
  exchange.finish();
  await tab.waitForText("const a");
  await tab.waitForEnd();
  expect(await direction(tab.page.locator("[data-turn] [dir=auto]").first())).toBe("rtl");
  expect(await direction(tab.chat(hebrew.slice(0, 4)).locator("[dir=auto]"))).toBe("rtl");
  /** The side of its block at which the text begins. */
  const side = (words: string) =>
    tab.lastAnswer.getByText(words, { exact: true }).evaluate((block) => {
      const range = document.createRange();
      range.selectNodeContents(block);
      const [text, box] = [range.getBoundingClientRect(), block.getBoundingClientRect()];
      return box.right - text.right < text.left - box.left ? "right" : "left";
    });
  expect(await side("تعتبر جداول التجزئة مفيدة جدا.")).toBe("right");
  expect(await side("An English paragraph.")).toBe("left");
  expect(await side("عنصر")).toBe("right");
  expect(await direction(tab.lastAnswer.locator("figure pre"))).toBe("ltr");
  await person.close();
});

test("6. languages: the whole page is in the browser's, and one can be chosen", async () => {
  const person = await app.person({ locale: "de-DE" });
  const page = await person.context.newPage();
  await page.goto(app.server.url);
  await page.getByText("Was möchten Sie wissen?").waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("de");
  await page.getByRole("textbox", { name: "Nachricht", exact: true }).fill("Hallo");
  await page.keyboard.press("Enter");
  await page.getByText("You said: Hallo").waitFor();
  await page.keyboard.press("Control+,");
  await page.getByRole("radio", { name: "English" }).click();
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
  await person.close();
});
