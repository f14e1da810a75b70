/** [G11, G14] Signing in by an OpenID Connect provider: who comes in, as whom, and what is refused. The flow with a real one: `tests/e2e/oidc.test.ts`. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import { CLIENT_ID, FakeIssuer, ISSUER } from "./fakeIssuer.ts";
import { pass, until, useFakeTime } from "./fakeTime.ts";
import { useSigningKeys } from "./signingKeys.ts";
import { expectFailure, send } from "./support.ts";

const CODE = "ABCD-EFGH-JKMN-PQRS";
const PASSWORD = "correct horse battery";
const ORIGIN = "https://chat.example.org";

useSigningKeys();
useFakeTime();

let t: TestBackend;
let issuer: FakeIssuer;
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
  issuer = new FakeIssuer();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const NOTHING_SET = {
  ...{ VERBATIM_GUESTS: "", VERBATIM_SIGN_UP: "", VERBATIM_LOCAL_OWNER: "", SITE_URL: "" },
  VERBATIM_SETUP_CODE: CODE,
  VERBATIM_OIDC_ISSUER: ISSUER,
  VERBATIM_OIDC_CLIENT_ID: CLIENT_ID,
  VERBATIM_OIDC_CLIENT_SECRET: "secret",
  VERBATIM_OIDC_NAME: "Example ID",
  ...{ VERBATIM_OIDC_ADMIN_GROUPS: "", VERBATIM_OIDC_MEMBER_GROUPS: "", VERBATIM_OIDC_GROUPS_CLAIM: "" },
  VERBATIM_OIDC_TRUST_EMAIL: "",
};

/** An empty backend with these settings, which an engine reads once. */
function start(settings: Record<string, string> = {}): void {
  for (const [name, value] of Object.entries({ ...NOTHING_SET, ...settings })) vi.stubEnv(name, value);
  t = newBackend();
}

/** One that has its owner. */
async function startWithOwner(settings?: Record<string, string>) {
  start(settings);
  return await setUp();
}
const OPEN = { VERBATIM_SIGN_UP: "open" };

type Caller = Pick<TestBackend, "action">;

async function signIn(by: Caller, provider: string, params: object) {
  const { tokens } = await by.action(api.auth.signIn, { provider, params });
  const { sub } = JSON.parse(atob(tokens!.token.split(".")[1] ?? "")) as { sub: string };
  const userId = sub.split("|")[0] as Id<"users">;
  return Object.assign(t.withIdentity({ subject: sub }), { userId, subject: sub });
}

/** Somebody who has been sent to the provider, and back. */
async function goThere(by: Caller = t) {
  const { url, secret } = await by.action(api.oidc.begin, { origin: ORIGIN });
  return { query: issuer.authorize(url), secret, url };
}

/** Signs the person of these claims in. */
async function come(claims: object, { by = t, right }: { by?: Caller; right?: object } = {}) {
  issuer.claims = { ...claims };
  const { query, secret } = await goThere(by);
  return await signIn(by, "oidc", { query, secret, ...(right && { right }) });
}

/** An owner with a password, which nobody here types: hashing one takes its time. */
async function setUp() {
  const { userId, session } = await t.run(async (ctx) => {
    const userId = await ctx.db.insert("users", { name: "Owner" });
    await ctx.db.insert("people", { userId, role: "owner" });
    const account = { provider: "password", providerAccountId: "owner@example.org", secret: "x" };
    await ctx.db.insert("authAccounts", { userId, ...account });
    const session = await ctx.db.insert("authSessions", { userId, expirationTime: Date.now() + 1e9 });
    return { userId, session };
  });
  const subject = `${userId}|${session}`;
  return Object.assign(t.withIdentity({ subject }), { userId, subject });
}

const people = () => t.run((ctx) => ctx.db.query("people").collect());

