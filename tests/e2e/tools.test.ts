/**
 * Tools, context and budgets as a person meets them: chosen for a chat, seen at work, cancelled one by one, allowed from another tab, or from a
 * phone a day later; what replies cost, the line above which a model has a summary, and the end of a budget.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMcpServer, type TestMcpServer } from "../helpers/mcpServer.ts";
import { startSearchServer, type SearchServer } from "../helpers/searchServers.ts";
import { App, SUMMARY } from "./support/app.ts";
import { violations } from "./support/axe.ts";
import type { ChatTab } from "./support/chatTab.ts";
import { look } from "./support/look.ts";

const DAY_MS = 86_400_000;

/** A small model with prices, dollars for a token: one reply may cost 3 cents. */
const facts = {
  context_length: 4_096,
  top_provider: { max_completion_tokens: 1_000 },
  pricing: { prompt: "0.00001", completion: "0.00003" },
};

let app: App;
let tools: TestMcpServer;
let engine: SearchServer;
beforeAll(async () => {
  [tools, engine] = await Promise.all([startMcpServer(), startSearchServer()]);
  const servers = { shop: { url: tools.url }, trusted: { url: tools.url, approval: "never" } };
  const settings = {
    VERBATIM_TOOLS: "calculator,webSearch",
    VERBATIM_MCP_SERVERS: JSON.stringify(servers),
    VERBATIM_SEARXNG_URL: engine.url,
    VERBATIM_BUDGET_DOLLARS_PER_PERSON: "0.5",
  };
  app = await App.start(settings, { facts });
});
afterAll(async () => {
  await app.close();
  await Promise.all([tools.close(), engine.close()]);
});

/** Switches a tool of the chat on or off. */
async function toggle(tab: ChatTab, ...names: string[]): Promise<void> {
  await tab.page.getByRole("button", { name: /^Tools/ }).click();
  for (const name of names) await tab.page.getByRole("menuitemcheckbox", { name }).click();
  await tab.page.keyboard.press("Escape");
}

/** The model calls a tool in answer to this prompt; afterwards it says "You said: …". */
async function modelCalls(tab: ChatTab, prompt: string, name: string, input: unknown): Promise<void> {
  const exchange = await tab.begin(app, prompt, "One moment. ");
  exchange.send({ type: "toolCall", id: `call ${prompt}`, name, input });
  exchange.finish("tool-calls");
}

test("tools are chosen for a chat; a call is seen, opened and cancelled alone; one is allowed from a second tab", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await toggle(tab, "Calculator", "trusted", "shop");
  await tab.button("Tools: 3 on").waitFor();

  await modelCalls(tab, "Six times seven?", "calculator", { expression: "6 * 7" });
  await tab.waitForText("You said: Six times seven?");
  const calculated = tab.lastAnswer.locator("details", { hasText: "Calculator" });
  await calculated.getByText("Done").waitFor();
  await calculated.locator("summary").click();
  await calculated.getByText('"result": 42').waitFor();

  await modelCalls(tab, "Take your time", "trusted__hang", {});
  await tab.lastAnswer.getByText("Running").waitFor();
  await tab.lastAnswer.getByRole("button", { name: "Cancel this step" }).click();
  await tab.lastAnswer.getByText("Cancelled").waitFor();
  await tab.waitForText("You said: Take your time");

  await modelCalls(tab, "Order some tea", "shop__order", { what: "tea" });
  const question = tab.lastAnswer.getByRole("region", { name: "Allow “shop · order”?" });
  await question.getByText('"what": "tea"').waitFor();
  expect(await violations(tab)).toEqual([]);
  expect(tools.calls.filter(({ name }) => name === "order")).toEqual([]);
  const other = await person.openTab(await tab.chatPath());
  await other.lastAnswer.getByRole("button", { name: "Allow", exact: true }).click();
  for (const one of [other, tab]) {
    await one.toFront();
    await one.waitForText("You said: Order some tea");
    await one.lastAnswer.locator("details", { hasText: "shop · order" }).getByText("Done").waitFor();
  }
  expect(tools.calls.filter(({ name }) => name === "order")).toEqual([
    { name: "order", input: { what: "tea" } },
  ]);
  expect(await question.count()).toBe(0);

  await modelCalls(tab, "And coffee", "shop__order", { what: "coffee" });
  // Spoken when it is asked, and whoever answers by the keyboard goes on at the call.
  await tab.lastAnswer.getByRole("alert").getByRole("heading", { name: "Allow “shop · order”?" }).waitFor();
  await tab.lastAnswer.getByRole("button", { name: "Don’t allow" }).press("Enter");
  await tab.eventually(() => tab.page.evaluate(() => document.activeElement?.localName), "summary");
  await tab.waitForText("You said: And coffee");
  await tab.lastAnswer.getByText("Not allowed").waitFor();
  expect(tools.calls.filter(({ name }) => name === "order")).toHaveLength(1);
  await person.close();
});

test("a question that waits is ended by Stop", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await toggle(tab, "shop");
  await modelCalls(tab, "Order milk", "shop__order", { what: "milk" });
  const allow = tab.lastAnswer.getByRole("button", { name: "Allow", exact: true });
  await allow.waitFor();
  await tab.button("Stop").click();
  await tab.ending("You stopped this reply.").waitFor();
  await tab.lastAnswer.getByText("Cancelled").waitFor();
  expect(await allow.count()).toBe(0);
  await person.close();
});

