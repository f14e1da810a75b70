/** [G7, G11] The owner's page: people are invited, disabled and deleted while they write, and what an admin sees is never a chat. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { App } from "./support/app.ts";
import { look } from "./support/look.ts";

const PASSWORD = "correct horse battery";
const LOGIN = "User name or e-mail address";

let app: App;
beforeAll(async () => {
  app = await App.start({ VERBATIM_GUESTS: "", HOST: "0.0.0.0" });
});
afterAll(() => app.close());

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
  await page.getByText("Changed a limit (Each person, Uploads: 5 a minute)").waitFor();
  await Promise.all([owner.close(), ada.close()]);
});