describe("[G11] the flow", () => {
  test("leaves with state, nonce and PKCE, for the provider's page; the same person comes back to the same account", async () => {
    await startWithOwner(OPEN);
    const { url } = await goThere();
    const asked = Object.fromEntries(new URL(url).searchParams);
    expect(url.startsWith(`${ISSUER}/authorize?`)).toBe(true);
    expect(asked).toMatchObject({
      ...{ response_type: "code", client_id: CLIENT_ID, redirect_uri: `${ORIGIN}/oidc` },
      ...{ scope: "openid profile email", code_challenge_method: "S256" },
    });
    const first = await come({ sub: "ada", name: "Ada" });
    await send(first, "Mine");
    const again = await come({ sub: "ada", name: "Ada Lovelace" });
    expect(again.userId).toBe(first.userId);
    expect(await again.query(api.accounts.me, {})).toMatchObject({ role: "member", name: "Ada Lovelace" });
    const [device] = await again.query(api.accounts.devices, {});
    expect(device?.openedBy).toBe("oidc");
    expect((await come({ sub: "bob" })).userId).not.toBe(first.userId);
  });

  test("a return that is replayed, of another browser, or made up is refused before the provider is asked", async () => {
    await startWithOwner(OPEN);
    const { query, secret } = await goThere();
    const attacker = await goThere();
    await expectFailure(signIn(t, "oidc", { query, secret: attacker.secret }), "SIGN_IN_ENDED");
    await expectFailure(signIn(t, "oidc", { query: "code=x&state=y", secret }), "SIGN_IN_ENDED");
    // Two at the same moment.
    const both = await Promise.allSettled([1, 2].map(() => signIn(t, "oidc", { query, secret })));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(issuer.tokenRequests).toBe(1);
    await expectFailure(signIn(t, "oidc", { query, secret }), "SIGN_IN_ENDED");
    expect(issuer.tokenRequests).toBe(1);
    const listed = await t.run((ctx) => ctx.db.query("auditEvents").collect());
    expect(listed.map(({ kind, detail }) => [kind, detail])).toEqual([
      ["signInFailed", "oidc"],
      ["signInFailed", "oidc"],
      ...[expect.anything(), expect.anything(), expect.anything()],
      ["signInFailed", "oidc"],
    ]);
  });

  test("an attempt ends after fifteen minutes, and is deleted when another begins", async () => {
    start();
    const { query, secret } = await goThere();
    await pass(15 * 60_000 + 1_000, 60_000);
    await expectFailure(signIn(t, "oidc", { query, secret }), "SIGN_IN_ENDED");
    await goThere();
    expect(await t.run((ctx) => ctx.db.query("oidcAttempts").collect())).toHaveLength(1);
  });

  test.each([
    ["another nonce", { nonce: "other" }],
    ["another issuer", { iss: "https://evil.example" }],
    ["another client's", { aud: "somebody-else" }],
    ["an ended one", { exp: 1_000 }],
  ])("an ID token with %s lets nobody in", async (_what, wrong) => {
    await startWithOwner(OPEN);
    issuer.wrong = wrong;
    await expectFailure(come({ sub: "ada" }), "PROVIDER_FAILED");
    expect(await people()).toHaveLength(1);
  });

  test("an ID token of another key, an issuer of another name, and a response in another's name let nobody in", async () => {
    await startWithOwner(OPEN);
    const { query, secret } = await goThere();
    issuer.discovery = { authorization_response_iss_parameter_supported: true };
    const mixedUp = new URLSearchParams(query);
    mixedUp.set("iss", "https://evil.example");
    await expectFailure(signIn(t, "oidc", { query: mixedUp.toString(), secret }), "PROVIDER_FAILED");
    issuer.discovery = { issuer: "https://evil.example" };
    await expectFailure(goThere(), "PROVIDER_FAILED");
    issuer.discovery = {};
    await issuer.forge();
    await expectFailure(come({ sub: "ada" }), "PROVIDER_FAILED");
    expect(await people()).toHaveLength(1);
  });

  test("a provider that is down, a code that has expired, a person who says no: told, and nobody comes in", async () => {
    await startWithOwner();
    const first = await goThere();
    issuer.expire();
    await expectFailure(signIn(t, "oidc", first), "PROVIDER_FAILED");
    const second = await goThere();
    const denied = new URLSearchParams({ error: "access_denied" });
    denied.set("state", new URLSearchParams(second.query).get("state") ?? "");
    await expectFailure(signIn(t, "oidc", { ...second, query: denied.toString() }), "PROVIDER_FAILED");
    const third = await goThere();
    issuer.isDown = true;
    await expectFailure(signIn(t, "oidc", third), "PROVIDER_FAILED");
    await expectFailure(goThere(), "PROVIDER_FAILED");
  });

  test("comes back to this server's own address only, where it is known", async () => {
    start();
    await expectFailure(t.action(api.oidc.begin, { origin: "https://x.example/path" }), "INVALID_INPUT");
    await expectFailure(t.action(api.oidc.begin, { origin: "javascript:x" }), "INVALID_INPUT");
    // Anybody may begin, and what they say is kept for a while.
    const long = `https://${"a".repeat(100_000)}.example`;
    await expectFailure(t.action(api.oidc.begin, { origin: long }), "INVALID_INPUT");
    start({ SITE_URL: ORIGIN });
    await expectFailure(t.action(api.oidc.begin, { origin: "https://evil.example" }), "NOT_ALLOWED");
    await goThere();
  });

  test("where no provider is set, nobody signs in by one", async () => {
    start({ VERBATIM_OIDC_ISSUER: "" });
    expect(await t.query(api.accounts.door, {})).toMatchObject({ provider: null });
    await expectFailure(t.action(api.oidc.begin, { origin: ORIGIN }), "NOT_ALLOWED");
    await expectFailure(signIn(t, "oidc", { query: "code=x&state=y", secret: "z" }), "NOT_ALLOWED");
  });
});

