/** Tools as a person meets them: chosen for a chat, seen at work, cancelled one by one, and allowed from another tab. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMcpServer, type TestMcpServer } from "../helpers/mcpServer.ts";
import { App } from "./support/app.ts";
import { violations } from "./support/axe.ts";
import type { ChatTab } from "./support/chatTab.ts";

let app: App;
let tools: TestMcpServer;
beforeAll(async () => {
  tools = await startMcpServer();
  const servers = { shop: { url: tools.url }, trusted: { url: tools.url, approval: "never" } };
  app = await App.start({ VERBATIM_TOOLS: "calculator", VERBATIM_MCP_SERVERS: JSON.stringify(servers) });
});
afterAll(async () => {
  await app.close();
  await tools.close();
});

/** Switches a tool of the chat on or off. */
async function toggle(tab: ChatTab, ...names: string[]): Promise<void> {
  await tab.page.getByRole("button", { name: /^Tools/ }).click();
  for (const name of names) await tab.page.getByRole("menuitemcheckbox", { name }).click();
  await tab.page.keyboard.press("Escape");
}

/** The model calls a tool in answer to this prompt; afterwards it says "You said: …". */
async function modelCalls(tab: ChatTab, prompt: string, name: string, input: unknown): Promise<void> {
  const asked = app.stepAnswerTo(prompt);
  await tab.send(prompt);
  const exchange = await asked;
  exchange.text("One moment. ");
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

test("a question survives the server's restart; Stop ends it; where nothing is offered there is no control", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  await toggle(tab, "shop");
  await modelCalls(tab, "Order milk", "shop__order", { what: "milk" });
  const allow = tab.lastAnswer.getByRole("button", { name: "Allow", exact: true });
  await allow.waitFor();
  await app.killAndRestart();
  await tab.page.reload();
  await allow.waitFor();
  await tab.button("Stop").click();
  await tab.ending("You stopped this reply.").waitFor();
  await tab.lastAnswer.getByText("Cancelled").waitFor();
  expect(await allow.count()).toBe(0);
  await person.close();
});
