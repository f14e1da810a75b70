/** Issue 4, point 3: where one writes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import type { Id } from "../../convex/_generated/dataModel.js";
import { App, type Person } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { DEVICES } from "./support/devices.ts";
import { ServerValve } from "./support/serverValve.ts";

const BUSY = "Please wait for the current response to complete before sending another message";
const LIMIT = 100_000;

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

const value = (tab: ChatTab) => tab.composer.inputValue();
const height = async (tab: ChatTab) => (await tab.composer.boundingBox())?.height ?? 0;

/** Resolves when the server has the draft. */
async function serverHasDraft(tab: ChatTab, taskId: string | null, text: string): Promise<void> {
  const client = await tab.client();
  await client.until(
    api.drafts.get,
    { taskId: taskId as Id<"tasks"> | null },
    (draft) => (draft?.text ?? "") === text,
  );
  await client.close();
}

describe.each(DEVICES)("$name", ({ options }) => {
  let person: Person;
  beforeAll(async () => {
    person = await app.person(options);
  });
  afterAll(() => person.close());

  test("3. one button and its keys: send, queue while a reply is written, stop meanwhile; Esc stops", async () => {
    const tab = await person.openTab();
    expect(await tab.button("Send").isDisabled()).toBe(true);
    await tab.write("Line one");
    await tab.composer.press("Shift+Enter");
    await tab.composer.pressSequentially("line two");
    expect(await value(tab)).toBe("Line one\nline two");
    expect(await tab.button("Send").isEnabled()).toBe(true);

    const asked = app.stepAnswerTo("Line one\nline two");
    await tab.composer.press("Enter");
    expect(await value(tab)).toBe("");
    const exchange = await asked;
    exchange.text("Working on it");
    await tab.waitForText("Working on it");
    await tab.button("Stop").waitFor();
    await tab.write("More");
    await tab.button("Queue").waitFor();
    // A phone has no Escape: Stop stays beside it.
    await tab.button("Stop").waitFor();
    await tab.write("");
    await tab.button("Stop").waitFor();
    await tab.composer.press("Escape");
    expect(await exchange.closed).toBe("client");
    await tab.waitForEnd();
    expect(await tab.button("Send").isDisabled()).toBe(true);
    // One may type at every moment.
    expect(await tab.composer.isEditable()).toBe(true);

    await tab.composer.press("ArrowUp");
    expect(await value(tab)).toBe("Line one\nline two");
    await tab.composer.press("ArrowUp");
    expect(await value(tab)).toBe("Line one\nline two");
    await tab.page.close();
  });

  test("3. busy notice: sending while a reply is written asks first, then queues or interrupts", async () => {
    const tab = await person.openTab("/");
    const exchange = await tab.begin(app, "Busy", "Writing");
    const notice = tab.page.getByRole("alert").filter({ hasText: BUSY });
    await tab.send("Then this");
    await notice.waitFor();
    expect(await value(tab)).toBe("Then this");
    await tab.composer.press("Escape");
    await notice.waitFor({ state: "detached" });
    expect(exchange.isOpen).toBe(true);

    await tab.composer.press("Enter");
    await notice.getByRole("button", { name: "Queue" }).click();
    await tab.page.getByRole("region", { name: "1 message queued" }).waitFor();
    expect(await value(tab)).toBe("");

    await tab.send("But first this");
    await notice.getByRole("button", { name: "Stop and send" }).click();
    expect(await exchange.closed).toBe("client");
    await tab.waitForText("You said: Then this");
    await tab.waitForEnd();
    const prompts = await tab.page.locator("[data-turn] > :first-child:has(h2) h2 + div").allInnerTexts();
    expect(prompts).toEqual(["Busy", "But first this", "Then this"]);
    await tab.page.close();
  });

  test("3. the box grows with the text up to a limit; a long paste stays whole, is counted, and is folded when sent", async () => {
    const tab = await person.openTab("/");
    const one = await height(tab);
    await tab.write("a\nb\nc");
    expect(await height(tab)).toBeGreaterThan(one * 1.5);
    const log = Array.from({ length: 400 }, (_, line) => `line ${line} of a log`).join("\n");
    await tab.write("");
    await tab.composer.focus();
    await tab.page.keyboard.insertText(log);
    expect(await value(tab)).toBe(log);
    const view = await tab.page.evaluate(() => window.innerHeight);
    const box = tab.page.locator("form").last();
    expect((await box.boundingBox())?.height ?? 0).toBeLessThan(view * 0.6);
    expect(await tab.overflow()).toBe(0);

    await tab.write("x".repeat(LIMIT - 5));
    await tab.page.getByRole("status").getByText("5 characters left").waitFor();
    await tab.write("x".repeat(LIMIT + 7));
    await tab.page.getByRole("status").getByText("7 characters too many").waitFor();
    expect(await tab.button("Send").isDisabled()).toBe(true);
    await tab.composer.press("Enter");
    expect((await value(tab)).length).toBe(LIMIT + 7);

    await tab.write(log);
    const asked = app.stepAnswerTo(log);
    await tab.composer.press("Enter");
    const exchange = await asked;
    exchange.text("A long log");
    exchange.finish();
    await tab.waitForText("A long log");
    await tab.button("Show all").waitFor();
    await tab.page.close();
  });
});

