/** [G11, G14] Accounts from the owner's side: disabling, deleting with all that was theirs, abandoned guests, the audit list, the door. */
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { Id, TableNames } from "../../convex/_generated/dataModel";
import schema from "../../convex/schema";
import type { ErrorCode } from "../../convex/shared/errors";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import { pass, until, useFakeTime } from "./fakeTime.ts";
import { sampleOf, sampleRow, usersNamed, type Exported } from "./sampleRows.ts";
import {
  expectFailure,
  expectInvariants,
  newViewer,
  playGenerator,
  send,
  sendStarted,
  type Viewer,
} from "./support.ts";

const DAY_MS = 86_400_000;
const FIRST = { paginationOpts: { numItems: 50, cursor: null } };

useFakeTime();
beforeEach(() => {
  for (const name of ["VERBATIM_GUESTS", "VERBATIM_SIGN_UP", "VERBATIM_LOCAL_OWNER", "VERBATIM_SETUP_CODE"])
    vi.stubEnv(name, "");
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => void vi.unstubAllEnvs());

type Role = "owner" | "admin" | "member";

/** Somebody with an account, a password and a session. */
async function newPerson(t: TestBackend, role: Role, login: string): Promise<Viewer> {
  const viewer = await newViewer(t);
  const { userId } = viewer;
  await t.run(async (ctx) => {
    await ctx.db.patch("users", userId, { name: login });
    await ctx.db.insert("people", { userId, role });
    const account = { userId, provider: "password", providerAccountId: login, secret: "scrypt$" };
    await ctx.db.insert("authAccounts", account);
  });
  return viewer;
}

async function newTeam() {
  const t = newBackend();
  const owner = await newPerson(t, "owner", "grace");
  const admin = await newPerson(t, "admin", "ada");
  const member = await newPerson(t, "member", "bob");
  return { t, owner, admin, member };
}

/** A chat without a live run, which nobody starts while time passes. */
async function sendAndStop(viewer: Viewer, content: string) {
  const { taskId } = await send(viewer, content);
  await viewer.mutation(api.streaming.stopTask, { taskId });
}

/** Lets scheduled mutations run until nobody is being deleted any more. */
async function untilGone(t: TestBackend) {
  await until(async () => {
    await pass(20);
    const left = await t.run((ctx) => ctx.db.query("departures").collect());
    if (left.length > 0 && left.every(({ stage }) => stage === "checking"))
      await vi.advanceTimersByTimeAsync(15 * 60_000);
    return left.length === 0;
  });
}

const TABLES = Object.keys(schema.tables) as TableNames[];

/** The tables that have a row in which the id is found. */
async function tablesWith(t: TestBackend, id: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of TABLES) {
    const rows = await t.run((ctx) => ctx.db.query(table).collect());
    if (JSON.stringify(rows).includes(id)) found.push(table);
  }
  return found;
}

const auditKinds = async (t: TestBackend) =>
  (await t.run((ctx) => ctx.db.query("auditEvents").collect())).map(({ kind }) => kind);

