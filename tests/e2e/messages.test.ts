/** Issue 4, point 1: the chat. The ten complaints and the long chat have files of their own. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { DEVICES } from "./support/devices.ts";
import { onlyGrew, recordedTexts, recordTexts } from "./support/recorder.ts";
import { ServerValve } from "./support/serverValve.ts";

const PARAGRAPH = `${"Words that fill a line and then some more of it. ".repeat(6)}\n\n`;
/** More than a screen. */
const LONG_TEXT = PARAGRAPH.repeat(14);
/** px: "at the top of the view" with the turn's own space above it. */
const NEAR_TOP = 40;

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

const scrollTop = (tab: ChatTab) => tab.messages.evaluate((view) => view.scrollTop);

/** px between the top of the view and the last turn. */
async function lastTurnFromTop(tab: ChatTab): Promise<number> {
  const [turn, view] = await Promise.all([
    tab.page.locator("[data-turn]").last().boundingBox(),
    tab.messages.boundingBox(),
  ]);
  return turn === null || view === null ? Infinity : Math.abs(turn.y - view.y);
}

describe.each(DEVICES)("$name", ({ options }) => {
  test("1. send anchor: the prompt is at the top at once, the reply fills the space below it, and nothing moves", async () => {
    const person = await app.person(options);
    const valve = new ServerValve();
    const tab = await person.openTab("/", valve.prepare);
    await tab.ask(`Before\n${"line\n".repeat(12)}`);

    // Optimistic: the turn is there before the server has said a word, and it is the same element to the end.
    valve.hold();
    const asked = app.stepAnswerTo("Anchored");
    await tab.send("Anchored");
    const turn = tab.page.locator("[data-turn]").last();
    await turn.getByText("Anchored", { exact: true }).waitFor();
    const element = await turn.elementHandle();
    await tab.eventually(async () => (await tab.distanceToEnd()) <= 1, true);
    expect(await lastTurnFromTop(tab)).toBeLessThan(NEAR_TOP);
    const [top, height] = [await scrollTop(tab), (await turn.boundingBox())?.height];
    valve.release();

    const exchange = await asked;
    for (const line of ["One line.", "\n\nA second one.", "\n\nAnd a third."]) {
      exchange.text(line);
      await tab.waitForText(line.trim());
      expect(await scrollTop(tab)).toBe(top);
      expect((await turn.boundingBox())?.height).toBe(height);
    }
    // The space is used up: from here on the end is followed.
    exchange.text(`\n\n${LONG_TEXT}The last words.`);
    await tab.waitForText("The last words.");
    await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);
    expect(await scrollTop(tab)).toBeGreaterThan(top);
    exchange.finish();
    await tab.waitForEnd();
    expect(await element.evaluate((node) => node.isConnected && node.matches("[data-last=true]"))).toBe(true);
    await person.close();
  });

  test("1. versions: edited in place and asked again in one tab, stepped through in both", async () => {
    const person = await app.person(options);
    const first = await person.openTab();
    await first.ask("First words");
    const second = await person.openTab(await first.chatPath());
    await second.waitForText("You said: First words");

    await first.toFront();
    await first.button("Try again").click();
    await first.page.getByRole("group", { name: "Version 2 of 2" }).waitFor();
    await second.page.getByRole("group", { name: "Version 2 of 2" }).waitFor();
    await first.waitForEnd();
    await second.waitForEnd();

    await second.toFront();
    await second.page.locator("[data-turn]").hover();
    await second.button("Edit").click();
    const editor = second.page.getByRole("textbox", { name: "Edit your message" });
    expect(await editor.inputValue()).toBe("First words");
    await editor.fill("Second words");
    await editor.press("Enter");
    for (const tab of [first, second]) {
      await tab.waitForText("You said: Second words");
      await tab.waitForEnd();
    }
    await first.button("Previous version").click();
    for (const tab of [first, second]) {
      await tab.waitForText("You said: First words");
      await tab.page.getByRole("group", { name: "Version 1 of 2" }).waitFor();
    }
    await second.button("Next version").first().click();
    for (const tab of [first, second]) await tab.waitForText("You said: Second words");
    await person.close();
  });
});

