/** A chat of hundreds of messages: what is far from the view costs nothing, and nothing moves by itself. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Id } from "../../convex/_generated/dataModel";
import { App, type Person } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";

const TURNS = 120;
/** Turns of about a tenth of the view each, two screens to both sides of it, and the last group. */
const MOST_RENDERED = 60;

let app: App;
let chat: Awaited<ReturnType<typeof makeLongChat>>;
beforeAll(async () => {
  app = await App.start();
  chat = await makeLongChat();
});
afterAll(() => app.close());

/** A chat of `TURNS` turns, each stopped before its answer began: the quickest way to a long one. */
async function makeLongChat(): Promise<{ person: Person; path: string }> {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.send("Turn 0");
  await tab.page.locator("article[data-status=complete]").waitFor();
  const path = await tab.chatPath();
  const taskId = path.split("/").at(-1) as Id<"tasks">;
  const client = await tab.client();
  for (let turn = 1; turn < TURNS; turn++) {
    await client.sendOnly(turn === 7 ? "Turn 7 has the word xylophone" : `Turn ${turn}`, { taskId });
    await client.stop(taskId);
  }
  await client.close();
  await tab.page.close();
  return { person, path };
}

async function openLongChat(): Promise<ChatTab> {
  const tab = await chat.person.openTab(chat.path);
  await tab.page
    .getByText(`Turn ${TURNS - 1}`, { exact: true })
    .first()
    .waitFor();
  return tab;
}

const rendered = (tab: ChatTab) => tab.page.locator("[data-turn]").count();

test("8. scrolled through from end to beginning, a long chat keeps few turns in the page and jumps nowhere", async () => {
  const tab = await openLongChat();
  await tab.conversation.hover();
  const first = tab.conversation.getByText("Turn 0", { exact: true });
  for (let step = 0; step < 200 && !(await first.first().isVisible()); step++) {
    const view = await tab.conversation.evaluate((element) => element.scrollTop);
    await tab.page.mouse.wheel(0, -600);
    // Until the wheel's movement has been painted; at the top, until more has come in above.
    await tab.page.waitForFunction((before) => {
      const element = document.querySelector("[aria-label=Conversation]");
      return element !== null && (element.scrollTop !== before || element.scrollTop === 0);
    }, view);
    expect(await rendered(tab)).toBeLessThan(MOST_RENDERED);
  }
  await first.first().waitFor();

  // Far places are empty space of their own height: the whole is as tall as its parts, and the way back is there.
  const groups = await tab.page.locator("[data-group]").count();
  expect(groups).toBeGreaterThanOrEqual(TURNS / 6);
  await tab.button("Jump to the end").click();
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);
  await tab.page
    .getByText(`Turn ${TURNS - 1}`, { exact: true })
    .last()
    .waitFor();
  await tab.eventually(async () => (await rendered(tab)) < MOST_RENDERED, true);
});

test("what is read stays where it is while pages come in above and groups come and go", async () => {
  const tab = await openLongChat();
  await tab.conversation.hover();
  for (let step = 0; step < 12; step++) {
    await tab.page.mouse.wheel(0, -250);
    await tab.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    const moved = await tab.conversation.evaluate(async (view) => {
      const { left, top, width, height } = view.getBoundingClientRect();
      const read = document.elementFromPoint(left + width / 2, top + height / 2)?.closest("[data-turn]");
      const before = read?.getBoundingClientRect().top ?? 0;
      const scrolled = view.scrollTop;
      for (let frame = 0; frame < 6; frame++) await new Promise((done) => requestAnimationFrame(done));
      const still = Math.abs(view.scrollTop - scrolled) < 1;
      return still ? Math.abs((read?.getBoundingClientRect().top ?? 0) - before) : 0;
    });
    expect(moved).toBeLessThan(2);
  }
});

test("a search result opens the chat at that message, however far back, and its address does so again", async () => {
  const tab = await chat.person.openTab();
  await tab.page.keyboard.press("Control+k");
  await tab.page.getByRole("combobox").fill("xylophone");
  await tab.page.getByRole("option", { name: "has the word xylophone" }).click();
  const found = tab.conversation.locator("[data-wanted=true]");
  const atTop = async () => {
    const [turn, view] = await Promise.all([found.boundingBox(), tab.conversation.boundingBox()]);
    return turn !== null && view !== null && Math.abs(turn.y - view.y) < 40;
  };
  await found.getByText("xylophone").waitFor();
  await tab.eventually(atTop, true);
  await tab.button("Jump to the end").waitFor();
  await tab.page.reload();
  await found.getByText("xylophone").waitFor();
  await tab.eventually(atTop, true);
  await tab.eventually(async () => (await rendered(tab)) < MOST_RENDERED, true);
});