describe("[G11] a person is deleted", () => {
  test("every table that names people is emptied of them, and of nobody else", async () => {
    const { t, owner, member } = await newTeam();
    const other = await newPerson(t, "member", "eve");
    for (const viewer of [member, other]) {
      const { taskId, runId, assistantMessageId } = await sendStarted(viewer, "Secret");
      const generator = playGenerator(t, runId);
      await generator.claim();
      await generator.flush("classified ".repeat(2_000));
      await generator.complete();
      await viewer.mutation(api.drafts.save, { taskId, text: "draft" });
      await viewer.mutation(api.drafts.save, { taskId: null, text: "draft" });
      await viewer.mutation(api.instructions.set, { taskId, text: "Whisper." });
      // One row of each table that names a person, also of those that are added later; but where rows are there already that must be
      // one of a kind.
      await t.run(async (ctx) => {
        const session = await ctx.db
          .query("authSessions")
          .withIndex("userId", (q) => q.eq("userId", viewer.userId))
          .first();
        const storageId = await ctx.storage.store(new Blob(["bytes"]));
        const ids: Record<string, string> = {
          ...{ users: viewer.userId, tasks: taskId, chatMessages: assistantMessageId },
          ...{ authSessions: session!._id, _storage: storageId },
        };
        // Rows of the others name these.
        const inOrder = new Set<TableNames>(["contextSummaries", ...TABLES]);
        for (const table of inOrder) {
          if (
            ["people", "users", "departures", "auditEvents", "tasks", "runs", "searchTexts"].includes(table)
          )
            continue;
          if (usersNamed(table).length === 0) continue;
          const id = await ctx.db.insert(table, sampleRow(table, ids) as never);
          ids[table] ??= id;
        }
      });
    }
    const othersTables = await tablesWith(t, other.userId);
    expect(othersTables).toEqual(expect.arrayContaining(await tablesWith(t, member.userId)));

    await owner.mutation(api.people.remove, { userId: member.userId });
    await expectFailure(member.query(api.tasks.list, FIRST), "UNAUTHENTICATED");
    await untilGone(t);
    expect(await tablesWith(t, member.userId)).toEqual(["auditEvents"]);
    // But for the log of an answer that has ended, which is in its message now.
    const isOfLog = (table: string) => table === "streamingChunks" || table === "streamingPages";
    expect((await tablesWith(t, other.userId)).filter((table) => !isOfLog(table))).toEqual(
      othersTables.filter((table) => !isOfLog(table)),
    );
    expect((await owner.query(api.people.list, FIRST)).page.map(({ login }) => login)).not.toContain("bob");
    expect(await auditKinds(t)).toContain("personDeleted");
    const [event] = (await owner.query(api.audit.list, { kind: "personDeleted", ...FIRST })).page;
    expect(event).toMatchObject({ actor: { name: "grace" }, subject: { name: "bob" }, detail: "member" });
  });

  test("every field that names a user is one that the deletion looks for", () => {
    const fields = TABLES.flatMap((table) => usersNamed(table).map((field) => `${table}.${field}`));
    // Those by `userId` are walked by the test above. Of the others it is decided here: links and adopted guests are deleted, audit
    // entries stay until they are old.
    expect(
      fields.filter((field) => field.split(".").length > 2 || !field.endsWith(".userId")).sort(),
    ).toEqual([
      "accountLinks.madeBy",
      "accountLinks.purpose.userId",
      "adoptedGuests.guestId",
      "adoptedGuests.ownerId",
      "auditEvents.actor.userId",
      "auditEvents.subject.userId",
    ]);
  });

  test("[G4, G7] while a reply streams: its next write finds no run, nothing waits on, and no row comes back", async () => {
    const { t, owner, member } = await newTeam();
    const { runId, taskId } = await sendStarted(member, "Streams");
    const generator = playGenerator(t, runId);
    await generator.claim();
    await generator.flush("Half ");
    await send(member, "Queued", { taskId, whenBusy: "queue" });
    await sendStarted(member, "Waits");
    await owner.mutation(api.people.remove, { userId: member.userId });
    // What was theirs goes when it cannot write any more: the row that refuses it is there until then.
    await pass(1_000);
    expect(await generator.flush("more")).toMatchObject({ state: "ended" });
    await generator.complete("whole");
    await expectInvariants(t);
    await untilGone(t);
    expect(await tablesWith(t, member.userId)).toEqual(["auditEvents"]);
    for (const table of [
      "runs",
      "chatMessages",
      "streamingChunks",
      "streamingResponses",
      "queuedPrompts",
    ] as const)
      expect(await t.run((ctx) => ctx.db.query(table).collect())).toEqual([]);
  });

  test("many chats go in bounded batches; a chain that broke is taken up by the cron; what comes late is found", async () => {
    const { t, owner, member } = await newTeam();
    for (let i = 0; i < 25; i++) {
      await sendAndStop(member, `Chat ${i}`);
    }
    await owner.mutation(api.people.remove, { userId: member.userId });
    const [departure] = await t.run((ctx) => ctx.db.query("departures").collect());
    // The chain breaks: what was scheduled is lost.
    await t.run(async (ctx) => {
      const jobs = await ctx.db.system.query("_scheduled_functions").collect();
      for (const { _id, name, state } of jobs)
        if (name.includes("continueDeparture") && state.kind === "pending") await ctx.scheduler.cancel(_id);
    });
    await pass(1_000);
    expect(await tablesWith(t, member.userId)).toContain("tasks");
    vi.setSystemTime(Date.now() + 31 * 60_000);
    await t.mutation(internal.people.resume, {});
    await until(async () => {
      await pass(20);
      const row = await t.run((ctx) => ctx.db.get("departures", departure!._id));
      return row?.stage === "checking";
    });
    // An action that began before ends now.
    await t.run((ctx) =>
      ctx.db.insert("providerKeys", sampleRow("providerKeys", { users: member.userId }) as never),
    );
    await untilGone(t);
    expect(await tablesWith(t, member.userId)).toEqual(["auditEvents"]);
  });

  test("the owner stays; an admin decides over members alone, and nobody over themselves", async () => {
    const { t, owner, admin, member } = await newTeam();
    const refused = [
      () => owner.mutation(api.people.remove, { userId: owner.userId }),
      () => owner.mutation(api.people.setDisabled, { userId: owner.userId, disabled: true }),
      () => owner.mutation(api.accounts.setRole, { userId: owner.userId, role: "member" }),
      () => admin.mutation(api.people.remove, { userId: owner.userId }),
      () => admin.mutation(api.people.remove, { userId: admin.userId }),
      () => admin.mutation(api.people.setDisabled, { userId: admin.userId, disabled: true }),
      () => admin.mutation(api.people.setDoor, { guests: true }),
      () => member.mutation(api.people.remove, { userId: member.userId }),
      () => member.mutation(api.people.setDisabled, { userId: admin.userId, disabled: true }),
    ];
    for (const call of refused) await expectFailure(call(), "NOT_ALLOWED");
    const guest = await newViewer(t);
    await expectFailure(owner.mutation(api.people.remove, { userId: guest.userId }), "NOT_FOUND");
    await expectFailure(
      owner.query(api.people.usage, { userId: guest.userId, from: 0, before: null }),
      "NOT_FOUND",
    );
    await admin.mutation(api.people.remove, { userId: member.userId });
    await owner.mutation(api.people.remove, { userId: admin.userId });
    await untilGone(t);
    expect((await owner.query(api.people.list, FIRST)).page).toHaveLength(1);
  });
});

