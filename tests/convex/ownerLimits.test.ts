/** [G16] Limits that the owner sets on their page: they hold from the next request on, never above what the environment says. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import type { LimitName } from "../../convex/model/limits/limits";
import { NO_TURN } from "../../convex/model/runs/places";
import { failureData } from "../../convex/shared/errors";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import { useFakeTime } from "./fakeTime.ts";
import { attach } from "./files.ts";
import { useSigningKeys } from "./signingKeys.ts";
import { expectFailure, newViewer, send, sendStarted, type Viewer } from "./support.ts";

const DAY_MS = 86_400_000;

useSigningKeys();
useFakeTime();
beforeEach(() => {
  vi.stubEnv("VERBATIM_GUESTS", "on");
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => void vi.unstubAllEnvs());

async function newPerson(t: TestBackend, role: "owner" | "admin" | "member"): Promise<Viewer> {
  const viewer = await newViewer(t);
  await t.run((ctx) => ctx.db.insert("people", { userId: viewer.userId, role }));
  return viewer;
}

async function newServer() {
  const t = newBackend();
  const owner = await newPerson(t, "owner");
  const set = (name: LimitName, value: number | null) => owner.mutation(api.people.setLimit, { name, value });
  const limit = async (name: LimitName) =>
    (await owner.query(api.people.limits, {})).find((one) => one.name === name);
  return { t, owner, set, limit };
}

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

async function refusalOf(call: Promise<unknown>) {
  return failureData(
    await call.then(
      () => null,
      (error: unknown) => error,
    ),
  );
}

const newGuest = async (t: TestBackend): Promise<string> =>
  (await t.action(api.auth.signIn, { provider: "anonymous" })).tokens!.refreshToken;

/** Null: the session has ended. */
const renew = async (t: TestBackend, refreshToken: string): Promise<string | null> =>
  (await t.action(api.auth.signIn, { refreshToken })).tokens?.refreshToken ?? null;

