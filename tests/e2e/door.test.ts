/** [G11, G14] The locked door: a server that others can reach is set up with its code, and people come in by invitations. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { App, type Person } from "./support/app.ts";
import { violations } from "./support/axe.ts";

const PASSWORD = "correct horse battery";

let app: App;
beforeAll(async () => {
  app = await App.start({ VERBATIM_GUESTS: "", HOST: "0.0.0.0" });
});
afterAll(() => app.close());

/** A page that need not show a composer. */
async function open(person: Person, path: string): Promise<Page> {
  const page = await person.context.newPage();
  await page.goto(new URL(path, app.server.url).href);
  return page;
}

async function fill(page: Page, fields: Record<string, string>, button: string): Promise<void> {
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole("button", { name: button, exact: true }).click();
}

const account = (name: string) => ({
  "Your name": name,
  "User name or e-mail address": name,
  "New password": PASSWORD,
});

async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await violations({ page })).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const folder = process.env["SCREENSHOTS"];
      if (folder) {
        const name = (await page.getByRole("heading").first().textContent()) ?? "page";
        await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png` });
      }
    }
  }
}

test("[G14] set up with the code, signed out on another device while an answer streams, and back where one was", async () => {
  const code = /this code: (\S+)/.exec(app.server.output())?.[1] ?? "";
  const owner = await app.person();
  const page = await open(owner, "/");
  await page.getByRole("heading", { name: "Set up this server" }).waitFor();
  await expectAccessible(page);
  await fill(page, { Code: "WRON-GCOD-EWRO-NGCO", ...account("grace") }, "Make an account");
  await page.getByRole("alert").getByText("not the code").waitFor();
  await fill(page, { Code: code, ...account("grace") }, "Make an account");
  const tab = await owner.openTab();

  const elsewhere = await app.person();
  const other = await open(elsewhere, "/");
  await other.getByRole("heading", { name: "Sign in" }).waitFor();
  await expectAccessible(other);
  await fill(other, { "User name or e-mail address": "grace", Password: "wrong horse battery" }, "Sign in");
  await other.getByRole("alert").getByText("is wrong").waitFor();
  await fill(other, { "User name or e-mail address": "grace", Password: PASSWORD }, "Sign in");
  const otherTab = await elsewhere.openTab();
  const asked = app.stepAnswerTo("Streams on");
  await otherTab.send("Streams on");
  const exchange = await asked;
  exchange.text("Half of it ");
  await otherTab.waitForText("Half of it");
  const place = await otherTab.chatPath();
  await otherTab.write("Typed meanwhile");

  await tab.page.keyboard.press("Control+,");
  const devices = tab.page.getByRole("region", { name: "Devices" });
  await devices.getByRole("button", { name: "Sign out everywhere else" }).click();
  await otherTab.page.getByText("Your session has ended.").waitFor();
  exchange.text("and the rest");
  exchange.finish();
  await fill(otherTab.page, { "User name or e-mail address": "grace", Password: PASSWORD }, "Sign in");
  await otherTab.waitForText("Half of it and the rest");
  expect(await otherTab.chatPath()).toBe(place);
  expect(await otherTab.composer.inputValue()).toBe("Typed meanwhile");
  expect(app.requestsFor("Streams on")).toBe(1);

  // The chats as a file.
  const [download] = await Promise.all([
    tab.page.waitForEvent("download"),
    tab.page.getByRole("button", { name: "Download as JSON" }).click(),
  ]);
  const { chats } = JSON.parse(await readFile(await download.path(), "utf8")) as { chats: object[] };
  expect(chats).toMatchObject([{ title: "Streams on", messages: [{ role: "USER" }, { role: "ASSISTANT" }] }]);

  // An invitation: one use.
  await tab.page
    .getByRole("region", { name: "Account" })
    .getByRole("button", { name: "Invite somebody" })
    .click();
  await tab.page.getByRole("button", { name: "Invite somebody" }).click();
  const address = await tab.page.getByLabel("Link").inputValue();
  await expectAccessible(tab.page);
  const [ada, eve] = [await app.person(), await app.person()];
  const join = await open(ada, address);
  await join.getByRole("heading", { name: "Make your account" }).waitFor();
  await expectAccessible(join);
  await fill(join, account("ada"), "Make an account");
  await join.getByRole("textbox", { name: "Message", exact: true }).waitFor();
  await join.getByText("Your chats will appear here.").waitFor();
  const late = await open(eve, address);
  await fill(late, account("eve"), "Make an account");
  await late.getByRole("alert").getByText("has been used").waitFor();
  await Promise.all([owner, elsewhere, ada, eve].map((person) => person.close()));
});