describe("[G11] a disabled person", () => {
  test("is out at once with their runs, told so plainly, and has everything when they are let in again", async () => {
    const { t, owner, member } = await newTeam();
    const { runId, taskId } = await sendStarted(member, "Streams");
    const generator = playGenerator(t, runId);
    await generator.claim();
    await generator.flush("Half");
    await owner.mutation(api.people.setDisabled, { userId: member.userId, disabled: true });
    expect(await generator.flush(" more")).toMatchObject({ state: "ended" });
    await expectFailure(member.query(api.tasks.list, FIRST), "ACCOUNT_DISABLED");
    await expectFailure(send(member, "Again"), "ACCOUNT_DISABLED");
    await expectFailure(
      t.mutation(internal.auth.store, {
        args: { type: "signIn", userId: member.userId, generateTokens: true },
      }),
      "ACCOUNT_DISABLED",
    );
    expect(
      (await owner.query(api.people.list, FIRST)).page.map(({ disabledAt }) => disabledAt !== null),
    ).toEqual([false, false, true]);
    await owner.mutation(api.people.setDisabled, { userId: member.userId, disabled: false });
    await expectFailure(member.query(api.tasks.list, FIRST), "UNAUTHENTICATED");
    const sessionId = await t.run((ctx) =>
      ctx.db.insert("authSessions", { userId: member.userId, expirationTime: Date.now() + DAY_MS }),
    );
    const again = t.withIdentity({ subject: `${member.userId}|${sessionId}` });
    expect((await again.query(api.tasks.get, { taskId }))?.status).toBe("STOPPED");
    expect(await auditKinds(t)).toEqual(["disabled", "enabled"]);
  });

  test("with hundreds of sessions and tokens: all end", async () => {
    const { t, owner, member } = await newTeam();
    await t.run(async (ctx) => {
      for (let i = 0; i < 650; i++) {
        const session = { userId: member.userId, expirationTime: Date.now() + DAY_MS };
        const sessionId = await ctx.db.insert("authSessions", session);
        const tokens = i === 0 ? 500 : 1;
        for (let n = 0; n < tokens; n++)
          await ctx.db.insert("authRefreshTokens", { sessionId, expirationTime: Date.now() + DAY_MS });
      }
    });
    await owner.mutation(api.people.setDisabled, { userId: member.userId, disabled: true });
    await until(async () => {
      await pass(20);
      const left = await t.run(async (ctx) => [
        ...(await ctx.db
          .query("authSessions")
          .withIndex("userId", (q) => q.eq("userId", member.userId))
          .collect()),
        ...(await ctx.db.query("authRefreshTokens").collect()),
      ]);
      return left.length === 0;
    });
  });
});

