/** [G11, G14] The locked door: set-up, invitations, passwords, devices; and what a guest who makes an account keeps. */
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { FunctionArgs } from "convex/server";
import type { Id } from "../../convex/_generated/dataModel";
import { failureData } from "../../convex/shared/errors";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import { atFullCost, useCheapHashes } from "./cheapHashes.ts";
import { pass, until, useFakeTime } from "./fakeTime.ts";
import { useSigningKeys } from "./signingKeys.ts";
import { expectFailure, playGenerator, send, sendStarted, shownText } from "./support.ts";

const CODE = "ABCD-EFGH-JKMN-PQRS";
const PASSWORD = "correct horse battery";
const DAY_MS = 86_400_000;
const FIRST = { paginationOpts: { numItems: 10, cursor: null } };

useSigningKeys();
useFakeTime();
useCheapHashes();
beforeEach(() => {
  vi.stubEnv("VERBATIM_GUESTS", "");
  vi.stubEnv("VERBATIM_SIGN_UP", "");
  vi.stubEnv("VERBATIM_LOCAL_OWNER", "");
  vi.stubEnv("VERBATIM_SETUP_CODE", CODE);
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => void vi.unstubAllEnvs());

/** The caller that a sign-in makes. */
async function enter(t: Pick<TestBackend, "action">, backend: TestBackend, provider: string, params = {}) {
  const { tokens } = await t.action(api.auth.signIn, { provider, params });
  const { sub } = JSON.parse(atob(tokens!.token.split(".")[1] ?? "")) as { sub: string };
  const userId = sub.split("|")[0] as Id<"users">;
  return Object.assign(backend.withIdentity({ subject: sub }), { userId, subject: sub });
}
type Person = Awaited<ReturnType<typeof enter>>;

const register = (t: TestBackend, right: object, login: string, password = PASSWORD) =>
  enter(t, t, "password", { flow: "register", right, name: login, login, password });
const signIn = (t: TestBackend, login: string, password = PASSWORD) =>
  enter(t, t, "password", { flow: "signIn", login, password });
const setUp = (t: TestBackend, code = CODE) => register(t, { kind: "setUp", code }, "Owner@Example.org");
const join = (t: TestBackend, secret: string, login: string) =>
  register(t, { kind: "invitation", secret }, login);

async function titles(person: Person): Promise<string[]> {
  const { page } = await person.query(api.tasks.list, { paginationOpts: { numItems: 50, cursor: null } });
  return page.map(({ title }) => title).sort();
}

describe("[G11] the locked door", () => {
  test("set-up: the code makes the owner, once; a wrong one and a weak password make nobody", async () => {
    const t = newBackend();
    expect(await t.query(api.accounts.door, {})).toEqual({
      ...{ kind: "locked", needsOwner: true, signUp: false, provider: null },
    });
    await expectFailure(enter(t, t, "anonymous"), "NOT_ALLOWED");
    await expectFailure(enter(t, t, "owner"), "NOT_ALLOWED");
    await expectFailure(setUp(t, "ABCD-EFGH-JKMN-PQRT"), "WRONG_CODE");
    await expectFailure(register(t, { kind: "setUp", code: CODE }, "owner", "short"), "WEAK_PASSWORD");
    await expectFailure(register(t, { kind: "signUp" }, "eve"), "NOT_ALLOWED");
    const owner = await setUp(t, "abcd efgh jkmn pqrs");
    expect(await owner.query(api.accounts.me, {})).toMatchObject({
      role: "owner",
      login: "owner@example.org",
    });
    expect(await t.query(api.accounts.door, {})).toEqual({
      kind: "locked",
      needsOwner: false,
      signUp: false,
      provider: null,
    });
    await expectFailure(register(t, { kind: "setUp", code: CODE }, "eve"), "NOT_ALLOWED");
    expect(await t.run((ctx) => ctx.db.query("people").collect())).toHaveLength(1);
  });

  test("sign-in: by the name however it is written, with the right password only; nothing tells whether a name exists", async () => {
    atFullCost();
    const t = newBackend();
    const owner = await setUp(t);
    await send(owner, "Mine");
    expect(await titles(await signIn(t, " OWNER@example.ORG "))).toEqual(["Mine"]);
    await expectFailure(signIn(t, "owner@example.org", "wrong horse battery"), "WRONG_CREDENTIALS");
    await expectFailure(signIn(t, "nobody@example.org"), "WRONG_CREDENTIALS");
    const secrets = await t.run((ctx) => ctx.db.query("authAccounts").collect());
    expect(secrets.map(({ secret }) => secret)).toEqual([expect.stringMatching(/^scrypt\$32768\$8\$3\$/)]);
    expect(JSON.stringify(secrets)).not.toContain(PASSWORD);
  });

  test("an invitation: one use, seven days, and not after it was withdrawn", async () => {
    const t = newBackend();
    const owner = await setUp(t);
    const secret = await owner.action(api.accounts.invite, { role: "member" });
    const member = await join(t, secret, "ada");
    expect(await member.query(api.accounts.me, {})).toMatchObject({ role: "member", login: "ada" });
    await expectFailure(join(t, secret, "eve"), "LINK_ENDED");
    await expectFailure(join(t, "guessed", "eve"), "LINK_ENDED");
    const late = await owner.action(api.accounts.invite, { role: "member" });
    vi.setSystemTime(Date.now() + 8 * DAY_MS);
    await expectFailure(join(t, late, "eve"), "LINK_ENDED");
    const taken = await owner.action(api.accounts.invite, { role: "admin" });
    await expectFailure(join(t, taken, "ADA"), "NAME_TAKEN");
    // Nothing was used up by that.
    const [open] = await owner.query(api.accounts.invitations, {});
    await owner.mutation(api.accounts.withdrawInvitation, { invitationId: open!._id });
    await expectFailure(join(t, taken, "bob"), "LINK_ENDED");
    // What is stored is not the secret.
    expect(JSON.stringify(await t.run((ctx) => ctx.db.query("accountLinks").collect()))).not.toContain(late);
  });

  test("the code, an invitation and a reset link, each used twice at the same moment: one gets in", async () => {
    const t = newBackend();
    /** What two calls come to, whichever is first. */
    const outcomes = async (calls: Promise<unknown>[]) =>
      (await Promise.allSettled(calls)).map((outcome) =>
        outcome.status === "fulfilled" ? "in" : failureData(outcome.reason)?.code,
      );
    const codes = ["grace", "eve"].map((login) => register(t, { kind: "setUp", code: CODE }, login));
    expect((await outcomes(codes)).sort()).toEqual(["NOT_ALLOWED", "in"]);
    const owner = await codes[0]!.catch(() => codes[1]!);
    const invitation = await owner.action(api.accounts.invite, { role: "member" });
    const joined = [join(t, invitation, "ada"), join(t, invitation, "bob")];
    expect((await outcomes(joined)).sort()).toEqual(["LINK_ENDED", "in"]);
    const member = await joined[0]!.catch(() => joined[1]!);
    const secret = await owner.action(api.accounts.makeResetLink, { userId: member.userId });
    const resets = ["a first long password", "a second long password"].map((password) =>
      enter(t, t, "password", { flow: "reset", secret, password }),
    );
    expect((await outcomes(resets)).sort()).toEqual(["LINK_ENDED", "in"]);
    const people = await t.run((ctx) => ctx.db.query("people").collect());
    expect(people.map(({ role }) => role).sort()).toEqual(["member", "owner"]);
  });

  test("VERBATIM_SIGN_UP=open lets anybody make an account, once there is an owner", async () => {
    const t = newBackend();
    vi.stubEnv("VERBATIM_SIGN_UP", "open");
    await expectFailure(register(t, { kind: "signUp" }, "early"), "NOT_ALLOWED");
    await setUp(t);
    expect(await t.query(api.accounts.door, {})).toMatchObject({ signUp: true });
    const member = await register(t, { kind: "signUp" }, "ada");
    expect(await member.query(api.accounts.me, {})).toMatchObject({ role: "member" });
  });

  test("an admin cannot read chats, nor become more than they are", async () => {
    const t = newBackend();
    const owner = await setUp(t);
    const admin = await join(t, await owner.action(api.accounts.invite, { role: "admin" }), "admin");
    const member = await join(t, await admin.action(api.accounts.invite, { role: "member" }), "member");
    const { taskId } = await send(member, "Private");
    for (const other of [admin, owner]) {
      expect(await other.query(api.tasks.get, { taskId })).toBeNull();
      expect(await titles(other)).toEqual([]);
      await expectFailure(other.mutation(api.tasks.rename, { taskId, title: "x" }), "NOT_FOUND");
      expect(JSON.stringify(await other.query(api.people.list, FIRST))).not.toContain("Private");
    }
    const refused = [
      () => member.query(api.people.list, FIRST),
      () => member.query(api.accounts.invitations, {}),
      () => member.action(api.accounts.invite, { role: "member" }),
      () => member.action(api.accounts.makeResetLink, { userId: owner.userId }),
      () => member.mutation(api.accounts.setRole, { userId: member.userId, role: "admin" }),
      () => admin.mutation(api.accounts.setRole, { userId: admin.userId, role: "admin" }),
      () => admin.action(api.accounts.invite, { role: "admin" }),
      () => admin.action(api.accounts.makeResetLink, { userId: owner.userId }),
      () => owner.mutation(api.accounts.setRole, { userId: owner.userId, role: "member" }),
    ];
    for (const call of refused) await expectFailure(call(), "NOT_ALLOWED");
    await owner.mutation(api.accounts.setRole, { userId: member.userId, role: "admin" });
    expect((await member.query(api.people.list, FIRST)).page).toHaveLength(3);
  });
});

describe("[G11] guessing pays before it is looked at", () => {
  const guessLink = (kind: "invitation" | "reset") => (t: TestBackend) =>
    t.mutation(internal.accounts.takeTry, { shown: { kind, secret: "any" } });

  test.each([
    {
      what: "an invitation",
      guess: guessLink("invitation"),
      attempt: (t: TestBackend) => join(t, "any", "eve"),
      lookedAt: "LINK_ENDED" as const,
    },
    {
      what: "a reset link",
      guess: guessLink("reset"),
      attempt: (t: TestBackend) =>
        enter(t, t, "password", { flow: "reset", secret: "any", password: PASSWORD }),
      lookedAt: "LINK_ENDED" as const,
    },
    {
      what: "a password",
      guess: (t: TestBackend) => t.mutation(internal.accounts.beginSignIn, { login: "owner@example.org" }),
      attempt: (t: TestBackend) => signIn(t, "Owner@example.org"),
      lookedAt: "WRONG_CREDENTIALS" as const,
    },
  ])(
    "$what: after ten guesses none is looked at; ten minutes later one is",
    async ({ guess, attempt, lookedAt }) => {
      const t = newBackend();
      for (let i = 0; i < 10; i++) await guess(t);
      await expectFailure(attempt(t), "RATE_LIMITED");
      vi.setSystemTime(Date.now() + 10 * 60_000);
      await expectFailure(attempt(t), lookedAt);
    },
  );

  test("a wrong code is listed, and makes nobody the owner", async () => {
    const t = newBackend();
    await expectFailure(setUp(t, "ABCD-EFGH-JKMN-0000"), "WRONG_CODE");
    expect(await t.run((ctx) => ctx.db.query("people").collect())).toEqual([]);
    const listed = await t.run((ctx) => ctx.db.query("auditEvents").collect());
    expect(listed).toMatchObject([{ kind: "signInFailed", actor: null, detail: "code" }]);
  });
});

// Only convex-test can say from which address a call comes; the embedded backend knows it from its sockets.
describe.runIf(inject("engine") === "convex-test")("[G11] guessing", () => {
  test("ten tries of a password in ten minutes from an address; the person gets in from elsewhere", async () => {
    const t = newBackend();
    await setUp(t);
    const tryFrom = (ip: string) =>
      t.withRequestMetadata({ ip }).mutation(internal.accounts.beginSignIn, { login: "owner@example.org" });
    for (let i = 0; i < 10; i++) await tryFrom("192.0.2.1");
    await expectFailure(tryFrom("192.0.2.1"), "RATE_LIMITED");
    expect(await tryFrom("198.51.100.1")).not.toBeNull();
    vi.setSystemTime(Date.now() + 10 * 60_000);
    expect(await tryFrom("192.0.2.1")).not.toBeNull();
  });

  type Shown = FunctionArgs<typeof internal.accounts.takeTry>["shown"];
  const tryFrom = (t: TestBackend, ip: string, shown: Shown) =>
    t.withRequestMetadata({ ip }).mutation(internal.accounts.takeTry, { shown });

  /** Uses up what one address may try. */
  async function guess(t: TestBackend, shown: Shown) {
    for (let i = 0; i < 10; i++) await tryFrom(t, "192.0.2.1", shown);
    await expectFailure(tryFrom(t, "192.0.2.1", shown), "RATE_LIMITED");
  }

  test("a code that somebody has chosen is guessed no faster, from however many addresses", async () => {
    vi.stubEnv("VERBATIM_SETUP_CODE", "letmein");
    const t = newBackend();
    const wrong = { kind: "setUp", code: "wrong" } as const;
    await guess(t, wrong);
    for (let i = 0; i < 190; i++) await tryFrom(t, `198.51.100.${i}`, wrong);
    await expectFailure(tryFrom(t, "203.0.113.1", wrong), "RATE_LIMITED");
    // Or a guess would be told by it.
    await expectFailure(tryFrom(t, "203.0.113.1", { kind: "setUp", code: "letmein" }), "RATE_LIMITED");
  });

  test("guesses keep nobody out who has the code that the server made, or a link", async () => {
    const t = newBackend();
    await guess(t, { kind: "setUp", code: "wrong" });
    await tryFrom(t, "192.0.2.1", { kind: "setUp", code: CODE });
    const owner = await setUp(t);
    const links = [
      { kind: "invitation", secret: await owner.action(api.accounts.invite, { role: "member" }) },
      { kind: "reset", secret: await owner.action(api.accounts.makeResetLink, { userId: owner.userId }) },
    ] as const;
    await guess(t, { kind: "invitation", secret: "wrong" });
    for (const shown of links) await tryFrom(t, "192.0.2.1", shown);
    // Of another kind it is as wrong as any.
    const [{ secret }] = links;
    await expectFailure(tryFrom(t, "192.0.2.1", { kind: "reset", secret }), "RATE_LIMITED");
  });

  test("thirty people of one office come in by their invitations at once", async () => {
    const t = newBackend();
    const owner = await setUp(t);
    for (let i = 0; i < 30; i++) {
      const secret = await owner.action(api.accounts.invite, { role: "member" });
      await tryFrom(t, "192.0.2.1", { kind: "invitation", secret });
    }
  });
});

describe("[G14] devices", () => {
  test("one is signed out, then all others: at once, also for what they watch; others' devices are nobody's business", async () => {
    const t = newBackend();
    const here = await setUp(t);
    const [there, further] = [await signIn(t, "owner@example.org"), await signIn(t, "owner@example.org")];
    const stranger = await join(t, await here.action(api.accounts.invite, { role: "admin" }), "ada");
    const devices = await here.query(api.accounts.devices, {});
    expect(devices.map(({ isThis, openedBy }) => [isThis, openedBy])).toContainEqual([true, "password"]);
    expect(devices).toHaveLength(3);
    const second = devices.find(({ isThis }) => !isThis)!;
    await expectFailure(stranger.mutation(api.accounts.signOutDevice, { deviceId: second._id }), "NOT_FOUND");
    await here.mutation(api.accounts.signOutDevice, { deviceId: second._id });
    const alive = async () =>
      (
        await Promise.all(
          [here, there, further].map((person) =>
            titles(person).then(
              () => 1,
              () => 0,
            ),
          ),
        )
      ).join("");
    expect(["110", "101"]).toContain(await alive());
    await here.mutation(api.accounts.signOutOthers, {});
    expect(await alive()).toBe("100");
    expect(await here.query(api.accounts.devices, {})).toHaveLength(1);
    expect(await titles(stranger)).toEqual([]);
  });

  test("a changed password, and one set by an admin's link, end the other sessions", async () => {
    const t = newBackend();
    const owner = await setUp(t);
    const member = await join(t, await owner.action(api.accounts.invite, { role: "member" }), "ada");
    const other = await signIn(t, "ada");
    const change = { current: PASSWORD, password: "another long password" };
    await expectFailure(
      member.action(api.accounts.changePassword, { ...change, current: "wrong horse" }),
      "WRONG_CREDENTIALS",
    );
    await member.action(api.accounts.changePassword, change);
    await expectFailure(titles(other), "UNAUTHENTICATED");
    expect(await titles(member)).toEqual([]);
    await expectFailure(signIn(t, "ada"), "WRONG_CREDENTIALS");

    const secret = await owner.action(api.accounts.makeResetLink, { userId: member.userId });
    const again = await enter(t, t, "password", { flow: "reset", secret, password: "a third long password" });
    expect(again.userId).toBe(member.userId);
    await expectFailure(titles(member), "UNAUTHENTICATED");
    await expectFailure(
      enter(t, t, "password", { flow: "reset", secret, password: "a fourth long password" }),
      "LINK_ENDED",
    );
    expect(await titles(await signIn(t, "ada", "a third long password"))).toEqual([]);
  });
});

describe("[G14] a guest", () => {
  test("who makes an account keeps every chat, also the one that streams, and the session", async () => {
    const t = newBackend();
    vi.stubEnv("VERBATIM_GUESTS", "on");
    const owner = await setUp(t);
    const guest = await enter(t, t, "anonymous");
    const { taskId, runId, assistantMessageId } = await sendStarted(guest, "Streams");
    const generator = playGenerator(t, runId);
    await generator.claim();
    await generator.flush("Half ");
    const secret = await owner.action(api.accounts.invite, { role: "member" });
    const right = { kind: "invitation" as const, secret };
    await guest.action(api.accounts.makeAccount, { right, name: "Ada", login: "ada", password: PASSWORD });
    await generator.flush("and ");
    await generator.complete("whole");
    expect(await shownText(guest, taskId, assistantMessageId)).toBe("Half and whole");
    expect(await guest.query(api.accounts.me, {})).toEqual({
      role: "member",
      name: "Ada",
      login: "ada",
      hasPassword: true,
      isConnected: false,
    });
    expect(await titles(await signIn(t, "ada"))).toEqual(["Streams"]);
    await expectFailure(
      guest.action(api.accounts.makeAccount, { right, name: "", login: "two", password: PASSWORD }),
      "LINK_ENDED",
    );
  });

  test("of before the door was locked goes on, and becomes the owner with the code", async () => {
    const t = newBackend();
    vi.stubEnv("VERBATIM_GUESTS", "on");
    const guest = await enter(t, t, "anonymous");
    await send(guest, "Before");
    vi.stubEnv("VERBATIM_GUESTS", "");
    expect(await titles(guest)).toEqual(["Before"]);
    const right = { kind: "setUp" as const, code: CODE };
    await guest.action(api.accounts.makeAccount, { right, name: "", login: "me", password: PASSWORD });
    expect(await guest.query(api.accounts.me, {})).toMatchObject({ role: "owner" });
    expect(await titles(await signIn(t, "me"))).toEqual(["Before"]);
  });

  test("who signs in to an account brings along what they wrote", async () => {
    const t = newBackend();
    vi.stubEnv("VERBATIM_GUESTS", "on");
    const owner = await setUp(t);
    await send(owner, "Mine");
    const guest = await enter(t, t, "anonymous");
    await send(guest, "As a guest");
    const params = { flow: "signIn", login: "owner@example.org", password: PASSWORD };
    const again = await enter(guest, t, "password", params);
    await until(async () => {
      await pass(20);
      return (await titles(again)).length === 2;
    });
    expect(await titles(again)).toEqual(["As a guest", "Mine"]);
  });

  test("who signs in to an account that is disabled is refused, keeps what they wrote, and is listed", async () => {
    const t = newBackend();
    vi.stubEnv("VERBATIM_GUESTS", "on");
    const owner = await setUp(t);
    const secret = await owner.action(api.accounts.invite, { role: "member" });
    const ada = await join(t, secret, "ada");
    await owner.mutation(api.people.setDisabled, { userId: ada.userId, disabled: true });
    const guest = await enter(t, t, "anonymous");
    await send(guest, "As a guest");
    const params = { flow: "signIn", login: "ada", password: PASSWORD };
    await expectFailure(guest.action(api.auth.signIn, { provider: "password", params }), "ACCOUNT_DISABLED");
    const planned = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(planned.filter(({ name }) => name.includes("adoptInto"))).toEqual([]);
    expect(await titles(guest)).toEqual(["As a guest"]);
    const { page } = await owner.query(api.audit.list, { kind: "signInFailed", ...FIRST });
    expect(page).toMatchObject([{ subject: { userId: ada.userId }, detail: "disabled" }]);
  });
});

describe("[G14] the owner of a machine who sets a password", () => {
  test("keeps the chats and this session; browsers that came in without one are asked", async () => {
    const t = newBackend();
    vi.stubEnv("VERBATIM_LOCAL_OWNER", "on");
    const userId = await t.run(async (ctx) => {
      const id = await ctx.db.insert("users", {});
      await ctx.db.insert("people", { userId: id, role: "owner" });
      return id;
    });
    const session = () =>
      t.run((ctx) => ctx.db.insert("authSessions", { userId, expirationTime: Date.now() + DAY_MS }));
    const browser = async () => {
      const subject = `${userId}|${await session()}`;
      return Object.assign(t.withIdentity({ subject }), { userId, subject });
    };
    const [here, there] = [await browser(), await browser()];
    await send(here, "Mine");
    const account = { right: { kind: "own" as const }, name: "Me", login: "me", password: PASSWORD };
    await here.action(api.accounts.makeAccount, account);
    expect(await titles(here)).toEqual(["Mine"]);
    await expectFailure(titles(there), "UNAUTHENTICATED");
    expect(await t.query(api.accounts.door, {})).toMatchObject({ kind: "locked" });
    await expectFailure(t.mutation(internal.accounts.enterAsOwner, {}), "NOT_ALLOWED");
    expect(await titles(await signIn(t, "me"))).toEqual(["Mine"]);
    await expectFailure(here.action(api.accounts.makeAccount, { ...account, login: "you" }), "NOT_ALLOWED");
  });
});
