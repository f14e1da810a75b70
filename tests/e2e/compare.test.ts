/** Several models asked at once, as a person sees it: side by side with a mouse, swiped with a finger, and by keyboard. */
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { App } from "./support/app.ts";
import { violations } from "./support/axe.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { DEVICES } from "./support/devices.ts";

let app: App;
beforeAll(async () => {
  app = await App.start({ VERBATIM_MODELS: "alpha,beta,gamma", OPENAI_MODEL: "alpha" });
});
afterAll(() => app.close());

/** Where screenshots go, for whoever wants to look. */
const PICTURES = process.env["VERBATIM_PICTURES"];
async function picture(tab: ChatTab, name: string): Promise<void> {
  if (PICTURES !== undefined) await tab.page.screenshot({ path: `${PICTURES}/${name}.png` });
}

async function chooseModels(tab: ChatTab, ...models: string[]): Promise<void> {
  await tab.choose(tab.page.getByRole("button", { name: /^Model: / }), "Compare models…");
  const sheet = tab.page.getByRole("dialog", { name: "Compare models" });
  for (const model of models) await sheet.getByRole("checkbox", { name: model, exact: true }).check();
  await picture(tab, "sheet");
  await sheet.getByRole("button", { name: `Compare ${models.length} models` }).click();
  await sheet.waitFor({ state: "hidden" });
}

/** The one of the columns whose words the test gives. */
const live = (columns: Locator) => columns.filter({ hasText: "Words that are kept." });

test.each(DEVICES)(
  "[G3, G4] several models are asked at once, and one is kept: $name",
  async ({ name, options }) => {
    const person = await app.person(options);
    const tab = await person.openTab();
    await chooseModels(tab, "alpha", "beta", "gamma");
    const prompt = `Which is best? ${name}`;
    const asked = app.stepAnswerTo(prompt);
    await tab.send(prompt);
    const exchange = await asked;
    exchange.text("Words that are kept. ");
    const comparison = tab.page.getByRole("region", { name: "Replies side by side" });
    const columns = comparison.getByRole("group");
    await tab.eventually(() => columns.count(), 3);
    await comparison.getByText("Words that are kept.").waitFor({ state: "attached" });
    await tab.eventually(() => comparison.getByText(`You said: ${prompt}`).count(), 2);
    await picture(tab, `live ${name}`);
    const heads = await columns
      .locator("header")
      .evaluateAll((all) =>
        all.map((head) => head.getBoundingClientRect()).map(({ top, height }) => ({ top, height })),
      );
    expect(new Set(heads.map(({ top }) => top)).size).toBe(1);

    const boxes = await columns.evaluateAll((all) =>
      all.map((column) => column.getBoundingClientRect().left),
    );
    const dots = comparison.getByRole("button", { name: /^(alpha|beta|gamma)$/ });
    if (name.startsWith("phone")) {
      await dots.nth(1).tap();
      await tab.eventually(() => dots.nth(1).getAttribute("aria-current"), "true");
      expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      // A short reply has no empty space below it because another one is long, and its prompt stays in view.
      exchange.text("A line.\n\n".repeat(60));
      await tab.eventually(async () => ((await live(columns).boundingBox())?.height ?? 0) > 1_200, true);
      const isLive = await columns.evaluateAll((all) =>
        all.map((column) => column.textContent.includes("Words that are kept.")),
      );
      await dots.nth(isLive.indexOf(false)).tap();
      await tab.eventually(
        () => tab.messages.evaluate((view) => view.scrollHeight - view.clientHeight < 8),
        true,
      );
    } else {
      for (const left of boxes) expect(left).toBeLessThan(1280 - 200);
      // With less room, each stays wide enough to be read, and the others are scrolled to.
      await tab.page.setViewportSize({ width: 720, height: 800 });
      await tab.eventually(
        async () =>
          (await columns.evaluateAll((all) => all.map(({ clientWidth }) => clientWidth))).every(
            (width) => width > 220,
          ),
        true,
      );
      expect(await tab.overflow()).toBe(0);
      await tab.page.setViewportSize({ width: 1280, height: 800 });
    }
    expect(await violations(tab)).toEqual([]);

    // The other tab has them, too.
    const other = await person.openTab(new URL(tab.page.url()).pathname);
    await tab.eventually(
      () => other.page.getByRole("region", { name: "Replies side by side" }).getByRole("group").count(),
      3,
    );
    await other.page.close();

    const model = (await live(columns).getByRole("heading", { level: 3 }).innerText()).trim();
    const loser = columns.filter({ hasNotText: "Words that are kept." }).first();
    await loser.getByRole("button", { name: /^Keep the reply of/ }).focus();
    await picture(tab, `focus ${name}`);
    await live(columns)
      .getByRole("button", { name: `Keep the reply of ${model}` })
      .press("Enter");
    await comparison.waitFor({ state: "detached" });
    // With a keyboard, one goes on writing; on a phone, the screen's own would cover what was kept.
    await tab.eventually(
      () => tab.composer.evaluate((field) => field === document.activeElement),
      !name.startsWith("phone"),
    );
    exchange.text("To the end.");
    exchange.finish();
    await tab.waitForText("To the end.");
    await tab.waitForEnd();
    expect(await tab.shownText()).toMatch(/^Words that are kept\./);
    await tab.lastAnswer.getByText(/^[123]\/3$/).waitFor();
    await tab.ask("And now?");
    expect(app.requestsFor("And now?")).toBeGreaterThan(0);
    // The next comparison begins at its first column, wherever one was in the one before.
    await chooseModels(tab, "alpha", "beta", "gamma");
    await tab.send("Once more");
    await tab.eventually(() => columns.count(), 3);
    if (name.startsWith("phone"))
      await tab.eventually(
        () => dots.evaluateAll((all) => all.map((dot) => dot.ariaCurrent)),
        ["true", "false", "false"],
      );
    await person.close();
  },
);

