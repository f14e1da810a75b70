/** [G11, G14] Signing in by a real OpenID Connect provider, in the browser; and API tokens, made in the settings and used by a script. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../helpers/server.ts";
import { startOidcServer, type OidcServer } from "../helpers/oidcServer.ts";
import { App, type Person } from "./support/app.ts";
import { violations } from "./support/axe.ts";

const GROUPS: Record<string, string[]> = { grace: [], ada: ["staff"], eve: ["others"] };
const people = Object.fromEntries(
  Object.keys(GROUPS).map((name) => [
    name,
    {
      ...{ name, email: `${name}@example.org`, email_verified: true },
      get groups() {
        return GROUPS[name];
      },
    },
  ]),
);

let provider: OidcServer;
let app: App;
beforeAll(async () => {
  const port = await freePort();
  provider = await startOidcServer(`http://127.0.0.1:${port}`, people);
  app = await App.start(
    { VERBATIM_GUESTS: "", ...provider.settings, VERBATIM_OIDC_MEMBER_GROUPS: "staff" },
    { atPort: port },
  );
});
afterAll(async () => {
  await app.close();
  await provider.close();
});

async function open(person: Person, path = "/"): Promise<Page> {
  const page = await person.context.newPage();
  await page.goto(new URL(path, app.server.url).href);
  return page;
}

/** On the provider's page. */
async function giveName(page: Page, name: string): Promise<void> {
  await page.getByRole("heading", { name: "Example ID" }).waitFor();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const composer = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });

async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations({ page })).toEqual([]);
    const folder = process.env["SCREENSHOTS"];
    if (folder) await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true });
  }
}

test("a machine's owner connects a provider; then people come in by it, each to their own, or are told why not", async () => {
  const owner = await app.person();
  const tab = await owner.openTab();
  await tab.send("Before");
  await tab.waitForText("You said: Before");
  const place = await tab.chatPath();
  const { page } = tab;
  await page.keyboard.press("Control+,");
  const account = page.getByRole("region", { name: "Account" });
  await account.getByRole("button", { name: "Connect with Example ID" }).click();
  await giveName(page, "grace");
  await tab.waitForText("You said: Before");
  expect(await tab.chatPath()).toBe(place);
  await page.keyboard.press("Control+,");
  await account.getByText("Signed in as grace").waitFor();
  await look(page, "settings");

  // The door is locked now: back where one was, by the provider.
  await account.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await look(page, "sign-in");
  await page.getByRole("button", { name: "Continue with Example ID" }).click();
  // The provider still knows her.
  await tab.waitForText("You said: Before");
  expect(await tab.chatPath()).toBe(place);

  // A member by a group. Their return is of no use to anybody else, nor to themselves once more.
  const [ada, eve] = [await app.person(), await app.person({ locale: "de-DE" })];
  const adas = await open(ada);
  const returned = adas.waitForRequest((request) => request.url().includes("/oidc?"));
  await adas.getByRole("button", { name: "Continue with Example ID" }).click();
  await giveName(adas, "ada");
  await composer(adas).waitFor();
  await adas.getByText("Your chats will appear here.").waitFor();
  expect(new URL(adas.url()).search).toBe("");
  const address = (await returned).url();
  for (const person of [ada, eve]) {
    const replayed = await open(person, address);
    await replayed
      .getByRole("alert")
      .getByText(/another browser|anderen Browser/)
      .waitFor();
    expect(new URL(replayed.url()).search).toBe("");
    await replayed.close();
  }

  // In German, and in no group.
  const eves = await open(eve);
  await eves.getByRole("heading", { name: "Anmelden" }).waitFor();
  await look(eves, "sign-in-german");
  await eves.getByRole("button", { name: "Weiter mit Example ID" }).click();
  await giveName(eves, "eve");
  await eves.getByRole("alert").getByText("noch kein Konto").waitFor();
  await look(eves, "refused-german");

  // Who has left the group is out at the next sign-in, everywhere.
  GROUPS["ada"] = [];
  const again = await app.person();
  const late = await open(again);
  await late.getByRole("button", { name: "Continue with Example ID" }).click();
  await giveName(late, "ada");
  await late.getByRole("alert").getByText("have no account here yet").waitFor();
  await adas.getByRole("heading", { name: "Sign in" }).waitFor();

  // A token for a script, which is shown once and works until it is revoked.
  await page.keyboard.press("Control+,");
  const tokens = page.getByRole("region", { name: "API tokens" });
  // By keys alone: each step begins where the last one has led.
  await tokens.getByRole("button", { name: "Make a token" }).press("Enter");
  await tokens.getByLabel("What it is for").and(page.locator(":focus")).fill("Editor");
  await page.keyboard.press("Enter");
  await tokens.getByLabel("Token", { exact: true }).and(page.locator(":focus")).waitFor();
  const token = await tokens.getByLabel("Token", { exact: true }).inputValue();
  await look(page, "token");
  const ask = () =>
    fetch(new URL("/v1/chat/completions", app.server.url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ messages: [{ role: "user", content: "By a script" }] }),
    });
  const answer = (await (await ask()).json()) as { choices: { message: { content: string } }[] };
  expect(answer.choices[0]?.message.content).toBe("You said: By a script");
  await tokens.getByRole("button", { name: "Done" }).click();
  await tokens.getByRole("button", { name: "Revoke Editor" }).press("Enter");
  await tokens.getByRole("button", { name: "Revoke Editor" }).waitFor({ state: "detached" });
  await tokens.getByRole("button", { name: "Make a token" }).and(page.locator(":focus")).waitFor();
  expect((await ask()).status).toBe(401);

  await provider.close();
  await adas.getByRole("button", { name: "Continue with Example ID" }).click();
  await adas.getByRole("alert").getByText("Signing in there failed").waitFor();
  await Promise.all([owner, ada, eve, again].map((person) => person.close()));
});
