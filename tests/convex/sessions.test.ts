/** [G14] Nobody's chats hang on a clock: a session lasts as long as it is used, and only the server's answer ends it. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import type { Id } from "../../convex/_generated/dataModel";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import { useFakeTime } from "./fakeTime.ts";
import { useSigningKeys } from "./signingKeys.ts";
import { expectFailure, send } from "./support.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

useSigningKeys();
useFakeTime();
beforeEach(() => {
  vi.stubEnv("VERBATIM_GUESTS", "on");
  // A backend that closes puts back what was set when its first action ran.
  vi.stubEnv("VERBATIM_SESSION_DAYS", "");
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => void vi.unstubAllEnvs());

type Tokens = { token: string; refreshToken: string };

async function newGuest(t: TestBackend): Promise<Tokens> {
  const { tokens } = await t.action(api.auth.signIn, { provider: "anonymous" });
  if (!tokens) throw new Error("No guest was made");
  return tokens;
}

/** What a page does before its token runs out. Null: there is no session. */
async function refresh(t: TestBackend, { refreshToken }: Tokens): Promise<Tokens | null> {
  return (await t.action(api.auth.signIn, { refreshToken })).tokens ?? null;
}

/** The caller that a token names. */
function caller(t: TestBackend, { token }: Tokens) {
  const { sub } = JSON.parse(atob(token.split(".")[1] ?? "")) as { sub: string };
  return Object.assign(t.withIdentity({ subject: sub }), {
    userId: sub.split("|")[0] as Id<"users">,
    sessionId: sub.split("|")[1] ?? "",
    subject: sub,
  });
}

async function chatTitles(t: TestBackend, tokens: Tokens): Promise<string[]> {
  const paginationOpts = { numItems: 10, cursor: null };
  const { page } = await caller(t, tokens).query(api.tasks.list, { paginationOpts });
  return page.map(({ title }) => title);
}

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe("[G14] a session that is used", () => {
  test.each([
    ["31 days", 31, DAY_MS],
    ["31 days, hour by hour", 2, HOUR_MS],
    ["400 days", 400, 10 * DAY_MS],
  ])("%s of regular use: the chats are there", async (_name, days, everyMs) => {
    const t = newBackend();
    let tokens = await newGuest(t);
    await send(caller(t, tokens), "Mine");
    // What the hours of a day amount to is the same on each: two days of them, then the rest of the month.
    for (let passed = 0; passed < days * DAY_MS; passed += everyMs) {
      later(everyMs);
      const next = await refresh(t, tokens);
      if (!next) throw new Error(`Signed out after ${passed / DAY_MS} days`);
      tokens = next;
    }
    expect(await chatTitles(t, tokens)).toEqual(["Mine"]);
  });

  test("not used for 364 days: still there; for more than a year: it has ended", async () => {
    const t = newBackend();
    const first = await newGuest(t);
    later(364 * DAY_MS);
    const second = await refresh(t, first);
    if (!second) throw new Error("Signed out too early");
    later(366 * DAY_MS);
    expect(await refresh(t, second)).toBeNull();
  });

  test("VERBATIM_SESSION_DAYS says how long", async () => {
    vi.stubEnv("VERBATIM_SESSION_DAYS", "7");
    const t = newBackend();
    const first = await newGuest(t);
    later(6 * DAY_MS);
    const second = await refresh(t, first);
    if (!second) throw new Error("Signed out too early");
    later(8 * DAY_MS);
    expect(await refresh(t, second)).toBeNull();
  });

  test("its row is written once a day at most, since each query of the person reads it", async () => {
    const t = newBackend();
    let tokens = await newGuest(t);
    const ends = new Set<number>();
    for (let hour = 0; hour < 48; hour++) {
      later(HOUR_MS);
      tokens = (await refresh(t, tokens)) ?? tokens;
      const session = await t.run((ctx) => ctx.db.query("authSessions").unique());
      ends.add(session?.expirationTime ?? 0);
    }
    expect(ends.size).toBeLessThanOrEqual(3);
  });

  test("used refresh tokens are kept for a month, and no longer", async () => {
    const t = newBackend();
    let tokens = await newGuest(t);
    for (let day = 0; day < 100; day++) {
      later(DAY_MS);
      tokens = (await refresh(t, tokens)) ?? tokens;
    }
    const rows = await t.run((ctx) => ctx.db.query("authRefreshTokens").collect());
    expect(rows.length).toBeLessThanOrEqual(33);
    expect(rows.length).toBeGreaterThanOrEqual(30);
  });
});