test("1. autoscroll: a finger lets go of the end, and its way back near the end follows again", async () => {
  const person = await app.person(DEVICES[1]?.options);
  const tab = await person.openTab();
  const exchange = await tab.begin(app, "Under a finger", LONG_TEXT);
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);
  const box = await tab.messages.boundingBox();
  const devtools = await person.context.newCDPSession(tab.page);
  /** A finger that moves the text by `distance` px, positive towards the beginning. */
  const drag = async (distance: number): Promise<void> => {
    const x = (box?.x ?? 0) + 100;
    const start = (box?.y ?? 0) + (box?.height ?? 0) / 2 - distance / 2;
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", y?: number) =>
      devtools.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: y === undefined ? [] : [{ x, y }],
      });
    await touch("touchStart", start);
    for (let step = 1; step <= 10; step++) {
      await touch("touchMove", start + (distance * step) / 10);
      await tab.painted();
    }
    await touch("touchEnd");
    // The text may roll on by itself: until it has stood still for some frames.
    await tab.messages.evaluate(async (view) => {
      for (let still = 0, last = -1; still < 8; last = view.scrollTop) {
        await new Promise((done) => requestAnimationFrame(done));
        still = view.scrollTop === last ? still + 1 : 0;
      }
    });
  };

  await drag(400);
  await tab.button("Jump to the end").waitFor();
  const place = await scrollTop(tab);
  exchange.text(`${PARAGRAPH.repeat(6)}Marker one.`);
  await tab.waitForText("Marker one.");
  expect(await scrollTop(tab)).toBe(place);

  while ((await tab.button("Jump to the end").count()) > 0) await drag(-500);
  exchange.text(`${PARAGRAPH.repeat(2)}Marker two.`);
  await tab.waitForText("Marker two.");
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);
  exchange.finish();
  await person.close();
});

test("1. jump-to-end comes at 240 px from the end and stays until one is near it: it does not blink", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const exchange = await tab.begin(app, "Long", LONG_TEXT);
  exchange.finish();
  await tab.waitForEnd();
  await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);
  const goTo = async (distance: number): Promise<boolean> => {
    await tab.messages.evaluate((view, px) => {
      view.scrollTop = view.scrollHeight - view.clientHeight - px;
    }, distance);
    await tab.painted();
    return tab.button("Jump to the end").isVisible();
  };
  expect(await goTo(200)).toBe(false);
  expect(await goTo(260)).toBe(true);
  expect(await goTo(200)).toBe(true);
  expect(await goTo(100)).toBe(false);
  await person.close();
});

test("1. each end is said in words, with what helps: Continue, Retry, or nothing", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const endOf = async (prompt: string, text: string, end: (exchange: Exchange) => void) => {
    end(await tab.begin(app, prompt, text));
    await tab.waitForEnd();
    const note = tab.lastAnswer.getByRole("note");
    const words = (await note.count()) === 0 ? null : await note.locator("p").first().innerText();
    // Beside Retry is a sign without words, for other models.
    const buttons = await note.getByRole("button").allInnerTexts();
    return [words, buttons.filter((name) => name !== "")];
  };
  type Exchange = Awaited<ReturnType<ChatTab["begin"]>>;
  expect(await endOf("Finish", "All of it", (exchange) => exchange.finish())).toEqual([null, []]);
  expect(await endOf("Too long", "Only half", (exchange) => exchange.finish("length"))).toEqual([
    "This reply reached the model's length limit.",
    ["Continue"],
  ]);
  expect(await endOf("Withheld", "Not all", (exchange) => exchange.finish("content-filter"))).toEqual([
    "The model's provider withheld the rest of this reply.",
    ["Retry"],
  ]);
  expect(await endOf("Break", "Broken", (exchange) => exchange.drop())).toEqual([
    "The connection to the model was lost.",
    ["Continue", "Retry"],
  ]);
  // Retry is another version of the same reply.
  const asked = app.stepAnswerTo("Break");
  await tab.button("Retry").click();
  const again = await asked;
  again.text("Whole");
  again.finish();
  await tab.waitForText("Whole");
  await tab.waitForEnd();
  await tab.page.getByRole("group", { name: "Version 2 of 2" }).waitFor();
  await person.close();
});

