/** [G7, G11] The owner's page: people are invited, disabled and deleted while they write, and what an admin sees is never a chat. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProviderServer, type ProviderServer } from "../helpers/providerServer.ts";
import { App } from "./support/app.ts";
import { look } from "./support/look.ts";

const PASSWORD = "correct horse battery";
const KEY = "sk-page-7f3kQ9zXw2LmAbCd";
const LOGIN = "User name or e-mail address";

let app: App;
let providers: ProviderServer;
beforeAll(async () => {
  providers = await startProviderServer();
  app = await App.start({ VERBATIM_GUESTS: "", HOST: "0.0.0.0" });
});
afterAll(async () => {
  await app.close();
  await providers.close();
});

async function fill(page: Page, fields: Record<string, string>, button: string): Promise<void> {
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole("button", { name: button, exact: true }).click();
}

const account = (name: string) => ({ "Your name": name, [LOGIN]: name, "New password": PASSWORD });
const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true }).first();

test("[G7, G11] invited, disabled and deleted while writing; each section in both themes and widths", async () => {
  const code = /this code: (\S+)/.exec(app.server.output())?.[1] ?? "";
  const [owner, ada] = [await app.person(), await app.person()];
  const page = await owner.context.newPage();
  await page.goto(app.server.url);
  await fill(page, { Code: code, ...account("grace") }, "Make an account");
  await page.getByRole("textbox", { name: "Message", exact: true }).waitFor();

  // By the keyboard from the settings.
  await page.keyboard.press("Control+,");
  await page.getByRole("button", { name: "Manage this server" }).press("Enter");
  const people = section(page, "People");
  await people.getByText("grace").waitFor();
  await people.getByRole("radio", { name: "Admin" }).click();
  await people.getByRole("radio", { name: "Member" }).click();
  await people.getByLabel("The link works for").selectOption("30");
  await people.getByRole("button", { name: "Make the link" }).click();
  const address = await people.getByLabel("Link", { exact: true }).inputValue();

  const join = await ada.context.newPage();
  await join.goto(address);
  await fill(join, account("ada"), "Make an account");
  await join.getByRole("textbox", { name: "Message", exact: true }).waitFor();
  await people.getByText("ada", { exact: true }).waitFor();
  await join.goto(new URL("/owner/people", app.server.url).href);
  await join.getByText("This page is for the owner of this server").waitFor();
  await join.close();
  const tab = await ada.openTab();
  await tab.send("A secret question");
  await tab.waitForText("You said: A secret question");
  await people.getByRole("button", { name: "Make the link" }).click();

  for (const name of [
    "Invitations",
    "Who may come in",
    "Storage and usage",
    "Limits",
    "Health",
    "Audit",
    "People",
  ]) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("link", { name, exact: true }).click();
    const open = section(page, name);
    await open.getByRole("heading", { name }).waitFor();
    await expect.poll(() => open.getByText("Loading…").count()).toBe(0);
    await look(page, name.replaceAll(" ", "-"));
    expect(await open.textContent()).not.toContain("secret");
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  // A limit, which says what it may be.
  await page.getByRole("link", { name: "Limits", exact: true }).click();
  const limits = section(page, "Limits");
  await limits.getByRole("button", { name: "Change: Uploads (Each person)" }).press("Enter");
  const field = limits.getByRole("textbox", { name: "Uploads" });
  await field.fill("0");
  expect(await limits.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  await look(page, "limit");
  await field.fill("5");
  await field.press("Enter");
  await limits.getByText("5 a minute", { exact: true }).waitFor();
  await limits.getByText("Set here · VERBATIM_UPLOADS_PER_MINUTE").waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("link", { name: "People", exact: true }).click();

  // Disabled while a reply streams: it stops, the page says that the session has ended, and signing in says why.
  const asked = app.stepAnswerTo("Streams on");
  await tab.send("Streams on");
  const exchange = await asked;
  exchange.text("Half of it ");
  await tab.waitForText("Half of it");
  const actions = page.getByRole("button", { name: "Actions for ada" });
  await actions.click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await people.getByText("Disabled").waitFor();
  await tab.page.getByText("Your session has ended.").waitFor();
  expect(await exchange.closed).toBe("client");
  await fill(tab.page, { [LOGIN]: "ada", Password: PASSWORD }, "Sign in");
  await tab.page.getByRole("alert").getByText("This account is disabled.").waitFor();
  await actions.click();
  await page.getByRole("menuitem", { name: "Enable" }).click();
  await expect.poll(() => people.getByText("Disabled").count()).toBe(0);
  await fill(tab.page, { [LOGIN]: "ada", Password: PASSWORD }, "Sign in");
  await tab.waitForText("Half of it");

  await actions.click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  const sheet = page.getByRole("dialog", { name: "Delete ada?" });
  await look(page, "delete");
  await page.setViewportSize({ width: 1280, height: 800 });
  await sheet.getByRole("button", { name: "Delete for good" }).click();
  await tab.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await expect.poll(() => people.getByText("ada", { exact: true }).count()).toBe(0);
  await page.getByRole("link", { name: "Audit" }).click();
  await page.getByText("Deleted a person: ada (member)").waitFor();

  // Where the sections are one line, longer than the screen, the open one is in view: after the screen has turned, and after a reload.
  const open = page.getByRole("link", { name: "Audit", exact: true });
  const isInView = () =>
    open.evaluate((tab) => {
      const { left, right } = tab.getBoundingClientRect();
      return left >= 0 && right <= innerWidth;
    });
  await page.setViewportSize({ width: 390, height: 800 });
  await expect.poll(isInView).toBe(true);
  await page.reload();
  await expect.poll(isInView).toBe(true);
  await page.getByText("Changed a limit (Each person, Uploads: 5 a minute)").waitFor();
  await Promise.all([owner.close(), ada.close()]);
});

test("[G11] a provider is added by the keyboard, answers in a chat, and is removed; its key is on no page", async () => {
  const owner = await app.person();
  const page = await owner.context.newPage();
  await page.goto(new URL("/owner/providers", app.server.url).href);
  await fill(page, { [LOGIN]: "grace", Password: PASSWORD }, "Sign in");
  const all = section(page, "Providers");
  await all.getByText("Set by OPENAI_API_KEY").waitFor();
  await all.getByRole("button", { name: "Add a provider" }).press("Enter");
  const form = all.getByRole("form", { name: "Add a provider" });
  await form.getByLabel("Kind").selectOption("openrouter");
  expect(await form.getByLabel("Short name").inputValue()).toBe("openrouter");
  await form.getByLabel("Name", { exact: true }).fill("Our router");
  await form.getByLabel("API key").fill(KEY);
  const baseURL = form.getByLabel("Base URL");
  await baseURL.fill("router");
  await baseURL.press("Enter");
  // What is wrong stands at its field.
  await form.getByText("This is no web address").waitFor();
  await expect.poll(() => baseURL.evaluate((field) => field === document.activeElement)).toBe(true);
  await look(page, "provider-form", baseURL);
  await baseURL.fill(providers.url("openrouter"));
  await baseURL.press("Enter");
  await all.getByText("40 models").waitFor();
  await all.getByRole("button", { name: "Edit: Our router" }).press("Enter");
  await all.getByText("API key: Set").waitFor();
  expect(await page.content()).not.toContain(KEY);
  await all.getByRole("button", { name: "Cancel" }).press("Enter");

  // In the picker at once.
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "New chat" }).first().click();
  await page.getByRole("button", { name: /^Model: / }).click();
  const menu = page.getByRole("menu", { name: "Model" });
  await menu.getByText("Lab 3: Model 24").click();
  const composer = page.getByRole("textbox", { name: "Message", exact: true });
  await composer.fill("From the page");
  await composer.press("Enter");
  await page.getByText("Said by openrouter's lab-3/model-24.").waitFor();
  expect(providers.requests.find(({ body }) => body.includes("From the page"))?.headers).toContain(KEY);

  await page.goto(new URL("/owner/providers", app.server.url).href);
  await all.getByText("40 models").waitFor();
  providers.down.add("openrouter");
  await all.getByRole("button", { name: "Check again" }).click();
  await all.getByText("Down for maintenance").waitFor();
  await look(page, "provider-down");
  await all.getByRole("button", { name: "Remove: Our router" }).click();
  const sheet = page.getByRole("dialog", { name: "Remove Our router?" });
  await sheet.getByRole("button", { name: "Remove" }).click();
  await expect.poll(() => all.getByText("Our router").count()).toBe(0);
  await page.goto(new URL("/owner/audit", app.server.url).href);
  await page.getByText("Removed a provider (openrouter)").waitFor();
  await owner.close();
});
