/** A chat of hundreds of messages: what is far from the view costs nothing, and nothing moves by itself. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Id } from "../../convex/_generated/dataModel";
import { App, type Person } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { countLiveQueries } from "./support/liveQueries.ts";

const TURNS = 120;
/** Turns of about a tenth of the view each, two screens to both sides of it, and the last group. */
const MOST_RENDERED = 60;
/** Pages that a window on the chat can consist of: to both sides of where it was put down, and two on their way. */
const MOST_PAGES = 8;

let app: App;
let chat: Awaited<ReturnType<typeof makeLongChat>>;
beforeAll(async () => {
  app = await App.start();
  chat = await makeLongChat();
});
afterAll(() => app.close());

/** A chat of `TURNS` turns, each stopped before its answer began: the quickest way to a long one. */
async function makeLongChat(): Promise<{ person: Person; path: string; markedId: Id<"chatMessages"> }> {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.send("Turn 0");
  await tab.page.locator("article[data-status=complete]").waitFor();
  const path = await tab.chatPath();
  const taskId = path.split("/").at(-1) as Id<"tasks">;
  const client = await tab.client();
  let markedId: Id<"chatMessages"> | null = null;
  for (let turn = 1; turn < TURNS; turn++) {
    const marked = turn === 7;
    const words = marked ? "Turn 7 has the word xylophone" : `Turn ${turn}`;
    const { promptMessageId } = await client.sendOnly(words, { taskId });
    if (marked) markedId = promptMessageId;
    await client.stop(taskId);
  }
  await client.close();
  await tab.page.close();
  if (markedId === null) throw new Error("Nothing was sent");
  return { person, path, markedId };
}

async function openLongChat(prepare?: (page: Page) => Promise<void>): Promise<ChatTab> {
  const tab = await chat.person.openTab(chat.path, prepare);
  await tab.page
    .getByText(`Turn ${TURNS - 1}`, { exact: true })
    .first()
    .waitFor();
  return tab;
}

/** The same for a window that grew at its end: a page that has twice its messages is split in two. */
const MOST_GROWN_PAGES = 20;

/** Pages of messages that a tab has asked for. */
const countPages = () => countLiveQueries((path) => /^messages:list(After)?$/.test(path));

const rendered = (tab: ChatTab) => tab.page.locator("[data-turn]").count();

/** Most turns that may be put up in one piece: three groups, where a page comes in beside a reader who waits for it. */
const MOST_AT_ONCE = 9;

/** From now on counts how often each turn is put up. Returns what tells the most for one turn, and in one piece. */
async function countPutUp(tab: ChatTab): Promise<() => Promise<{ ofOne: number; atOnce: number }>> {
  const counts = await tab.messages.evaluateHandle((view) => {
    const putUp = new Map<string | null, number>();
    const most = { ofOne: 0, atOnce: 0 };
    new MutationObserver((records) => {
      let atOnce = 0;
      for (const element of records.flatMap((record) => [...record.addedNodes])) {
        if (!(element instanceof Element)) continue;
        const inside = [...element.querySelectorAll("[data-turn]")];
        for (const turn of element.matches("[data-turn]") ? [element] : inside) {
          const key = turn.getAttribute("data-turn");
          putUp.set(key, (putUp.get(key) ?? 0) + 1);
          most.ofOne = Math.max(most.ofOne, putUp.get(key) ?? 0);
          atOnce++;
        }
      }
      most.atOnce = Math.max(most.atOnce, atOnce);
    }).observe(view, { childList: true, subtree: true });
    return most;
  });
  return () => counts.jsonValue();
}

