/** Issue 4, point 3: the queue tray, the same in every tab. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { DEVICES } from "./support/devices.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

const tray = (tab: ChatTab) => tab.page.getByRole("region", { name: /queued/ });
const row = (tab: ChatTab, words: string) => tray(tab).getByRole("listitem").filter({ hasText: words });
/** The words that wait, in order. */
const waiting = (tab: ChatTab) => tray(tab).getByRole("listitem").locator("[dir=auto]").allInnerTexts();

async function queue(tab: ChatTab, text: string): Promise<void> {
  await tab.write(text);
  await tab.button("Queue").click();
  await tab.openQueue();
  await row(tab, text).waitFor();
}

describe.each(DEVICES)("$name", ({ name, options }) => {
  test("3. queue tray in two tabs: reordered, edited, removed, sent now, held by Stop and resumed", async () => {
    const [one, better, two, three, four] = ["One", "One, better", "Two", "Three", "Four"].map(
      (words) => `${words} (${name})`,
    ) as [string, string, string, string, string];
    const person = await app.person(options);
    const first = await person.openTab();
    const exchange = await first.begin(app, "Slow", "Writing");
    const second = await person.openTab(await first.chatPath());
    await second.waitForText("Writing");
    await first.toFront();
    for (const text of [one, two, three, four]) await queue(first, text);
    await second.openQueue();
    const both = async (expected: string[]) => {
      for (const tab of [first, second]) await tab.eventually(() => waiting(tab), expected);
    };
    await both([one, two, three, four]);
    expect(await row(first, one).getByRole("button", { name: "Move up" }).isDisabled()).toBe(true);
    expect(await row(first, four).getByRole("button", { name: "Move down" }).isDisabled()).toBe(true);

    await second.toFront();
    await row(second, three).getByRole("button", { name: "Move up" }).click();
    await both([one, three, two, four]);
    await first.toFront();
    await row(first, one).getByRole("button", { name: "Edit" }).click();
    await first.page.getByRole("textbox", { name: "Edit your message" }).fill(better);
    await first.button("Save").click();
    await both([better, three, two, four]);
    await second.toFront();
    await row(second, four).getByRole("button", { name: "Edit" }).click();
    await second.page.getByRole("textbox", { name: "Edit your message" }).press("Escape");
    await row(second, four).getByRole("button", { name: "Remove" }).click();
    await both([better, three, two]);
    expect(await first.overflow()).toBe(0);

    // Sent now: the live reply is stopped for it, and the others keep waiting behind it.
    const now = app.stepAnswerTo(two);
    await first.toFront();
    await row(first, two).getByRole("button", { name: "Send now" }).click();
    expect(await exchange.closed).toBe("client");
    const aboutTwo = await now;
    aboutTwo.text("About two");
    await second.waitForText("About two");
    await both([better, three]);

    // A person's Stop holds the queue until they say so.
    await second.button("Stop").click();
    expect(await aboutTwo.closed).toBe("client");
    for (const tab of [first, second]) await tray(tab).getByText("paused because you stopped").waitFor();
    expect(app.requestsFor(better)).toBe(0);
    // The reason beside it does not push it off a phone's screen.
    const resume = await first.button("Resume").boundingBox();
    expect(resume!.x + resume!.width).toBeLessThanOrEqual(first.page.viewportSize()!.width);
    await first.button("Resume").click();
    for (const tab of [first, second]) {
      await tab.waitForText(`You said: ${three}`);
      await tray(tab).waitFor({ state: "detached" });
      await tab.waitForEnd();
    }
    expect([one, better, two, three, four].map((prompt) => app.requestsFor(prompt))).toEqual([0, 1, 1, 1, 0]);
    await person.close();
  });
});
