/** Custom instructions as a person meets them: written in the page, told to the model. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import { App } from "./support/app.ts";

let app: App;
beforeAll(async () => {
  app = await App.start();
});
afterAll(() => app.close());

/** The system prompt of the request for `prompt`, which is answered. */
async function systemPromptFor(prompt: string, send: () => Promise<void>): Promise<string> {
  const asked = app.stepAnswerTo(prompt);
  await send();
  const exchange = await asked;
  exchange.text("Understood.");
  exchange.finish();
  return String(exchange.body.messages?.find(({ role }) => role === "system")?.content);
}

test("instructions for all chats and for one: saved while one types, in another tab too, and told to the model", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.ask("First");

  await tab.page.keyboard.press("Control+,");
  const forAll = tab.page.getByRole("textbox", { name: "Instructions for all chats" });
  await forAll.fill("Be brief.");
  // Closed before the pause after which it is saved: nothing is lost.
  await tab.page.keyboard.press("Escape");
  await forAll.waitFor({ state: "detached" });

  await tab.button("Actions for “First”").first().click();
  await tab.page.getByRole("menuitem", { name: "Instructions" }).click();
  const forChat = tab.page.getByRole("textbox", { name: "Instructions for this chat" });
  await forChat.fill("Talk like a pirate.");
  await tab.page.getByRole("status").getByText("Saved", { exact: true }).waitFor();
  await tab.page.keyboard.press("Escape");
  await forChat.waitFor({ state: "detached" });
  // The focus is where the sheet was opened from.
  const focused = () => tab.page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  await expect.poll(focused).toBe("Actions for “First”");

  const inChat = await systemPromptFor("Second", () => tab.send("Second"));
  expect(inChat).toMatch(/Be brief\.[^]*Talk like a pirate\.$/);
  await tab.waitForEnd();

  const otherDevice = await person.openTab();
  await otherDevice.button("New chat").click();
  await otherDevice.page.keyboard.press("Control+,");
  const there = otherDevice.page.getByRole("textbox", { name: "Instructions for all chats" });
  await expect.poll(() => there.inputValue()).toBe("Be brief.");
  await otherDevice.page.keyboard.press("Escape");
  await there.waitFor({ state: "detached" });
  const elsewhere = await systemPromptFor("Third", () => otherDevice.send("Third"));
  expect(elsewhere).toMatch(/Be brief\.$/);
  await person.close();
});

test("[G13] typed, and the tab closed at once: the next one to open takes them to the server", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await tab.page.keyboard.press("Control+,");
  await tab.page.getByRole("textbox", { name: "Instructions for all chats" }).fill("Whisper.");
  await tab.page.close();
  const next = await person.openTab();
  const client = await next.client();
  await client.until(api.instructions.get, { taskId: null }, (text) => text === "Whisper.");
  await client.close();
  await person.close();
});