test("[G7] one is stopped alone, then all; without keeping one, the next prompt goes on with the first", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.ask("Before");
  await chooseModels(tab, "alpha", "beta", "gamma");
  const asked = app.stepAnswersTo("All of you", 3);
  await tab.send("All of you");
  const exchanges = await asked;
  for (const exchange of exchanges) exchange.text(`I am ${exchange.body.model}. `);
  const columns = tab.page.getByRole("region", { name: "Replies side by side" }).getByRole("group");
  const columnOf = (model: string) => columns.filter({ hasText: `I am ${model}.` });
  for (const model of ["alpha", "beta", "gamma"]) await columnOf(model).waitFor();
  const closed = (model: string) => exchanges.find(({ body }) => body.model === model)?.closed;
  await tab.button("Stop the reply of beta").click();
  await columnOf("beta").getByText("Stopped", { exact: true }).waitFor();
  expect(await closed("beta")).toBe("client");
  expect(exchanges.filter(({ isOpen }) => isOpen)).toHaveLength(2);
  await tab.button("Stop").click();
  expect(await Promise.all([closed("alpha"), closed("gamma")])).toEqual(["client", "client"]);
  await tab.eventually(() => columns.getByText("Stopped", { exact: true }).count(), 3);
  await picture(tab, "stopped");
  await tab.ask("Go on");
  await tab.eventually(() => columns.count(), 0);
  await tab.page.getByText(/^1\/3$/).waitFor();
  await person.close();
});

test.each(DEVICES)(
  "the map of a chat shows each version at once, and a reply is branched off into a new chat: $name",
  async ({ name, options }) => {
    const person = await app.person(options);
    const tab = await person.openTab();
    await tab.ask("First question");
    await tab.ask("Second question");
    await tab.page.getByRole("button", { name: "Edit", exact: true }).first().click();
    await tab.page.getByRole("textbox", { name: "Edit your message" }).fill("Another first question");
    await tab.button("Send").first().click();
    await tab.waitForText("You said: Another first question");
    await tab.waitForEnd();

    await tab.choose(tab.button("Actions for this chat"), "Versions and branches");
    const map = tab.page.getByRole("dialog", { name: "Versions and branches" });
    const lines = map.getByRole("listitem").getByRole("button");
    await tab.eventually(() => lines.count(), 4);
    await picture(tab, `tree ${name}`);
    expect(await violations(tab)).toEqual([]);
    await lines.first().focus();
    await tab.page.keyboard.press("ArrowDown");
    await tab.page.keyboard.press("Enter");
    await map.waitFor({ state: "hidden" });
    await tab.messages.getByText("You said: Second question").waitFor();
    expect(await tab.messages.getByText("Another first question").count()).toBe(0);

    const before = tab.page.url().split("#")[0];
    await tab.messages
      .getByRole("article")
      .first()
      .getByRole("button", { name: "Branch off into a new chat" })
      .click();
    await tab.page.getByRole("heading", { level: 1, name: "Branch of First question" }).waitFor();
    expect(tab.page.url()).not.toBe(before);
    await tab.waitForText("You said: First question");
    expect(await tab.answers.count()).toBe(1);
    await tab.ask("A question of the branch");
    expect(await tab.answers.count()).toBe(2);
    await person.close();
  },
);
