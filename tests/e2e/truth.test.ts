/** [G12] What a person sees of a model server that is not regular. Every shape of stream is in tests/convex/wire. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { App, type Person } from "./support/app.ts";
import type { ChatTab } from "./support/chatTab.ts";

const KEY = "qwerty-0123456789";

let app: App;
let person: Person;
let tab: ChatTab;
beforeAll(async () => {
  app = await App.start({ OPENAI_API_KEY: KEY });
  person = await app.person();
  tab = await person.openTab();
});
afterAll(() => app.close());

/** The request for the answer to a new prompt. */
function asked(prompt: string) {
  const exchange = app.stepAnswerTo(prompt);
  return tab.send(prompt).then(() => exchange);
}

const says = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const ends = (reason: string) =>
  `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: reason }] })}\n\ndata: [DONE]\n\n`;

test("a request that is repeated is shown, and then the answer", async () => {
  (await asked("Busy")).refuse(500, "Out of order", { "retry-after": "3" });
  await tab.lastAnswer.getByText("Trying again, 2 of 4").waitFor();
  await tab.waitForText("You said: Busy");
  await tab.waitForEnd();
  expect(await tab.lastAnswer.getByText("Trying again").count()).toBe(0);
});

test("a server that loads its model is waited for", async () => {
  (await asked("Loading")).refuseWith(503, {
    error: { code: 503, message: "Loading model", type: "unavailable_error" },
  });
  await tab.lastAnswer.getByText("The model is still being loaded").waitFor();
  await tab.waitForText("You said: Loading");
  await tab.waitForEnd();
});

test("a refused key: what to do, the server's own words, and never the key", async () => {
  (await asked("Key")).refuse(401, `Incorrect API key provided: ${KEY}`);
  const note = tab.ending("The model's server refused the key (401). Check OPENAI_API_KEY.");
  await note.getByText("Incorrect API key provided: [hidden]").waitFor();
  await note.getByRole("button", { name: "Retry" }).waitFor();
  expect(await tab.page.content()).not.toContain(KEY);
  expect(app.server.output()).not.toContain(KEY);
});

test("a model that is not there: which are", async () => {
  (await asked("Missing")).refuse(404, 'model "test-model" not found, try pulling it first');
  await tab.ending("It has other-model. Choose that one, or set OPENAI_MODEL.").waitFor();
});

test("an answer without a word, and one that ends with a word nobody knows, are not taken for finished", async () => {
  const silent = await asked("Silent");
  silent.raw(ends("stop"));
  silent.end();
  await tab.ending("The model ended its reply without a word.").waitFor();
  const cut = await asked("Cut");
  cut.raw(`${says("So far")}${ends("insufficient_system_resource")}`);
  cut.end();
  await tab.ending("ended the reply with “insufficient_system_resource”").waitFor();
  expect(await tab.shownText()).toBe("So far");
  await tab.lastAnswer.getByRole("button", { name: "Continue" }).waitFor();
});

test("[G9] thoughts of which only the end is marked: what was shown stays, under Reasoning", async () => {
  const exchange = await asked("Think");
  exchange.raw(says("Hm, let me see."));
  await tab.waitForText("Hm, let me see.");
  exchange.raw(says("\n</think>\n\n"));
  exchange.raw(says("Water is wet."));
  await tab.waitForText("Water is wet.");
  expect(await tab.shownText()).toBe("Water is wet.");
  exchange.raw(ends("stop"));
  exchange.end();
  await tab.waitForEnd();
  await tab.lastAnswer.getByText("Reasoning", { exact: true }).click();
  await tab.lastAnswer.getByText("Hm, let me see.").waitFor();
});

test("a connection that stays open after the end of the answer does not keep it open", async () => {
  const exchange = await asked("Open");
  exchange.raw(
    `${says("All of it.")}data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] })}\n\n`,
  );
  await tab.waitForText("All of it.");
  await tab.waitForEnd();
  expect(await tab.lastAnswer.getByRole("note").count()).toBe(0);
  expect(await exchange.closed).toBe("client");
});

test("in German", async () => {
  const other = await app.person({ locale: "de-DE" });
  const page = await other.context.newPage();
  await page.goto(app.server.url);
  const exchange = app.stepAnswerTo("Schlüssel");
  await page.getByRole("textbox", { name: "Nachricht", exact: true }).fill("Schlüssel");
  await page.keyboard.press("Enter");
  (await exchange).refuse(402, "Insufficient Balance");
  const note = page.getByRole("article").getByRole("note");
  await note.getByText("Das Guthaben beim Anbieter des Modells ist aufgebraucht (402).").waitFor();
  await note.getByText("Insufficient Balance").waitFor();
  await other.close();
});
