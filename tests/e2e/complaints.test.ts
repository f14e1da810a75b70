/** The ten complaints that people have most about AI chats, one test each: none can be made about this one. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { App } from "./support/app.ts";
import { loseResponseTo } from "./support/lostResponse.ts";

const PARAGRAPH = `${"Words that fill a line and then some more of it. ".repeat(6)}\n\n`;
/** More than a screen of 800 px. */
const LONG_TEXT = PARAGRAPH.repeat(12);

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

describe("complaint", () => {
  test("1. autoscroll fights the reader", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const asked = app.stepAnswerTo("Write at length.");
    await tab.send("Write at length.");
    const exchange = await asked;
    exchange.text(LONG_TEXT);
    await tab.waitForText("Words");
    await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);

    await tab.messages.hover();
    await tab.page.mouse.wheel(0, -400);
    await tab.button("Jump to the end").waitFor();
    const place = await tab.messages.evaluate((view) => view.scrollTop);
    exchange.text(`${PARAGRAPH.repeat(6)}Marker one.`);
    await tab.waitForText("Marker one.");
    expect(await tab.messages.evaluate((view) => view.scrollTop)).toBe(place);

    await tab.button("Jump to the end").click();
    await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);
    exchange.text(`${PARAGRAPH.repeat(2)}Marker two.`);
    await tab.waitForText("Marker two.");
    await tab.eventually(async () => (await tab.distanceToEnd()) <= 2, true);
    exchange.finish();
    await tab.waitForEnd();

    // A prompt that is sent goes to the top of the view, and its short answer does not move it.
    await tab.ask("Shortly.");
    await tab.eventually(async () => {
      const turn = await tab.page.locator("[data-turn]").last().boundingBox();
      const view = await tab.messages.boundingBox();
      return Math.abs((turn?.y ?? Infinity) - (view?.y ?? 0)) < 40;
    }, true);
    await person.close();
  });

  test("2. Stop doesn't really stop", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const asked = app.stepAnswerTo("Think for long.");
    await tab.send("Think for long.");
    const exchange = await asked;
    // Before the first token.
    await tab.button("Stop").click();
    expect(await exchange.closed).toBe("client");
    await tab.waitForEnd();
    expect(await tab.lastAnswer.innerText()).toContain("You stopped this reply.");

    // At once after Send, in a chat that does not exist yet.
    await tab.button("New chat").click();
    await tab.send("Never mind.");
    await tab.composer.press("Escape");
    await tab.waitForEnd();
    await tab.button("Send").waitFor();
    await person.close();
  });

  test('3. stuck "loading"', async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const asked = app.stepAnswerTo("Begin, then die.");
    await tab.send("Begin, then die.");
    (await asked).text("Some words");
    await tab.waitForText("Some words");
    await app.killAndRestart();
    await tab.ending("This reply was interrupted. What had arrived is kept.").waitFor();
    expect(await tab.shownText()).toBe("Some words");
    await tab.ask("Still there?");
    await tab.waitForText("You said: Still there?");
    await person.close();
  });

  test("4. the reply is lost after a refresh or on switching chats", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const asked = app.stepAnswerTo("A long one.");
    await tab.send("A long one.");
    const exchange = await asked;
    exchange.text("First half,");
    await tab.waitForText("First half,");
    await tab.button("New chat").click();
    await tab.ask("Something else.");
    exchange.text(" second half.");
    exchange.finish();
    // A toast names the chat whose answer ended elsewhere, and leads to it.
    await tab.page.getByText("The reply in “A long one.” is ready").waitFor();
    await tab.button("Open").click();
    await tab.waitForText("First half, second half.");
    await tab.page.reload();
    await tab.waitForText("First half, second half.");
    await person.close();
  });

  test("5. doubled answers or requests", async () => {
    const person = await app.person();
    const tunnel = loseResponseTo("From the tunnel.", "disconnect");
    const tab = await person.openTab("/", tunnel.prepare);
    await tab.write("Only once.");
    await Promise.all([1, 2, 3].map(() => tab.composer.press("Enter")));
    await tab.waitForText("You said: Only once.");
    await tab.waitForEnd();
    await tab.send("From the tunnel.");
    await tab.waitForText("You said: From the tunnel.");
    await tab.waitForEnd();
    expect(tunnel.lost()).toBe(true);
    expect(await tab.answers.count()).toBe(2);
    expect(app.requestsFor("Only once.")).toBe(1);
    expect(app.requestsFor("From the tunnel.")).toBe(1);
    await person.close();
  });

  test("6. Stop destroys the text, or the stopped answer looks finished", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const asked = app.stepAnswerTo("Recite.");
    await tab.send("Recite.");
    (await asked).text("To be, or not");
    await tab.waitForText("To be, or not");
    const seen = await tab.shownText();
    await tab.composer.press("Escape");
    await tab.waitForEnd();
    expect((await tab.shownText()).startsWith(seen)).toBe(true);
    expect(await tab.lastAnswer.innerText()).toContain("You stopped this reply.");
    await tab.button("Continue").click();
    await tab.eventually(async () => (await tab.shownText()).length > seen.length, true);
    await tab.waitForEnd();
    expect((await tab.shownText()).startsWith(seen)).toBe(true);
    expect(await tab.answers.count()).toBe(1);
    await person.close();
  });

  test("7. the queue loses, merges or sticks", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const asked = app.stepAnswerTo("Slow one.");
    await tab.send("Slow one.");
    const exchange = await asked;
    exchange.text("Working");
    await tab.waitForText("Working");
    await tab.send("Second");
    await tab.page.getByText("Please wait for the current response to complete").waitFor();
    await tab.composer.press("Enter");
    await tab.page.getByRole("region", { name: "1 message queued" }).waitFor();
    await tab.write("Third");
    await tab.button("Queue").click();
    await tab.page.getByRole("region", { name: "2 messages queued" }).waitFor();
    await tab.page.reload();
    const tray = tab.page.getByRole("region", { name: "2 messages queued" });
    await tray.waitFor();
    await tray.getByRole("button", { name: "Edit" }).last().click();
    await tray.getByRole("textbox").fill("Third, better");
    await tray.getByRole("textbox").press("Enter");
    await tray.getByText("Third, better").waitFor();
    exchange.finish();
    await tab.waitForText("You said: Third, better");
    await tab.waitForEnd();
    expect(await tab.page.locator("[data-turn]").count()).toBe(3);
    expect(app.requestsFor("Second")).toBe(1);
    expect(app.requestsFor("Third")).toBe(0);
    await person.close();
  });

  test("8. lag in long chats", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    for (let turn = 1; turn <= 16; turn++) await tab.ask(`Turn ${turn}\n${"line\n".repeat(8)}`);
    await tab.page.reload();
    await tab.waitForText("You said: Turn 16");
    // A long chat opens with its last page; the rest comes when one goes up, and nothing moves under the reader.
    expect(await tab.page.locator("[data-turn]").count()).toBeLessThan(16);
    await tab.settled();
    await tab.messages.hover();
    await tab.page.mouse.wheel(0, -400);
    await tab.button("Jump to the end").waitFor();
    // At once: an animated way up would go on to the top of what came in meanwhile.
    const watched = await tab.messages.evaluate((element) => {
      element.scrollTop = 0;
      return element.querySelector("[data-group]")?.getAttribute("data-group");
    });
    await tab.messages.getByText("Turn 1\n", { exact: false }).first().waitFor();
    const view = await tab.messages.boundingBox();
    const turn = await tab.page.locator(`[data-group="${watched}"]`).boundingBox();
    // It would be several screens away if what came in above had pushed it.
    expect(Math.abs((turn?.y ?? Infinity) - (view?.y ?? 0))).toBeLessThan(view?.height ?? 0);
    await person.close();
  });

  test("9. several devices or branches corrupt each other", async () => {
    const person = await app.person();
    const first = await person.openTab();
    await first.ask("Shared.");
    const second = await person.openTab(await first.chatPath());
    await second.waitForText("You said: Shared.");
    const asked = app.stepAnswerTo("From the first tab.");
    await first.send("From the first tab.");
    const exchange = await asked;
    exchange.text("One at a time");
    await second.waitForText("One at a time");
    // The other tab may write, and is told to wait: no second run beside the first.
    await second.send("From the second tab.");
    await second.page.getByText("Please wait for the current response to complete").waitFor();
    expect(app.requestsFor("From the second tab.")).toBe(0);
    await second.button("Stop and send").click();
    expect(await exchange.closed).toBe("client");
    for (const tab of [first, second]) {
      await tab.waitForText("You said: From the second tab.");
      await tab.waitForEnd();
      expect(await tab.answers.count()).toBe(3);
    }
    await person.close();
  });

  test("10. no Continue after an interruption; drafts lost on a failed send", async () => {
    const person = await app.person();
    const tab = await person.openTab();
    const asked = app.stepAnswerTo("Break off.");
    await tab.send("Break off.");
    const exchange = await asked;
    exchange.text("Half an ans");
    await tab.waitForText("Half an ans");
    exchange.drop();
    await tab.ending("The connection to the model was lost.").waitFor();
    expect(await tab.shownText()).toBe("Half an ans");
    await tab.button("Retry").waitFor();
    await tab.button("Continue").click();
    await tab.eventually(async () => (await tab.shownText()).length > "Half an ans".length, true);
    await tab.waitForEnd();

    // What is typed survives a reload, and reaches another tab.
    await tab.write("Not sent yet");
    await tab.page.reload();
    await tab.eventually(() => tab.composer.inputValue(), "Not sent yet");
    const other = await person.openTab(await tab.chatPath());
    await other.eventually(() => other.composer.inputValue(), "Not sent yet");

    // A prompt that meets a dead server is sent once when it is back.
    await app.server.kill();
    await tab.composer.press("Enter");
    await tab.page.getByText("Waiting for the connection").waitFor();
    await app.killAndRestart();
    await tab.waitForText("You said: Not sent yet");
    expect(app.requestsFor("Not sent yet")).toBe(1);
    await person.close();
  });
});