describe("[G14] abandoned guests", () => {
  /** A guest as the library makes one, with a chat. */
  async function newGuest(t: TestBackend, name: string): Promise<Viewer> {
    const guest = await newViewer(t);
    const account = { userId: guest.userId, provider: "anonymous", providerAccountId: name };
    await t.run((ctx) => ctx.db.insert("authAccounts", account));
    await sendAndStop(guest, "Mine");
    return guest;
  }
  const sweep = (t: TestBackend) => t.mutation(internal.people.removeAbandonedGuests, { after: null });
  const titles = async (guest: Viewer) => (await guest.query(api.tasks.list, FIRST)).page.length;

  test("after 31 days nobody is gone; after 400 those who have not come, and nobody else", async () => {
    const t = newBackend();
    const guests = [];
    for (let i = 0; i < 25; i++) guests.push(await newGuest(t, `guest-${String(i).padStart(2, "0")}`));
    const member = await newPerson(t, "member", "bob");
    await sendAndStop(member, "Mine");
    vi.setSystemTime(Date.now() + 31 * DAY_MS);
    await sweep(t);
    await pass(2_000);
    expect(await Promise.all(guests.map(titles))).toEqual(guests.map(() => 1));

    vi.setSystemTime(Date.now() + 369 * DAY_MS);
    const [visitor, writer] = [guests[3]!, guests[22]!];
    // A page of theirs was opened; a reply of theirs ended.
    await t.run(async (ctx) => {
      const sessionId = visitor.subject.split("|")[1] as Id<"authSessions">;
      await ctx.db.insert("devices", {
        ...{ sessionId, userId: visitor.userId, userAgent: null, openedBy: "guest" },
        lastUsedAt: Date.now() - 179 * DAY_MS,
      });
    });
    await sendAndStop(writer, "Again");
    await sweep(t);
    await pass(2_000);
    await untilGone(t);
    for (const guest of guests) {
      const isKept = guest === visitor || guest === writer;
      if (isKept) expect(await titles(guest)).toBeGreaterThan(0);
      else expect(await tablesWith(t, guest.userId)).toEqual([]);
    }
    expect(await titles(member)).toBe(1);
    const deleted = await t.run((ctx) => ctx.db.query("auditEvents").collect());
    expect(deleted.map(({ kind, detail }) => [kind, detail])).toEqual([
      ["guestsDeleted", "19"],
      ["guestsDeleted", "4"],
    ]);
  });

  // An engine reads its settings once: a backend for each.
  test.each([
    {
      name: "on a machine that knows its owner nobody is looked at",
      env: { VERBATIM_LOCAL_OWNER: "on" },
      isKept: true,
    },
    { name: "the days are a setting: 500", env: { VERBATIM_GUEST_DAYS: "500" }, isKept: true },
    { name: "the days are a setting: 399", env: { VERBATIM_GUEST_DAYS: "399" }, isKept: false },
  ])("$name", async ({ env, isKept }) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const t = newBackend();
    const guest = await newGuest(t, "guest");
    vi.setSystemTime(Date.now() + 400 * DAY_MS);
    await sweep(t);
    await untilGone(t);
    expect((await tablesWith(t, guest.userId)).length > 0).toBe(isKept);
  });
});