test('1. liveness: "last output 14 s ago" instead of an endless spinner, and it goes when words come', async () => {
  const person = await app.person();
  const tab = await person.openTab("/", (page) => page.clock.install());
  const asked = app.stepAnswerTo("Be silent");
  await tab.send("Be silent");
  const exchange = await asked;
  await tab.page.locator("article[data-status=streaming]").waitFor();
  await tab.page.clock.fastForward(9_000);
  await tab.page.getByText(/^Waiting for the model, (9|1\d) s$/).waitFor();
  exchange.text("A word");
  await tab.waitForText("A word");
  await tab.page.getByText("Working").waitFor({ state: "detached" });
  await tab.page.clock.fastForward(14_000);
  await tab.page.getByText(/^Working, last output 1[4-9] s ago$/).waitFor();
  exchange.text(" and another");
  await tab.waitForText("another");
  await tab.page.getByText("Working").waitFor({ state: "detached" });
  exchange.finish();
  await tab.waitForEnd();
  await person.close();
});

test("1. [G9] the live tail only grows on the screen, and is not painted again after a reload or a lost connection", async () => {
  const person = await app.person();
  const valve = new ServerValve();
  const tab = await person.openTab("/", async (page) => {
    await recordTexts("[data-part=text]")(page);
    await valve.prepare(page);
  });
  const words = (from: number) => Array.from({ length: 40 }, (_, index) => `word ${from + index}, `).join("");
  const exchange = await tab.begin(app, "Count up", words(0));
  for (let step = 1; step < 6; step++) {
    exchange.text(words(step * 40));
    await tab.waitForText(`word ${step * 40 + 39}`);
  }
  // Painted in many small steps, each longer than the one before.
  const painted = await recordedTexts(tab.page);
  expect(onlyGrew(painted)).toBe(true);
  expect(painted.length).toBeGreaterThan(12);

  const seen = await tab.shownText();
  await tab.page.reload();
  await tab.waitForText(seen);
  const afterReload = await recordedTexts(tab.page);
  expect(afterReload[0]?.startsWith(seen.trim())).toBe(true);

  valve.cut();
  exchange.text("the end");
  exchange.finish();
  await tab.waitForText("the end");
  await tab.waitForEnd();
  const afterReconnect = await recordedTexts(tab.page);
  expect(onlyGrew(afterReconnect)).toBe(true);
  await person.close();
});

test("1. copy gives the reply as the model wrote it; time stamps are there on hover", async () => {
  const person = await app.person({ permissions: ["clipboard-read", "clipboard-write"] });
  const tab = await person.openTab();
  const source = "Some **bold** words.\n\n```ts\nconst answer = 42;\n```";
  const exchange = await tab.begin(app, "Copy me", "Some");
  exchange.text(source.slice(4));
  exchange.finish();
  await tab.waitForEnd();
  await tab.waitForText("42;");
  const clipboard = () => tab.page.evaluate(() => navigator.clipboard.readText());
  await tab.lastAnswer.getByRole("button", { name: "Copy", exact: true }).click();
  await tab.eventually(clipboard, source);
  await tab.lastAnswer.getByRole("status").getByText("Copied").waitFor();
  await tab.button("Copy code").click();
  await tab.eventually(clipboard, "const answer = 42;");
  await tab.page.locator("[data-turn]").hover();
  await tab.messages.getByRole("button", { name: "Copy", exact: true }).first().click();
  await tab.eventually(clipboard, "Copy me");

  const stamp = tab.lastAnswer.locator("time");
  const visible = () =>
    stamp.evaluate((element) => {
      let opacity = 1;
      for (let at: Element | null = element; at !== null; at = at.parentElement)
        opacity *= Number(getComputedStyle(at).opacity);
      return opacity;
    });
  await tab.composer.focus();
  await tab.page.mouse.move(2, 2);
  await tab.eventually(visible, 0);
  await tab.lastAnswer.hover();
  await tab.eventually(visible, 1);
  expect(await stamp.getAttribute("title")).toMatch(/\d{4}.*\d\d:\d\d/);
  await person.close();
});