/** Rows of calls: the model has made them at once, and they run. */
const callOf = (tab: ChatTab, name: string) =>
  tab.lastAnswer.locator("div", { has: tab.page.locator("details", { hasText: name }) }).last();

test("[G16] a search is seen live, another step cancelled; a phone allows a call a day and a restart later; what it cost, and the budget's end", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await toggle(tab, "Web search", "trusted", "shop");
  engine.behaviour.pages = [1, 2, 3].map((n) => ({
    ...{ title: `Tea ${n}: how it is grown and made`, url: `https://tea.test/${n}`, text: "About tea" },
  }));
  let release = () => {};
  engine.behaviour.held = new Promise((resolve) => (release = resolve));
  const exchange = await tab.begin(app, "What is tea?", "I will look it up. ");
  exchange.send({ type: "toolCall", id: "one", name: "webSearch", input: { query: "tea" } });
  exchange.send({ type: "toolCall", id: "two", name: "trusted__hang", input: {} });
  exchange.finish("tool-calls");
  await expect.poll(() => tab.lastAnswer.getByText("Running").count()).toBe(2);
  await look(tab.page, "running");
  await callOf(tab, "trusted · hang").getByRole("button", { name: "Cancel this step" }).click();
  await callOf(tab, "trusted · hang").getByText("Cancelled").waitFor();
  await callOf(tab, "Web search").getByText("Running").waitFor();
  release();
  await tab.waitForText("You said: What is tea?");
  await tab.lastAnswer.getByRole("region", { name: "Sources" }).getByRole("link").nth(2).waitFor();

  await modelCalls(tab, "Order some, please", "shop__order", { what: "green tea" });
  await tab.lastAnswer.getByRole("button", { name: "Allow", exact: true }).waitFor();
  const phone = await app.otherDevice(person, {
    ...{ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true, colorScheme: "dark" },
  });
  await person.close();
  await app.killAndRestart({ laterMs: DAY_MS });
  await phone.context.clock.install({ time: Date.now() + DAY_MS });
  const there = await phone.openTab();
  const { page } = there;
  await there.showChats();
  await page.getByRole("region", { name: "Yesterday" }).waitFor();
  await look(page, "list");
  await there.chat("What is tea? Needs your approval").click();
  const allow = there.lastAnswer.getByRole("button", { name: "Allow", exact: true });
  await allow.waitFor();
  await look(page, "question");
  const before = tools.calls.length;
  await allow.click();
  await there.waitForText("You said: Order some, please");
  await there.waitForEnd();
  expect(tools.calls.slice(before)).toEqual([{ name: "order", input: { what: "green tea" } }]);

  await there.lastAnswer.getByRole("button", { name: "Usage" }).click();
  const usage = page.getByRole("dialog", { name: "Usage" });
  await usage.getByRole("row", { name: /^Cost \$0\.000/ }).waitFor();
  await usage.getByText("left of your budget of $0.50").waitFor();
  await page.setViewportSize({ width: 390, height: 800 });
  const [sheet, table] = [await usage.boundingBox(), await usage.getByRole("table").boundingBox()];
  const rightOf = (box: typeof sheet) => (box?.x ?? 0) + (box?.width ?? 0);
  expect(rightOf(table)).toBeLessThan(rightOf(sheet));
  await look(page, "usage");
  await page.keyboard.press("Escape");

  const story = app.stepAnswerTo("Tell me a story");
  await there.send("Tell me a story");
  const costly = await story;
  const choices = [{ index: 0, delta: { content: "Once." }, finish_reason: "stop" }];
  const told = { prompt_tokens: 47_500, completion_tokens: 10 };
  costly.raw(`data: ${JSON.stringify({ id: "1", choices, usage: told })}\n\ndata: [DONE]\n\n`);
  costly.end();
  await there.waitForText("Once.");
  await there.free();
  await page.getByText("left of your budget for this month. It renews on 1").waitFor();
  await there.send("Another one?");
  await page.getByText(/This message was not sent\. What is left of your budget .* is too little/).waitFor();
  await look(page, "refused");
  await there.button("Back to the composer").click();
  expect(await there.composer.inputValue()).toBe("Another one?");
  expect(app.requestsFor("Another one?")).toBe(0);
  await phone.close();
});

test("where a model has a summary of what is above, a line says so, and it can be read", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const long = "Some more words about the history of tea in China and Japan. ".repeat(45);
  for (let n = 0; n < 3; n++) await tab.ask(`${n}. ${long}`);
  await tab.eventually(() => Promise.resolve(app.requestsForSummaries()), 1);
  await tab.page.getByText("The model no longer sees what is above this line").waitFor();
  // It is stored a moment after the model has told it.
  await tab.eventually(async () => {
    await tab.ask("And then?");
    return await tab.page.getByText("The model has a summary of what is above this line").count();
  }, 1);
  const read = tab.button("Read it");
  await look(tab.page, "line", read);
  await read.click();
  await tab.page.getByRole("dialog", { name: "Summary" }).getByText(SUMMARY).waitFor();
  await person.close();
});
