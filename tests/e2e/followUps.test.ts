/** Follow-ups as a person meets them: what may be sent next, under the last reply, one press away. */
import AxeBuilder from "@axe-core/playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { quoteExchange } from "../../convex/model/generator/quotedExchange.ts";
import { App, type Person } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";

const SUGGESTIONS = ["And coffee?", "Does it work on wool, on silk and on everything else?", "How long?"];

let app: App;
beforeAll(async () => {
  app = await App.start({ VERBATIM_FOLLOW_UPS: "on" });
});
afterAll(() => app.close());

/** The request for what may be sent after the answer to `prompt`, by its words. */
const aboutAnswerTo = (prompt: string, answer = `You said: ${prompt}`) => quoteExchange({ prompt, answer });

const suggestions = (tab: ChatTab) =>
  tab.page.getByRole("list", { name: "Suggestions for your next message" });

/** Sends `prompt` and has the model suggest what may follow its answer. */
async function askWithFollowUps(tab: ChatTab, prompt: string): Promise<void> {
  const asked = app.stepAnswerTo(aboutAnswerTo(prompt));
  await tab.ask(prompt);
  const request = await asked;
  request.text(SUGGESTIONS.map((suggestion) => `- ${suggestion}`).join("\n"));
  request.finish();
  await suggestions(tab).waitFor();
}

async function withTab(prompt: string, use: (tab: ChatTab, person: Person) => Promise<void>, options = {}) {
  const person = await app.person(options);
  const tab = await person.openTab();
  await askWithFollowUps(tab, prompt);
  await use(tab, person);
  await person.close();
}

test("[G1] two tabs show the same suggestions of one request; a press in one sends it once, and they are gone in both", () =>
  withTab("Two tabs", async (tab, person) => {
    const other = await person.openTab(await tab.chatPath());
    const shown = (of: ChatTab) => suggestions(of).getByRole("listitem").allInnerTexts();
    await other.eventually(() => shown(other), SUGGESTIONS);
    expect(await shown(tab)).toEqual(SUGGESTIONS);

    const next = app.stepAnswerTo(aboutAnswerTo("And coffee?"));
    await tab.button("Send: And coffee?").dblclick();
    await tab.waitForText("You said: And coffee?");
    await other.waitForText("You said: And coffee?");
    expect(app.requestsFor("And coffee?")).toBe(1);
    (await next).refuse(500, "out of order");
    for (const each of [tab, other]) await each.eventually(() => suggestions(each).count(), 0);
    expect(app.requestsFor(aboutAnswerTo("Two tabs"))).toBe(1);
  }));

test("they are not in the way while a reply is written or a prompt waits", () =>
  withTab("Busy", async (tab) => {
    const asked = app.stepAnswerTo("Go on");
    await tab.send("Go on");
    await suggestions(tab).waitFor({ state: "detached" });
    const exchange = await asked;
    exchange.text("Words");
    await tab.waitForText("Words");
    await tab.send("Later");
    await tab.composer.press("Enter");
    await tab.page.getByRole("region", { name: "1 message queued" }).waitFor();
    await tab.button("Stop").click();
    await tab.waitForEnd();
    expect(await suggestions(tab).count()).toBe(0);
    expect(app.requestsFor(aboutAnswerTo("Go on", "Words"))).toBe(0);
  }));

test("they come below the reply: the view that follows its end does not move for them", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const long = Array.from({ length: 60 }, (_, line) => `Line ${line}`).join("\n\n");
  const answered = app.stepAnswerTo("Followed");
  const asked = app.stepAnswerTo(aboutAnswerTo("Followed", long));
  await tab.send("Followed");
  const answer = await answered;
  answer.text(long);
  answer.finish();
  await tab.waitForEnd();
  const request = await asked;
  await tab.page.locator("[data-follow-ups=expected]").waitFor({ state: "attached" });
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 1, true);
  const place = () => tab.lastAnswer.getByText("Line 59").boundingBox();
  const before = await place();
  request.text(SUGGESTIONS.join("\n"));
  request.finish();
  await suggestions(tab).waitFor();
  expect(await place()).toEqual(before);
  await person.close();
});

test("they come below the reply: a reader elsewhere is left where they are", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const long = Array.from({ length: 60 }, (_, line) => `Line ${line}`).join("\n\n");
  const answered = app.stepAnswerTo("Long");
  await tab.send("Long");
  const answer = await answered;
  const asked = app.stepAnswerTo(aboutAnswerTo("Long", long));
  answer.text(long);
  await tab.waitForText("Line 59");
  // The reader goes back to what they read.
  await tab.page.mouse.move(700, 300);
  await tab.page.mouse.wheel(0, -1_000);
  await tab.button("Jump to the end").waitFor();
  answer.finish();
  await tab.waitForEnd();
  const top = () => tab.messages.evaluate((view) => view.scrollTop);
  const before = await top();
  const request = await asked;
  request.text(SUGGESTIONS.join("\n"));
  request.finish();
  await suggestions(tab).waitFor({ state: "attached" });
  expect(await top()).toBe(before);

  // A view that follows the end goes on following it.
  await tab.button("Jump to the end").click();
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 1, true);
  await person.close();
});

test.each(["light", "dark"] as const)(
  "on a phone, by touch, %s: wide enough for a finger, within the page",
  (colorScheme) =>
    withTab(
      `Phone ${colorScheme}`,
      async (tab) => {
        const buttons = await suggestions(tab).getByRole("button").all();
        expect(buttons).toHaveLength(3);
        for (const button of buttons) {
          const box = await button.boundingBox();
          expect(box?.height).toBeGreaterThanOrEqual(44);
          expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(320);
        }
        const { violations } = await new AxeBuilder({ page: tab.page }).analyze();
        expect(violations).toEqual([]);
        await tab.button("Send: How long?").tap();
        await tab.waitForText("You said: How long?");
      },
      { colorScheme, hasTouch: true, isMobile: true, viewport: { width: 320, height: 640 } },
    ),
);

test("by keyboard: one tab stop each, Enter sends, and one goes on writing", () =>
  withTab("Keys", async (tab) => {
    await tab.button(`Send: ${SUGGESTIONS[0]}`).focus();
    await tab.page.keyboard.press("Tab");
    await tab.page.keyboard.press("Tab");
    const focused = () => tab.page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    expect(await focused()).toBe("Send: How long?");
    await tab.page.keyboard.press("Enter");
    await tab.waitForText("You said: How long?");
    expect(await focused()).toBe("Message");
  }));

test("a person who does not want them: none are shown, and the model is not asked", () =>
  withTab("Not wanted", async (tab) => {
    await tab.page.keyboard.press("Control+,");
    await tab.page.getByRole("checkbox", { name: "Suggest what to send next" }).uncheck();
    await tab.page.keyboard.press("Escape");
    await suggestions(tab).waitFor({ state: "detached" });
    await tab.ask("Without");
    // What would have been asked for by now is asked for after this.
    await tab.ask("Without either");
    expect(app.requestsFor(aboutAnswerTo("Without"))).toBe(0);

    await tab.page.keyboard.press("Control+,");
    const asked = app.stepAnswerTo(aboutAnswerTo("Without either"));
    await tab.page.getByRole("checkbox", { name: "Suggest what to send next" }).check();
    (await asked).refuse(500, "out of order");
    await tab.page.keyboard.press("Escape");
    await tab.ask("A failure is not told");
    expect(await tab.page.getByText("out of order").count()).toBe(0);
  }));