test("[G17] sessions of earlier versions, which ended 30 days after they began: back in with their refresh token", async () => {
  const t = newBackend();
  const tokens = await newGuest(t);
  await send(caller(t, tokens), "Of last spring");
  await t.run(async (ctx) => {
    const expirationTime = Date.now() + 30 * DAY_MS;
    for (const { _id } of await ctx.db.query("authSessions").collect())
      await ctx.db.patch(_id, { expirationTime });
    for (const { _id } of await ctx.db.query("authRefreshTokens").collect())
      await ctx.db.patch(_id, { expirationTime });
  });
  later(120 * DAY_MS);
  const back = await refresh(t, tokens);
  if (!back) throw new Error("The session has ended");
  expect(await chatTitles(t, back)).toEqual(["Of last spring"]);
});

describe("[G14] a refusal", () => {
  test.each([
    ["garbage", () => "revoked"],
    ["nothing", () => ""],
    ["a token of no session here", ([token]: string[]) => `${token}|${token}`],
    ["a session's id with a token that is not its own", ([, session]: string[]) => `x|${session}`],
  ])("%s is answered, not thrown, and ends no session", async (_name, forge) => {
    const t = newBackend();
    const tokens = await newGuest(t);
    const forged = { token: "", refreshToken: forge(tokens.refreshToken.split("|")) };
    if (forged.refreshToken !== "") expect(await refresh(t, forged)).toBeNull();
    expect(await refresh(t, tokens)).not.toBeNull();
  });

  test("a renewal whose answer was lost can be repeated a day later", async () => {
    const t = newBackend();
    const tokens = await newGuest(t);
    await refresh(t, tokens);
    later(DAY_MS);
    expect(await refresh(t, tokens)).not.toBeNull();
  });
});

describe("[G11] a token whose session was signed out", () => {
  /** A person's page whose session ended elsewhere: its token is good for the rest of its hour. */
  async function signedOut() {
    const t = newBackend();
    const tokens = await newGuest(t);
    const page = caller(t, tokens);
    const { taskId, runId } = await send(page, "Secret");
    await page.action(api.auth.signOut, {});
    return { t, page, taskId, runId: runId ?? "" };
  }

  test("is refused by queries, mutations, actions and /chat-stream", async () => {
    const { page, taskId, runId } = await signedOut();
    const paginationOpts = { numItems: 10, cursor: null };
    await expectFailure(page.query(api.tasks.list, { paginationOpts }), "UNAUTHENTICATED");
    await expectFailure(page.query(api.messages.list, { taskId, paginationOpts }), "UNAUTHENTICATED");
    await expectFailure(send(page, "More"), "UNAUTHENTICATED");
    await expectFailure(page.action(api.generate.start, { runId }), "UNAUTHENTICATED");
    await expectFailure(page.action(api.models.list, {}), "UNAUTHENTICATED");
    const response = await page.fetch("/chat-stream", {
      method: "POST",
      body: JSON.stringify({ clientMessageId: "c", content: "More" }),
    });
    expect(response.status).toBe(401);
  });

  test("as is one that names another's session, or what is no session", async () => {
    const t = newBackend();
    const ann = caller(t, await newGuest(t));
    const bob = caller(t, await newGuest(t));
    for (const subject of [
      `${ann.userId}|${bob.sessionId}`,
      `${ann.userId}|none`,
      `${ann.userId}|`,
      ann.userId,
    ])
      await expectFailure(send(t.withIdentity({ subject }) as never, "Go"), "UNAUTHENTICATED");
    expect(await send(ann, "Go")).toMatchObject({ status: "started" });
  });
});