test("8. scrolled through from end to beginning and back, a long chat keeps few turns and few live pages, and puts up each turn once", async () => {
  const pages = countPages();
  const tab = await openLongChat(pages.prepare);
  const scrollTo = async (words: string, step: number) => {
    await tab.messages.hover();
    // The reader's hand. The rest is moved by script: a browser lets a wheel that once turned at an edge move nothing
    // more until it has rested. The script waits for its end: a wheel's movement goes where it began to go, and would take the view back.
    const ended = await tab.messages.evaluateHandle((view) => ({
      wheel: new Promise((resolve) => view.addEventListener("scrollend", resolve, { once: true })),
    }));
    await tab.page.mouse.wheel(0, step);
    await ended.evaluate(({ wheel }) => wheel.then(() => undefined));
    /** In the view itself: what has just come in is in the page, and goes again where it is far. */
    const isSeen = () =>
      tab.messages.getByText(words, { exact: true }).evaluateAll((found) =>
        found.some((element) => {
          const view = element.closest("[aria-label=Messages]")?.getBoundingClientRect();
          const { top, bottom } = element.getBoundingClientRect();
          return view !== undefined && bottom > view.top && top < view.bottom;
        }),
      );
    for (let turn = 0; turn < 300 && !(await isSeen()); turn++) {
      const before = await tab.messages.evaluate((view, by) => {
        const place = [view.scrollTop, view.scrollHeight].join();
        view.scrollBy(0, by);
        return place;
      }, step);
      // Until the movement is there; at an edge, until more has come in there, if there is more.
      await tab.page.waitForFunction((seen) => {
        const view = document.querySelector("[aria-label=Messages]");
        if (view === null) return false;
        const moved = [view.scrollTop, view.scrollHeight].join() !== seen;
        return moved || !/Loading (earlier|later) messages/.test(view.textContent);
      }, before);
      expect(await rendered(tab)).toBeLessThan(MOST_RENDERED);
      expect(pages.live()).toBeLessThanOrEqual(MOST_PAGES);
    }
    await tab.eventually(isSeen, true);
  };
  const putUp = await countPutUp(tab);
  await scrollTo("Turn 0", -600);
  const { ofOne, atOnce } = await putUp();
  expect(ofOne).toBe(1);
  expect(atOnce).toBeLessThanOrEqual(MOST_AT_ONCE);
  // The end is not held any more, and is a jump away.
  await tab.button("Jump to the end").click();
  await tab.messages
    .getByText(`Turn ${TURNS - 1}`, { exact: true })
    .last()
    .waitFor();
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);
  await tab.eventually(async () => (await rendered(tab)) < MOST_RENDERED, true);

  await scrollTo("Turn 0", -600);
  await scrollTo(`Turn ${TURNS - 1}`, 600);
  await tab.eventually(async () => (await rendered(tab)) < MOST_RENDERED, true);
});

test("what is read stays where it is while pages come in above and groups come and go", async () => {
  const tab = await openLongChat();
  await tab.messages.hover();
  for (let step = 0; step < 12; step++) {
    await tab.page.mouse.wheel(0, -250);
    await tab.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    const moved = await tab.messages.evaluate(async (view) => {
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
  const pages = countPages();
  const tab = await chat.person.openTab("/", pages.prepare);
  await tab.page.keyboard.press("Control+k");
  await tab.page.getByRole("combobox").fill("xylophone");
  await tab.page.getByRole("option", { name: "has the word xylophone" }).click();
  const found = tab.messages.locator("[data-wanted=true]");
  const atTop = async () => {
    const [turn, view] = await Promise.all([found.boundingBox(), tab.messages.boundingBox()]);
    return turn !== null && view !== null && Math.abs(turn.y - view.y) < 40;
  };
  await found.getByText("xylophone").waitFor();
  await tab.eventually(atTop, true);
  await tab.button("Jump to the end").waitFor();
  // What lies between the message and the end was not read.
  expect(pages.asked()).toBeLessThanOrEqual(MOST_PAGES);
  expect(await tab.page.locator("[data-last=true]").count()).toBe(0);
  await tab.page.reload();
  await found.getByText("xylophone").waitFor();
  await tab.eventually(atTop, true);
  await tab.eventually(async () => (await rendered(tab)) < MOST_RENDERED, true);
});

test("a chat that grows while one looks on keeps few live pages, and its end in view", async () => {
  const pages = countPages();
  const person = await app.person();
  const tab = await person.openTab("/", pages.prepare);
  await tab.send("The beginning");
  await tab.waitForEnd();
  const taskId = (await tab.chatPath()).split("/").at(-1) as Id<"tasks">;
  const client = await tab.client();
  for (let turn = 1; turn < TURNS; turn++) {
    await client.sendOnly(`Turn ${turn}`, { taskId });
    await client.stop(taskId);
  }
  await client.close();
  await tab.messages
    .getByText(`Turn ${TURNS - 1}`, { exact: true })
    .last()
    .waitFor();
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);
  await tab.eventually(() => Promise.resolve(pages.live() <= MOST_GROWN_PAGES), true);
  await person.close();
});

test("read far back → a prompt that is sent brings the view to the end, where its answer comes", async () => {
  const tab = await chat.person.openTab(`${chat.path}#${chat.markedId}`);
  await tab.messages.locator("[data-wanted=true]").getByText("xylophone").waitFor();
  await tab.send("Back at the end");
  await tab.waitForText("You said: Back at the end");
  await tab.waitForEnd();
  const neighbours = tab.messages.getByText(`Turn ${TURNS - 1}`, { exact: true });
  expect(await neighbours.count()).toBeGreaterThan(0);
  expect(await tab.messages.getByText("xylophone").count()).toBe(0);
});