describe("[G16] a limit that the owner sets", () => {
  test("counts from the next request on, for everybody; so does taking it back", async () => {
    const { t, set, limit } = await newServer();
    const viewer = await newViewer(t);
    await set("sendsPerMinute", 2);
    expect(await limit("sendsPerMinute")).toEqual({
      ...{ name: "sendsPerMinute", variable: "VERBATIM_SENDS_PER_MINUTE", unit: "perMinute" },
      ...{ value: 2, setBy: "owner", range: { least: 1, most: 10_000 } },
    });
    const sendAndStop = async () => {
      const { taskId } = await send(viewer, "Go");
      await viewer.mutation(api.streaming.stopTask, { taskId });
    };
    for (let i = 0; i < 2; i++) await sendAndStop();
    const refusal = await refusalOf(send(viewer, "Go"));
    expect(refusal).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 30_000, scope: "person" });
    await set("sendsPerMinute", null);
    expect(await limit("sendsPerMinute")).toMatchObject({ value: 60, setBy: "default" });
    later(10_000);
    for (let i = 0; i < 10; i++) await sendAndStop();
  });

  test("of replies at once: the next waits for its turn; of those that wait: it is refused", async () => {
    const { t, set } = await newServer();
    await set("liveRunsPerPerson", 1);
    const viewer = await newViewer(t);
    await sendStarted(viewer, "First");
    await sendStarted(viewer, "Second");
    const runs = await t.run((ctx) => ctx.db.query("runs").collect());
    expect(runs.map(({ state }) => state.kind === "waiting" && state.turnAt === NO_TURN)).toEqual([
      false,
      true,
    ]);
    await set("maxRunsPerPerson", 2);
    expect(await refusalOf(send(viewer, "Third"))).toMatchObject({ code: "RATE_LIMITED", scope: "runs" });
  });

  test("of files and of what they take up: what is there stays", async () => {
    const { t, set } = await newServer();
    const viewer = await newViewer(t);
    for (let i = 0; i < 3; i++) await attach(t, viewer);
    await set("filesPerPerson", 2);
    expect(await refusalOf(attach(t, viewer))).toMatchObject({ code: "STORAGE_FULL", used: "3", limit: "2" });
    await set("filesPerPerson", null);
    await set("storagePerPerson", 1);
    await expectFailure(
      attach(t, viewer, { name: "big.png", type: "image/png", bytes: 2 ** 20 }),
      "STORAGE_FULL",
    );
    await attach(t, viewer);
  });

  test("of new guests a day", async () => {
    const { t, set } = await newServer();
    await set("serverGuestsPerDay", 1);
    await newGuest(t);
    expect(await refusalOf(newGuest(t))).toMatchObject({ code: "RATE_LIMITED", scope: "server" });
  });

  test("of days: sessions end, and guests are deleted", async () => {
    const { t, set } = await newServer();
    const first = await newGuest(t);
    await set("sessionDays", 7);
    later(6 * DAY_MS);
    const second = await renew(t, first);
    later(8 * DAY_MS);
    expect(await renew(t, second!)).toBeNull();
    const leaving = async () => {
      await t.mutation(internal.people.removeAbandonedGuests, { after: null });
      return (await t.run((ctx) => ctx.db.query("departures").collect())).length;
    };
    expect(await leaving()).toBe(0);
    await set("guestDays", 7);
    expect(await leaving()).toBe(1);
  });

  test("is never above the environment's, which also holds where it has become smaller", async () => {
    vi.stubEnv("VERBATIM_SENDS_PER_MINUTE", "10");
    vi.stubEnv("VERBATIM_ADDRESS_SIGN_INS_PER_MINUTE", "3");
    const { t, set, limit } = await newServer();
    const atMostTen = { value: 10, setBy: "environment", range: { least: 1, most: 10 } };
    expect(await limit("sendsPerMinute")).toMatchObject(atMostTen);
    expect(await limit("addressSignInsPerMinute")).toMatchObject({ value: 3, range: { least: 3, most: 3 } });
    expect((await refusalOf(set("sendsPerMinute", 11)))?.message).toContain("from 1 to 10");
    await set("sendsPerMinute", 9);
    expect(await limit("sendsPerMinute")).toMatchObject({ value: 9, setBy: "owner" });
    // Set while the variable said more.
    await t.run(async (ctx) => {
      const row = await ctx.db.query("limitSettings").unique();
      await ctx.db.patch("limitSettings", row!._id, { value: 500 });
    });
    expect(await limit("sendsPerMinute")).toMatchObject(atMostTen);
  });

  test("is a whole number within its range, set by the owner alone, and listed", async () => {
    const { t, owner, set } = await newServer();
    for (const value of [0, -1, 1.5, NaN, Infinity, 10_001])
      await expectFailure(set("sendsPerMinute", value), "INVALID_INPUT");
    // Else they could lock themselves out.
    await expectFailure(set("serverSignInsPerMinute", 9), "INVALID_INPUT");
    await expectFailure(set("auditDays", 1), "NOT_ALLOWED");
    for (const role of ["admin", "member"] as const) {
      const person = await newPerson(t, role);
      const call = person.mutation(api.people.setLimit, { name: "sendsPerMinute", value: 1 });
      await expectFailure(call, "NOT_ALLOWED");
    }
    for (const value of [7, 8, null, null]) await set("sendsPerMinute", value);
    expect(await t.run((ctx) => ctx.db.query("limitSettings").collect())).toEqual([]);
    const listed = await t.run((ctx) => ctx.db.query("auditEvents").collect());
    expect(listed.map(({ kind, actor, detail }) => [kind, actor?.userId, detail])).toEqual(
      ["7", "8", "default", "default"].map((to) => ["limitChanged", owner.userId, `sendsPerMinute=${to}`]),
    );
  });
});