test("3. an input method's Enter chooses a word and never sends", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const devtools = await person.context.newCDPSession(tab.page);
  await tab.composer.focus();
  await devtools.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
  expect(await value(tab)).toBe("にほん");
  // The Enter that confirms, as browsers tell of it while an input method is at work.
  const enter = { key: "Process", code: "Enter", windowsVirtualKeyCode: 229 };
  await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...enter });
  await devtools.send("Input.dispatchKeyEvent", {
    type: "rawKeyDown",
    key: "Enter",
    code: "Enter",
    windowsVirtualKeyCode: 13,
  });
  await devtools.send("Input.insertText", { text: "日本" });
  await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...enter });
  expect(await value(tab)).toBe("日本");
  expect(await tab.page.locator("[data-turn]").count()).toBe(0);
  await tab.composer.press("Enter");
  await tab.waitForText("You said: 日本");
  await tab.waitForEnd();
  expect(await tab.page.locator("[data-turn]").count()).toBe(1);
  await person.close();
});

test("3. [G13] drafts: each chat's own, after a reload, in another tab and on another device", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.ask("Apples");
  const apples = await tab.chatPath();
  await tab.write("About apples");
  // Left before the pause after which it is saved: it is saved all the same.
  await tab.button("New chat").click();
  await tab.eventually(() => value(tab), "");
  await serverHasDraft(tab, apples.split("/").at(-1) ?? null, "About apples");
  await tab.write("About pears");
  await serverHasDraft(tab, null, "About pears");
  await tab.chat("Apples").click();
  await tab.eventually(() => value(tab), "About apples");
  await tab.page.reload();
  await tab.eventually(() => value(tab), "About apples");

  const phone = await app.otherDevice(person, DEVICES[1]?.options);
  const there = await phone.openTab(apples);
  await there.eventually(() => value(there), "About apples");
  await there.write("About green apples");
  await tab.eventually(() => value(tab), "About green apples");
  const news = await phone.openTab();
  await news.eventually(() => value(news), "About pears");
  await Promise.all([person.close(), phone.close()]);
});

test("3. [G13] a draft that was sent is gone everywhere, also the one of a new chat", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.write("The first prompt");
  await serverHasDraft(tab, null, "The first prompt");
  const phone = await app.otherDevice(person);
  const there = await phone.openTab();
  await there.eventually(() => value(there), "The first prompt");
  await tab.composer.press("Enter");
  await tab.waitForText("You said: The first prompt");
  await serverHasDraft(tab, null, "");
  await there.eventually(() => value(there), "");
  const fresh = await person.openTab();
  await fresh.chat("The first prompt").waitFor();
  expect(await value(fresh)).toBe("");

  // What is typed after the send stays, whatever the server says of what was sent.
  const path = await tab.chatPath();
  await tab.write("The second prompt");
  await serverHasDraft(tab, path.split("/").at(-1) ?? null, "The second prompt");
  await tab.composer.press("Enter");
  await tab.write("The third, begun");
  await tab.waitForText("You said: The second prompt");
  await serverHasDraft(tab, path.split("/").at(-1) ?? null, "The third, begun");
  expect(await value(tab)).toBe("The third, begun");
  await Promise.all([person.close(), phone.close()]);
});

test("3. [G13] what is typed before a new chat has its address stays in the box, and is no other new chat's", async () => {
  const person = await app.person();
  const valve = new ServerValve();
  const tab = await person.openTab("/", valve.prepare);
  await tab.client();
  valve.hold();
  await tab.send("The first prompt here");
  await tab.page.keyboard.type("Typed while");
  valve.release();
  await tab.page.waitForURL(/chat/);
  await tab.page.keyboard.type(" it went");
  await tab.waitForText("You said: The first prompt here");
  expect(await value(tab)).toBe("Typed while it went");
  const taskId = (await tab.chatPath()).split("/").at(-1) ?? null;
  await serverHasDraft(tab, taskId, "Typed while it went");
  await serverHasDraft(tab, null, "");
  const fresh = await person.openTab();
  await fresh.chat("The first prompt here").waitFor();
  expect(await value(fresh)).toBe("");
  await person.close();
});

test("3. [G13] a send that the server refuses says why, and can be put back or sent again", async () => {
  const person = await app.person();
  let refuse = true;
  // The server's word is exchanged: a reason to refuse that this server has no occasion for.
  const valve = new ServerValve((message) => {
    const response = message as { type?: string; success?: boolean; result?: unknown; errorData?: unknown };
    if (!refuse || response.type !== "MutationResponse" || !isReceipt(response.result)) return;
    Object.assign(response, {
      success: false,
      result: "[Request ID: 1] Server Error",
      errorData: { code: "RATE_LIMITED", message: "Too much at once" },
    });
  });
  const tab = await person.openTab("/", valve.prepare);
  await tab.send("Before");
  const alert = tab.page.getByRole("alert").filter({ hasText: "This message was not sent." });
  await alert.getByText("Too many requests.").waitFor();
  await alert.getByRole("button", { name: "Back to the composer" }).click();
  expect(await value(tab)).toBe("Before");
  await tab.composer.press("Enter");
  await alert.waitFor();
  refuse = false;
  await alert.getByRole("button", { name: "Retry" }).click();
  await tab.waitForText("You said: Before");
  await tab.waitForEnd();
  // The server had taken it the first time: the same id is the same prompt.
  expect(app.requestsFor("Before")).toBe(1);
  expect(await tab.page.locator("[data-turn]").count()).toBe(1);
  await person.close();
});

const isReceipt = (result: unknown): boolean =>
  typeof result === "object" && result !== null && "promptMessageId" in result;