describe("[G11] the audit list", () => {
  test("says who did what to whom, is one line of JSON each, and is forgotten after a year", async () => {
    const { t, owner, admin, member } = await newTeam();
    const lines: string[] = [];
    vi.spyOn(console, "info").mockImplementation((line: string) => void lines.push(line));
    await owner.mutation(api.accounts.setRole, { userId: member.userId, role: "admin" });
    await owner.mutation(api.people.setDoor, { signUp: "open", guests: true });
    await owner.action(api.accounts.invite, { role: "member", days: 3 });
    const [invitation] = await owner.query(api.accounts.invitations, {});
    expect(invitation!.expiresAt).toBe(Math.floor(invitation!._creationTime) + 3 * DAY_MS);
    await admin.mutation(api.accounts.withdrawInvitation, { invitationId: invitation!._id });
    const { page } = await admin.query(api.audit.list, { kind: null, ...FIRST });
    expect(
      page.map(({ kind, actor, subject, detail }) => [kind, actor?.name, subject?.name, detail]),
    ).toEqual([
      ["invitationWithdrawn", "ada", undefined, "member"],
      ["invited", "grace", undefined, "member"],
      ["doorChanged", "grace", undefined, "signUp=open guests=on"],
      ["roleChanged", "grace", "bob", "member > admin"],
    ]);
    const logged = lines.filter((line) => line.startsWith("[AUDIT] "));
    expect(logged.map((line) => (JSON.parse(line.slice(8)) as { kind: string }).kind)).toEqual(
      page.map(({ kind }) => kind).reverse(),
    );
    vi.setSystemTime(Date.now() + 364 * DAY_MS);
    await t.mutation(internal.audit.forgetOld, {});
    expect(await auditKinds(t)).toHaveLength(4);
    vi.setSystemTime(Date.now() + 2 * DAY_MS);
    await t.mutation(internal.audit.forgetOld, {});
    expect(await auditKinds(t)).toEqual([]);
    await expectFailure(owner.action(api.accounts.invite, { role: "member", days: 91 }), "INVALID_INPUT");
  });

  test("failures are bounded, and never hold what was typed", async () => {
    const { t } = await newTeam();
    const fail = (login: string) => t.mutation(internal.accounts.noteFailure, { login, detail: "password" });
    await fail("bob");
    await fail("my secret password");
    for (let i = 0; i < 100; i++) await fail("nobody");
    const events = await t.run((ctx) => ctx.db.query("auditEvents").collect());
    expect(events).toHaveLength(50);
    expect(events.map(({ subject }) => subject?.name).filter(Boolean)).toEqual(["bob"]);
    expect(JSON.stringify(events)).not.toContain("secret");
  });

  test("what one person does themselves is bounded too", async () => {
    const { t, member } = await newTeam();
    const { taskId } = await send(member, "Mine");
    for (let i = 0; i < 220; i++) {
      await member.mutation(api.tasks.remove, { taskId });
      await member.mutation(api.tasks.restore, { taskId });
    }
    expect((await auditKinds(t)).length).toBe(200);
  });
});

