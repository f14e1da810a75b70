import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { ChatClient } from "../../helpers/chatClient.ts";
import type { ProviderExchange } from "../../helpers/openaiServer.ts";
import type { App } from "./app.ts";

/** ms: the longest that a state is waited for. Not a measure of anything. */
export const PATIENCE = { timeout: 15_000, interval: 50 };

/** One tab with the chat page, in the words of a person. */
export class ChatTab {
  constructor(readonly page: Page) {
    page.setDefaultTimeout(PATIENCE.timeout);
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: "Message", exact: true });
  }

  get messages(): Locator {
    return this.page.getByRole("region", { name: "Messages" });
  }

  get answers(): Locator {
    return this.page.getByRole("article");
  }

  get lastAnswer(): Locator {
    return this.answers.last();
  }

  /** Opens the queue tray where it is one line. */
  async openQueue(): Promise<void> {
    const tray = this.page.getByRole("region", { name: /queued$/ });
    await tray.waitFor();
    const opener = tray.getByRole("button", { expanded: false });
    if (await opener.isVisible()) await opener.click();
  }

  /** The note under the last answer that says how it ended. */
  ending(words: string): Locator {
    return this.lastAnswer.getByRole("note").filter({ hasText: words });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** The browser paints what is in front; other tabs of the same window once a second. */
  toFront(): Promise<void> {
    return this.page.bringToFront();
  }

  /** The link to a chat in the list. */
  chat(title: string): Locator {
    return this.page.getByRole("link", { name: title });
  }

  /** Brings the list of chats up where it is a drawer. */
  async showChats(): Promise<void> {
    const opener = this.button("Show chats");
    if (await opener.isVisible()) await opener.click();
  }

  /** Leads from the archive to the chats: beside the archive there is a button, where it is a page the list is a drawer. */
  async leaveArchive(): Promise<void> {
    const back = this.button("All chats");
    if (await back.isVisible()) await back.click();
    else await this.showChats();
  }

  /** Chooses an entry of the menu that the button opens. */
  async choose(opener: Locator, entry: string): Promise<void> {
    await opener.click();
    await this.page.getByRole("menuitem", { name: entry, exact: true }).click();
  }

  async write(text: string): Promise<void> {
    await this.composer.fill(text);
  }

  async send(text: string): Promise<void> {
    await this.write(text);
    await this.composer.press("Enter");
  }

  /** The words of the last answer, as they are on the screen. */
  async shownText(): Promise<string> {
    const parts = await this.lastAnswer.locator("[data-part=text]").allInnerTexts();
    return parts.join("\n");
  }

  /** Until these words are shown, whatever stands between them: a blank line is one only in the source. */
  async waitForText(text: string): Promise<void> {
    await expect.poll(async () => inOneLine(await this.shownText()), PATIENCE).toContain(inOneLine(text));
  }

  /** Waits until the last answer has ended, however. */
  async waitForEnd(): Promise<void> {
    await this.page.locator("article:not([aria-busy=true])").last().waitFor();
    await expect.poll(() => this.page.locator("article[aria-busy=true]").count(), PATIENCE).toBe(0);
  }

  /** Until no reply is being written, so that Enter sends: the last words of one are shown before it has ended. */
  async free(): Promise<void> {
    await expect.poll(() => this.button("Stop").count(), PATIENCE).toBe(0);
  }

  /** Sends and waits for the whole answer. */
  async ask(text: string): Promise<void> {
    await this.free();
    const last = this.page.locator("[data-turn][data-last=true]");
    const before = (await last.count()) === 0 ? null : await last.getAttribute("data-turn");
    await this.send(text);
    await this.page.locator(`[data-turn][data-last=true]:not([data-turn="${before}"]) article`).waitFor();
    await this.waitForEnd();
  }

  /** Sends a prompt whose answer the test gives, and waits until that has begun with `firstWords`: plain ones, without Markdown's marks. */
  async begin(app: App, prompt: string, firstWords: string): Promise<ProviderExchange> {
    await this.free();
    const asked = app.stepAnswerTo(prompt);
    await this.send(prompt);
    const exchange = await asked;
    exchange.text(firstWords);
    await this.waitForText(firstWords);
    return exchange;
  }

  async eventually(state: () => Promise<unknown>, expected: unknown): Promise<void> {
    await expect.poll(state, PATIENCE).toEqual(expected);
  }

  /**
   * Until the chat's height has not changed for half a second. Right after it was opened turns become as tall as they are, one after the other: a
   * view at the end is put back to the end thereby, and what the wheel has just done is undone.
   */
  async settled(): Promise<void> {
    const heights: number[] = [];
    const steady = 500 / PATIENCE.interval;
    await this.eventually(async () => {
      heights.push(await this.messages.evaluate((element) => element.scrollHeight));
      return heights.length >= steady && new Set(heights.slice(-steady)).size === 1;
    }, true);
  }

  /** Until what has happened so far is painted. */
  async painted(): Promise<void> {
    await this.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  }

  /** px by which something is wider than the screen or is cut off beyond its edge. */
  overflow(): Promise<number> {
    return this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      const view = document.querySelector("[aria-label=Messages]");
      const inner = view === null ? 0 : view.scrollWidth - view.clientWidth;
      return Math.max(scrollWidth - clientWidth, inner);
    });
  }

  /** px that are left below what is seen. */
  distanceToEnd(): Promise<number> {
    return this.messages.evaluate((view) => view.scrollHeight - view.clientHeight - view.scrollTop);
  }

  /** This tab's person as a client of the API, for what would take a person long. */
  async client(): Promise<ChatClient> {
    // A page that has just been opened signs in beside all else.
    const signedIn = await this.page.waitForFunction(() => {
      const key = Object.keys(localStorage).find((name) => name.startsWith("__convexAuthJWT_"));
      return key === undefined ? null : localStorage.getItem(key);
    });
    const token = (await signedIn.jsonValue())!;
    return ChatClient.open(new URL(this.page.url()).origin, { token });
  }

  /** The chat's address, once it has one. */
  async chatPath(): Promise<string> {
    await this.page.waitForURL(/\/chat\//);
    return new URL(this.page.url()).pathname;
  }
}

const inOneLine = (text: string) => text.replace(/\s+/g, " ").trim();