describe("[G11] who may come in", () => {
  test("by invitation: a link, once; nobody before the server has its owner", async () => {
    start(OPEN);
    await expectFailure(come({ sub: "early" }), "NOT_ALLOWED");
    const owner = await startWithOwner();
    await expectFailure(come({ sub: "ada" }), "NOT_ALLOWED");
    const secret = await owner.action(api.accounts.invite, { role: "admin" });
    const right = { kind: "invitation", secret };
    const ada = await come({ sub: "ada" }, { right });
    expect(await ada.query(api.accounts.me, {})).toMatchObject({ role: "admin", hasPassword: false });
    await expectFailure(come({ sub: "bob" }, { right }), "LINK_ENDED");
    expect((await come({ sub: "ada" })).userId).toBe(ada.userId);
  });

  test("the set-up code makes the owner by the provider too, and is used up then", async () => {
    start();
    const right = { kind: "setUp", code: CODE };
    await expectFailure(come({ sub: "eve" }, { right: { kind: "setUp", code: "WRONG" } }), "WRONG_CODE");
    const owner = await come({ sub: "ada", email: "ada@example.org" }, { right });
    expect(await owner.query(api.accounts.me, {})).toMatchObject({ role: "owner", login: "ada@example.org" });
    expect(await t.query(api.accounts.door, {})).toMatchObject({ needsOwner: false, provider: "Example ID" });
    await expectFailure(come({ sub: "eve" }, { right }), "NOT_ALLOWED");
  });

  test("by named e-mail domains: who the provider vouches for; `closed` lets nobody new in", async () => {
    const domains = { VERBATIM_SIGN_UP: "domains:example.org, example.net" };
    await startWithOwner(domains);
    const email = "Ada@Example.org";
    await expectFailure(come({ sub: "1", email, email_verified: false }), "NOT_ALLOWED");
    await expectFailure(come({ sub: "1", email }), "NOT_ALLOWED");
    await expectFailure(come({ sub: "1", email: "a@b.example.org", email_verified: true }), "NOT_ALLOWED");
    await expectFailure(
      come({ sub: "1", email: "a@example.org@evil.com", email_verified: true }),
      "NOT_ALLOWED",
    );
    const ada = await come({ sub: "1", email, email_verified: true });
    expect(await ada.query(api.accounts.me, {})).toMatchObject({ role: "member", login: "ada@example.org" });
    // Nothing vouches for an address that is typed.
    const right = { kind: "signUp" };
    const typed = { name: "Eve", login: "eve@example.org", password: PASSWORD };
    await expectFailure(signIn(t, "password", { flow: "register", right, ...typed }), "NOT_ALLOWED");
    // Of a provider that says nothing either way the owner may say that it does.
    await startWithOwner({ ...domains, VERBATIM_OIDC_TRUST_EMAIL: "on" });
    await come({ sub: "2", email: "bob@example.net" });
    await expectFailure(come({ sub: "3", email: "eve@example.net", email_verified: false }), "NOT_ALLOWED");
    await startWithOwner({ VERBATIM_SIGN_UP: "closed", VERBATIM_OIDC_MEMBER_GROUPS: "staff" });
    await expectFailure(come({ sub: "4", groups: ["staff"] }), "NOT_ALLOWED");
  });

  test.each([false, true])(
    "an e-mail address opens no account that is there, verified (%s) or not",
    async (email_verified) => {
      const owner = await startWithOwner(OPEN);
      await send(owner, "Secret");
      const claims = { sub: "eve", email: "owner@example.org", email_verified };
      const eve = await come(claims);
      expect(eve.userId).not.toBe(owner.userId);
      expect((await eve.query(api.search.chats, { text: "Secret" })).messages).toEqual([]);
      expect(await eve.query(api.accounts.me, {})).toMatchObject({ role: "member" });
    },
  );

  test("who is signed in connects their account; nobody else's identity, and one only", async () => {
    const owner = await startWithOwner(OPEN);
    const right = { kind: "own" };
    const same = await come({ sub: "boss" }, { by: owner, right });
    expect(same.userId).toBe(owner.userId);
    expect(await same.query(api.accounts.me, {})).toMatchObject({
      ...{ role: "owner", hasPassword: true, isConnected: true, login: "owner@example.org" },
    });
    expect((await come({ sub: "boss" })).userId).toBe(owner.userId);
    await expectFailure(come({ sub: "second" }, { by: same, right }), "NOT_ALLOWED");
    const bob = await come({ sub: "bob" });
    await expectFailure(come({ sub: "boss" }, { by: bob, right }), "NAME_TAKEN");
    await expectFailure(come({ sub: "third" }, { right }), "NOT_ALLOWED");
  });

  test("[G14] a guest who comes in by the provider keeps what they have written", async () => {
    await startWithOwner({ ...OPEN, VERBATIM_GUESTS: "on" });
    const guest = await signIn(t, "anonymous", {});
    await send(guest, "Before");
    const ada = await come({ sub: "ada" }, { by: guest });
    expect(ada.userId).toBe(guest.userId);
    const later = await signIn(t, "anonymous", {});
    await send(later, "On another device");
    const back = await come({ sub: "ada" }, { by: later });
    const titles = async () => {
      const paginationOpts = { numItems: 9, cursor: null };
      const { page } = await back.query(api.tasks.list, { paginationOpts });
      return page.map(({ title }) => title);
    };
    await until(async () => (await titles()).length === 2);
    expect(await titles()).toContain("Before");
  });

  test("a machine's owner who connects a provider is asked from then on", async () => {
    start({ VERBATIM_LOCAL_OWNER: "on" });
    const ownerId = await t.run(async (ctx) => {
      const userId = await ctx.db.insert("users", {});
      await ctx.db.insert("people", { userId, role: "owner" });
      return userId;
    });
    const session = await t.run((ctx) =>
      ctx.db.insert("authSessions", { userId: ownerId, expirationTime: Date.now() + 1e9 }),
    );
    expect(await t.query(api.accounts.door, {})).toMatchObject({ kind: "machine" });
    const owner = t.withIdentity({ subject: `${ownerId}|${session}` });
    expect((await come({ sub: "boss" }, { by: owner, right: { kind: "own" } })).userId).toBe(ownerId);
    expect(await t.query(api.accounts.door, {})).toMatchObject({ kind: "locked", needsOwner: false });
  });
});