describe("[G11] the door", () => {
  test("is by invitation and without guests, or as the owner has set it", async () => {
    const { t, owner, admin } = await newTeam();
    expect(await admin.query(api.people.door, {})).toEqual({
      signUp: { value: "invitation", setBy: "default" },
      guests: { value: false, setBy: "default" },
    });
    await owner.mutation(api.people.setDoor, { signUp: "open" });
    await owner.mutation(api.people.setDoor, { guests: true });
    expect(await t.query(api.accounts.door, {})).toMatchObject({
      kind: "guest",
      needsOwner: false,
      signUp: true,
    });
    expect(await t.run((ctx) => ctx.db.query("doorSettings").collect())).toHaveLength(1);
  });

  test("is as the environment says, whatever the owner has set; a closed one takes no invitations", async () => {
    vi.stubEnv("VERBATIM_SIGN_UP", "closed");
    vi.stubEnv("VERBATIM_GUESTS", "off");
    const { t, owner, admin } = await newTeam();
    await owner.mutation(api.people.setDoor, { signUp: "open", guests: true });
    expect(await admin.query(api.people.door, {})).toEqual({
      signUp: { value: "closed", setBy: "environment" },
      guests: { value: false, setBy: "environment" },
    });
    expect(await t.query(api.accounts.door, {})).toMatchObject({
      kind: "locked",
      needsOwner: false,
      signUp: false,
    });
    await expectFailure(owner.action(api.accounts.invite, { role: "member" }), "NOT_ALLOWED");
  });
});

describe("[G11] figures", () => {
  test("an admin sees sums of somebody's replies and files, and nothing of what is in them", async () => {
    const { t, admin, member } = await newTeam();
    const { runId } = await sendStarted(member, "Secret prompt");
    const generator = playGenerator(t, runId);
    await generator.claim();
    await generator.complete("Secret reply");
    const of = { userId: member.userId };
    const usage = await admin.query(api.people.usage, { ...of, from: 0, before: null });
    expect(usage).toMatchObject({ sum: { runs: 1 }, before: null });
    expect(await admin.query(api.people.storage, of)).toEqual({ files: 0, bytes: 0 });
    const everything = JSON.stringify([
      usage,
      await admin.query(api.people.list, FIRST),
      await admin.query(api.audit.list, { kind: null, ...FIRST }),
      await admin.query(api.health.now, {}),
      await admin.query(api.people.limits, {}),
    ]);
    expect(everything).not.toContain("Secret");
  });

  test("the invariants are kept once an hour, for 30 days", async () => {
    const { t, admin, member } = await newTeam();
    await t.action(internal.health.sample, {});
    await sendStarted(member, "Waits");
    vi.setSystemTime(Date.now() + 3_600_000);
    await t.action(internal.health.sample, {});
    const history = await admin.query(api.health.history, {});
    expect(history.map(({ waiting, duplicates, stuck }) => [waiting, duplicates, stuck])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ]);
    vi.setSystemTime(Date.now() + 31 * DAY_MS);
    await t.action(internal.health.sample, {});
    expect(await admin.query(api.health.history, {})).toHaveLength(1);
  });

  test("hundreds of people come in pages", async () => {
    const { t, owner } = await newTeam();
    for (let i = 0; i < 240; i++) await newPerson(t, "member", `member-${i}`);
    let [cursor, count, pages]: [string | null, number, number] = [null, 0, 0];
    for (let isDone = false; !isDone; pages++) {
      const page: Awaited<ReturnType<typeof next>> = await next(cursor);
      count += page.page.length;
      ({ isDone, continueCursor: cursor } = page);
    }
    expect(count).toBe(243);
    expect(pages).toBeGreaterThan(4);
    function next(from: string | null) {
      return owner.query(api.people.list, { paginationOpts: { numItems: 50, cursor: from } });
    }
  });
});

const ADMIN_MODULES = import.meta.glob<Record<string, unknown>>(
  ["../../convex/{people,audit,health}.ts", "../../convex/accounts.ts"],
  { eager: true },
);
/** Of `accounts.ts`; all that is public in the others is for admins. */
const OF_ADMINS = ["invitations", "invite", "withdrawInvitation", "makeResetLink", "setRole"];

