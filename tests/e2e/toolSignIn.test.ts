/** A tool server that one signs in to, and web search with its sources, as a person meets them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSearchServer, type SearchServer } from "../helpers/searchServers.ts";
import { startSignInServer, type SignInServer } from "../helpers/signInServer.ts";
import { App } from "./support/app.ts";
import { violations } from "./support/axe.ts";

let app: App;
let shop: SignInServer;
let engine: SearchServer;
beforeAll(async () => {
  [shop, engine] = await Promise.all([startSignInServer(), startSearchServer()]);
  const servers = { shop: { url: shop.mcp.url, signIn: true, approval: "never" } };
  app = await App.start({
    VERBATIM_MCP_SERVERS: JSON.stringify(servers),
    VERBATIM_SEARXNG_URL: engine.url,
    VERBATIM_TOOLS: "webSearch",
  });
});
afterAll(async () => {
  await app.close();
  await Promise.all([shop.close(), engine.close()]);
});

test("one signs in at the server's page and comes back to the chat; what the server withdraws is asked for again", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  const { page } = tab;
  await tab.ask("Hello");
  const path = await tab.chatPath();
  await page.getByRole("button", { name: /^Tools/ }).click();
  await page.getByRole("menuitemcheckbox", { name: "shop" }).click();
  await page.keyboard.press("Escape");
  await page.getByText("Sign in to shop to use its tools in this chat.").waitFor();
  expect(await violations(tab)).toEqual([]);

  await tab.button("Sign in to shop").click();
  await page.getByRole("heading", { name: "Let Verbatim order tea for you?" }).waitFor();
  await page.getByRole("link", { name: "Allow" }).click();
  await page.getByText("You are signed in to shop.").waitFor();
  expect(await tab.chatPath()).toBe(path);
  expect(page.url()).not.toContain("code=");
  expect(await tab.button("Sign in to shop").count()).toBe(0);

  shop.expire();
  const asked = app.stepAnswerTo("Order tea");
  await tab.send("Order tea");
  const exchange = await asked;
  exchange.send({ type: "toolCall", id: "one", name: "shop__order", input: { what: "tea" } });
  exchange.finish("tool-calls");
  await tab.waitForText("You said: Order tea");
  expect(shop.mcp.calls).toEqual([{ name: "order", input: { what: "tea" } }]);

  shop.revoke();
  await tab.ask("Again");
  await page.getByText("Your sign-in to shop has ended.").waitFor();
  await tab.button("Sign in again to shop").click();
  await page.getByRole("link", { name: "No" }).click();
  await page.getByText("You were not signed in").waitFor();
  expect(await tab.chatPath()).toBe(path);
  await person.close();
});

test("[G8] a search's pages are the answer's sources, and its numbers lead there", async () => {
  const person = await app.person();
  const tab = await person.openTab();
  engine.behaviour.pages = [1, 2, 3].map((n) => ({
    ...{ title: `Tea ${n}`, url: `https://tea.test/${n}`, text: "About tea" },
  }));
  await tab.page.getByRole("button", { name: /^Tools/ }).click();
  await tab.page.getByRole("menuitemcheckbox", { name: "Web search" }).click();
  await tab.page.keyboard.press("Escape");
  const asked = app.stepAnswerTo("What is [3]?");
  await tab.send("What is [3]?");
  const exchange = await asked;
  exchange.send({ type: "toolCall", id: "one", name: "webSearch", input: { query: "tea" } });
  exchange.finish("tool-calls");
  await tab.waitForText("You said: What is [3]?");
  const link = tab.lastAnswer.getByRole("link", { name: "[3]" });
  expect(await link.getAttribute("href")).toBe("https://tea.test/3");
  const list = tab.lastAnswer.getByRole("region", { name: "Sources" });
  await list.getByRole("link").last().waitFor();
  expect(await list.getByRole("link").allTextContents()).toEqual(["Tea 1", "Tea 2", "Tea 3"]);
  expect(engine.asked).toMatchObject([{ engine: "searxng", query: "tea" }]);
  await person.close();
});