describe("[G11] groups", () => {
  test("make admins and members with each sign-in, and never the owner", async () => {
    await startWithOwner({
      VERBATIM_OIDC_ADMIN_GROUPS: "chat-admins",
      VERBATIM_OIDC_MEMBER_GROUPS: "staff, contractors",
    });
    const roleAfter = async (groups: unknown) => {
      const ada = await come({ sub: "ada", groups });
      return (await ada.query(api.accounts.me, {})).role;
    };
    await expectFailure(roleAfter([]), "NOT_ALLOWED");
    await expectFailure(roleAfter(undefined), "NOT_ALLOWED");
    expect(await roleAfter(["staff"])).toBe("member");
    expect(await roleAfter(["chat-admins"])).toBe("admin");
    expect(await roleAfter("contractors")).toBe("member");
  });

  test("who has left them is out everywhere at the next sign-in", async () => {
    const owner = await startWithOwner({ VERBATIM_OIDC_MEMBER_GROUPS: "staff" });
    const ada = await come({ sub: "ada", groups: ["staff"] });
    await ada.query(api.accounts.me, {});
    await expectFailure(come({ sub: "ada", groups: ["others"] }), "NOT_ALLOWED");
    await expectFailure(ada.query(api.accounts.me, {}), "UNAUTHENTICATED");
    const boss = await come({ sub: "boss" }, { by: owner, right: { kind: "own" } });
    expect((await come({ sub: "boss", groups: [] })).userId).toBe(boss.userId);
  });

  test.each([
    ["Keycloak: realm roles", "realm_access.roles", { realm_access: { roles: ["staff"] } }, {}],
    ["Keycloak and Authentik: groups", "groups", { groups: ["staff"] }, {}],
    ["Entra: app roles", "roles", { roles: ["staff"] }, {}],
    [
      "a claim with dots in its name",
      "https://x.example/groups",
      { "https://x.example/groups": ["staff"] },
      {},
    ],
    ["told by the userinfo endpoint alone", "groups", {}, { groups: ["staff"] }],
  ])("%s", async (_who, claim, claims, userinfo) => {
    await startWithOwner({ VERBATIM_OIDC_MEMBER_GROUPS: "staff", VERBATIM_OIDC_GROUPS_CLAIM: claim });
    issuer.userinfo = userinfo;
    const ada = await come({ sub: "ada", ...claims });
    expect(await ada.query(api.accounts.me, {})).toMatchObject({ role: "member" });
  });

  test("roles that were given by hand stay where no group gives any", async () => {
    const owner = await startWithOwner(OPEN);
    const ada = await come({ sub: "ada", groups: ["x"] });
    await owner.mutation(api.accounts.setRole, { userId: ada.userId, role: "admin" });
    expect(await (await come({ sub: "ada" })).query(api.accounts.me, {})).toMatchObject({ role: "admin" });
  });
});