type Registered = { isPublic?: boolean; isQuery?: boolean; isMutation?: boolean; exportArgs(): string };

const adminFunctions = Object.entries(ADMIN_MODULES).flatMap(([path, module]) => {
  const file = path.slice(path.lastIndexOf("/") + 1, -".ts".length);
  return Object.entries(module).flatMap(([name, value]) => {
    const registered = value as Registered;
    const isOne = registered.isPublic === true && (file !== "accounts" || OF_ADMINS.includes(name));
    return isOne ? [{ path: `${file}:${name}`, registered }] : [];
  });
});

describe("[G11] what is for admins", () => {
  test("is refused to all others: without identity, a guest, a member, revoked, of another's session, demoted, disabled, deleted", async () => {
    expect(adminFunctions.length).toBeGreaterThanOrEqual(15);
    const { t, owner, admin, member } = await newTeam();
    const guest = await newViewer(t);
    const invitationId = await t.run((ctx) =>
      ctx.db.insert("accountLinks", {
        ...{ secretDigest: "x", madeBy: owner.userId, expiresAt: Date.now() + DAY_MS },
        purpose: { kind: "invitation", role: "member" },
      }),
    );
    const ids = { users: member.userId, accountLinks: invitationId };
    const call = (caller: Pick<TestBackend, "query" | "mutation" | "action">, path: string) => {
      const { registered } = adminFunctions.find((one) => one.path === path)!;
      const args = sampleOf(JSON.parse(registered.exportArgs()) as Exported, ids) as Record<string, unknown>;
      if ("paginationOpts" in args) args["paginationOpts"] = FIRST.paginationOpts;
      const callable = caller as unknown as Record<
        "query" | "mutation" | "action",
        (reference: unknown, args: unknown) => Promise<unknown>
      >;
      const kind = registered.isQuery ? "query" : registered.isMutation ? "mutation" : "action";
      return callable[kind](makeFunctionReference(path), args);
    };
    const everyCall = async (caller: Pick<TestBackend, "query" | "mutation" | "action">, code: ErrorCode) => {
      const before = await t.run((ctx) => ctx.db.query("people").collect());
      for (const { path } of adminFunctions) await expectFailure(call(caller, path), code);
      expect(await t.run((ctx) => ctx.db.query("people").collect())).toEqual(before);
    };
    await everyCall(t, "UNAUTHENTICATED");
    await everyCall(guest, "NOT_ALLOWED");
    await everyCall(member, "NOT_ALLOWED");
    const forged = [
      `${owner.userId}|${member.subject.split("|")[1]}`,
      `${owner.userId}|made up`,
      owner.userId,
      `made up|${owner.subject.split("|")[1]}`,
    ];
    for (const subject of forged) await everyCall(t.withIdentity({ subject }), "UNAUTHENTICATED");
    await owner.mutation(api.accounts.setRole, { userId: admin.userId, role: "member" });
    await everyCall(admin, "NOT_ALLOWED");
    await owner.mutation(api.accounts.setRole, { userId: admin.userId, role: "admin" });
    await owner.mutation(api.people.setDisabled, { userId: admin.userId, disabled: true });
    const isQueryOrMutation = ({ registered }: { registered: Registered }) =>
      registered.isQuery === true || registered.isMutation === true;
    for (const one of adminFunctions)
      await expectFailure(
        call(admin, one.path),
        isQueryOrMutation(one) ? "ACCOUNT_DISABLED" : "UNAUTHENTICATED",
      );
    await owner.mutation(api.people.remove, { userId: admin.userId });
    await everyCall(admin, "UNAUTHENTICATED");
  });
});

test("[G17] people of earlier versions are not disabled", async () => {
  const { owner } = await newTeam();
  const { page } = await owner.query(api.people.list, FIRST);
  expect(page.map(({ disabledAt }) => disabledAt)).toEqual([null, null, null]);
});
