/** [G16] What one person, one address and all together may ask of a server; refusals say when to try again, and nothing is lost. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import { callersNetwork, networkOf } from "../../convex/model/budgets/address";
import { look, type Charge } from "../../convex/model/budgets/limiter";
import { failureData } from "../../convex/shared/errors";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import { pass, until, useFakeTime } from "./fakeTime.ts";
import { useSigningKeys } from "./signingKeys.ts";
import {
  expectInvariants,
  liveRun,
  newChat,
  newClientId,
  newViewer,
  playGenerator,
  send,
  sendStarted,
  type Viewer,
} from "./support.ts";

const MINUTE_MS = 60_000;

useSigningKeys();
useFakeTime();
beforeEach(() => {
  vi.stubEnv("VERBATIM_GUESTS", "on");
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});
afterEach(() => void vi.unstubAllEnvs());

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** A send whose answer is stopped at once: it costs a request and leaves no live run. */
async function sendAndStop(viewer: Viewer, content = "Go") {
  const { taskId } = await send(viewer, content);
  await viewer.mutation(api.streaming.stopTask, { taskId });
}

/** Waits until the component's worker, which counts in the background, has taken all that there was. */
async function usedUp(t: TestBackend, budget: Charge) {
  await until(async () => {
    await pass(20);
    return (await t.run((ctx) => look(ctx, budget))) !== null;
  });
}

async function refusalOf(call: Promise<unknown>) {
  return failureData(
    await call.then(
      () => null,
      (error: unknown) => error,
    ),
  );
}

describe("[G16] a person's budget", () => {
  test("sixty requests a minute; then the time to wait is told, and keeping to it is enough", async () => {
    const { t, viewer } = await newChat();
    for (let i = 0; i < 60; i++) await sendAndStop(viewer);
    const clientMessageId = newClientId();
    const refusal = await refusalOf(send(viewer, "One too many", { clientMessageId }));
    expect(refusal).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 1_000, scope: "person" });
    expect(await send(await newViewer(t), "Somebody else's")).toMatchObject({ status: "started" });
    later(1_000);
    expect(await send(viewer, "One too many", { clientMessageId })).toMatchObject({
      status: "started",
      reused: false,
    });
  });

  test("edit, regenerate and continue come out of it too", async () => {
    vi.stubEnv("VERBATIM_SENDS_PER_MINUTE", "1");
    const { viewer } = await newChat();
    const { taskId, promptMessageId, assistantMessageId } = await sendStarted(viewer, "Go");
    await viewer.mutation(api.streaming.stopTask, { taskId });
    const again = { clientMessageId: newClientId() };
    const { messages } = api;
    for (const call of [
      viewer.mutation(messages.edit, { messageId: promptMessageId, content: "x", ...again }),
      viewer.mutation(messages.regenerate, { messageId: assistantMessageId, ...again }),
      viewer.mutation(messages.continueAnswer, { messageId: assistantMessageId, ...again }),
    ])
      expect(await refusalOf(call)).toMatchObject({ code: "RATE_LIMITED" });
  });
});

describe("[G16] the server's budget", () => {
  test("holds for all together, however many they are, and refills", async () => {
    vi.stubEnv("VERBATIM_SERVER_REQUESTS_PER_MINUTE", "12");
    const t = newBackend();
    const people = await Promise.all(Array.from({ length: 6 }, () => newViewer(t)));
    for (const viewer of people) for (let i = 0; i < 2; i++) await sendAndStop(viewer);
    await usedUp(t, { name: "serverRequests" });
    const guest = await newViewer(t);
    const refusal = await refusalOf(send(guest, "Too many"));
    expect(refusal).toMatchObject({ code: "RATE_LIMITED", scope: "server" });
    expect(refusal?.retryAfterMs).toBeLessThanOrEqual(MINUTE_MS / 12);
    later(MINUTE_MS / 12);
    expect(await send(guest, "After waiting")).toMatchObject({ status: "started" });
  });

  test("taken in the transaction of the send, it cannot be overdrawn, and what is refused takes nothing", async () => {
    vi.stubEnv("VERBATIM_EXACT_BUDGETS", "on");
    vi.stubEnv("VERBATIM_SERVER_REQUESTS_PER_MINUTE", "2");
    vi.stubEnv("VERBATIM_SENDS_PER_MINUTE", "1");
    const t = newBackend();
    const [ada, bob, cem] = [await newViewer(t), await newViewer(t), await newViewer(t)];
    expect(await send(ada, "Hello")).toMatchObject({ status: "started" });
    expect(await refusalOf(send(ada, "Once more"))).toMatchObject({ scope: "person" });
    expect(await send(bob, "Hello")).toMatchObject({ status: "started" });
    expect(await refusalOf(send(cem, "Hello"))).toMatchObject({ code: "RATE_LIMITED", scope: "server" });
    later(MINUTE_MS / 2);
    expect(await send(cem, "Hello")).toMatchObject({ status: "started" });
  });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("[G16] %s counts as %s", (ip, network) => {
  expect(networkOf(ip)).toBe(network);
});

test("a backend that does not tell addresses, and calls that no client made: the server's budgets alone hold", async () => {
  const tells = (getRequestMetadata: () => Promise<{ ip: string | null }>) =>
    callersNetwork({ meta: { getRequestMetadata } } as never);
  expect(await tells(() => Promise.reject(new Error("not supported")))).toBeNull();
  expect(await tells(() => Promise.resolve({ ip: null }))).toBeNull();
  expect(await tells(() => Promise.resolve({ ip: "192.0.2.7" }))).toBe("192.0.2.7");
});

describe("[G16] the budgets of an address", () => {
  const from = (t: TestBackend, ip: string) => t.withRequestMetadata({ ip });
  const store = (t: ReturnType<typeof from>) =>
    t.mutation(internal.auth.store, {
      args: {
        type: "createAccountFromCredentials",
        provider: "anonymous",
        account: { id: newClientId() },
        profile: { isAnonymous: true },
      },
    });
  const REFRESH_OF_NONE = { args: { type: "refreshSession", refreshToken: "none" } };
  const refresh = (t: ReturnType<typeof from>) => t.mutation(internal.auth.store, REFRESH_OF_NONE);

  test("300 guests a day; others' are not touched, and a day later there are more", async () => {
    const t = newBackend();
    const office = from(t, "192.0.2.1");
    for (let i = 0; i < 300; i++) await store(office);
    const refusal = await refusalOf(store(office));
    expect(refusal).toMatchObject({ code: "RATE_LIMITED", scope: "address" });
    expect(refusal?.message).toContain("Please try again in");
    await store(from(t, "192.0.2.2"));
    later(24 * 60 * MINUTE_MS);
    await store(office);
  });

  test("one network of IPv6 is one, whichever of its addresses is used", async () => {
    vi.stubEnv("VERBATIM_ADDRESS_GUESTS_PER_DAY", "2");
    const t = newBackend();
    await store(from(t, "2001:db8::1"));
    await store(from(t, "2001:db8::2"));
    expect(await refusalOf(store(from(t, "2001:db8::3")))).toMatchObject({ scope: "address" });
  });

  test("the server's budget of guests holds for all addresses", async () => {
    vi.stubEnv("VERBATIM_SERVER_GUESTS_PER_DAY", "5");
    const t = newBackend();
    for (let i = 0; i < 5; i++) await store(from(t, `192.0.2.${i}`));
    expect(await refusalOf(store(from(t, "192.0.2.99")))).toMatchObject({ scope: "server" });
  });

  test("sign-ins and renewals, also those that are refused", async () => {
    vi.stubEnv("VERBATIM_ADDRESS_SIGN_INS_PER_MINUTE", "3");
    const t = newBackend();
    const there = from(t, "192.0.2.1");
    for (let i = 0; i < 3; i++) expect(await refresh(there)).toBeNull();
    expect(await refusalOf(refresh(there))).toMatchObject({ code: "RATE_LIMITED", scope: "address" });
    later(MINUTE_MS / 3);
    expect(await refresh(there)).toBeNull();
  });

  test("tokens that name no session use up no other address's sign-ins, however many addresses send them", async () => {
    vi.stubEnv("VERBATIM_SERVER_SIGN_INS_PER_MINUTE", "5");
    const t = newBackend();
    const attempt = { redirectUri: "x", nonce: "x", codeVerifier: "x", stateDigest: "x", secretDigest: "x" };
    for (let i = 0; i < 10; i++) {
      const stranger = from(t, `192.0.2.${i}`);
      expect(await refresh(stranger)).toBeNull();
      await stranger.mutation(internal.oidc.addAttempt, attempt);
    }
    const home = from(t, "198.51.100.1");
    const { tokens } = await home.action(api.auth.signIn, { provider: "anonymous" });
    const { refreshToken } = tokens!;
    expect((await home.action(api.auth.signIn, { refreshToken })).tokens?.refreshToken).toBeDefined();
    // A backend that tells no addresses has the server's budget alone.
    for (let i = 0; i < 10; i++) await refusalOf(t.mutation(internal.auth.store, REFRESH_OF_NONE));
    expect(await refusalOf(t.mutation(internal.auth.store, REFRESH_OF_NONE))).toMatchObject({
      scope: "server",
    });
  });

  test("sends of many guests behind it", async () => {
    vi.stubEnv("VERBATIM_ADDRESS_SENDS_PER_MINUTE", "10");
    const t = newBackend();
    const there = from(t, "192.0.2.1");
    const sendFrom = async (as: typeof there) => {
      const viewer = await newViewer(t);
      return as
        .withIdentity({ subject: viewer.subject })
        .mutation(api.messages.send, { taskId: null, clientMessageId: newClientId(), content: "Go" });
    };
    for (let i = 0; i < 10; i++) await sendFrom(there);
    await usedUp(t, { name: "addressRequests", key: "192.0.2.1" });
    expect(await refusalOf(sendFrom(there))).toMatchObject({ scope: "address" });
    expect(await sendFrom(from(t, "192.0.2.2"))).toMatchObject({ status: "started" });
  });

  test("a hundred people in one office, who come in at once and send twice in a minute, are not refused", async () => {
    const t = newBackend();
    const office = from(t, "192.0.2.1");
    for (let person = 0; person < 100; person++) {
      await store(office);
      for (let page = 0; page < 3; page++) expect(await refresh(office)).toBeNull();
      const { subject } = await newViewer(t);
      const viewer = office.withIdentity({ subject });
      for (let i = 0; i < 2; i++) {
        const sent = { taskId: null, clientMessageId: newClientId(), content: "Go" };
        expect(await viewer.mutation(api.messages.send, sent)).toMatchObject({ status: "started" });
      }
    }
    await pass(1_000);
    const sent = { taskId: null, clientMessageId: newClientId(), content: "Go" };
    const { subject } = await newViewer(t);
    expect(await office.withIdentity({ subject }).mutation(api.messages.send, sent)).toMatchObject({
      status: "started",
    });
  }, 60_000);

  test("what is remembered of an address is forgotten after two days", async () => {
    vi.stubEnv("VERBATIM_ADDRESS_GUESTS_PER_DAY", "1");
    const t = newBackend();
    await store(from(t, "192.0.2.1"));
    await t.mutation(internal.auth.forgetBudgets, {});
    expect(await refusalOf(store(from(t, "192.0.2.1")))).toMatchObject({ scope: "address" });
    later(3 * 24 * 60 * MINUTE_MS);
    await t.mutation(internal.auth.forgetBudgets, {});
    vi.setSystemTime(Date.now() - 3 * 24 * 60 * MINUTE_MS);
    await store(from(t, "192.0.2.1"));
  });
});

describe("[G15] [G16] four live runs a person; their others wait", () => {
  async function fiveChats() {
    const { t, viewer } = await newChat();
    const sent = [];
    for (let i = 0; i < 6; i++) sent.push(await sendStarted(viewer, `Chat ${i}`));
    const claims = [];
    for (const { runId } of sent)
      claims.push(await t.mutation(internal.generation.claim, { runId, userId: viewer.userId }));
    return { t, viewer, sent, claims };
  }

  test.each([
    ["where places are not limited", null],
    ["where they are, and more are free", "64"],
  ])("%s: the fifth is not refused, waits, and is called when one has ended", async (_name, places) => {
    if (places !== null) vi.stubEnv("VERBATIM_LIVE_RUNS", places);
    const { t, viewer, sent, claims } = await fiveChats();
    expect(claims).toEqual(["claimed", "claimed", "claimed", "claimed", "waiting", "waiting"]);
    const [first, , , , fifth, sixth] = sent;
    if (!first || !fifth || !sixth) throw new Error("There are six");
    const generator = playGenerator(t, first.runId);
    await generator.complete("done");
    await until(async () => {
      await pass(20);
      return (await liveRun(t, fifth.taskId))?.state.kind === "called";
    });
    expect((await liveRun(t, sixth.taskId))?.state.kind).toBe("waiting");
    expect(await t.mutation(internal.generation.claim, { runId: fifth.runId, userId: viewer.userId })).toBe(
      "claimed",
    );
    expect(await t.mutation(internal.generation.claim, { runId: sixth.runId, userId: viewer.userId })).toBe(
      "waiting",
    );
    await expectInvariants(t);
  });

  test("they keep nobody else waiting", async () => {
    vi.stubEnv("VERBATIM_LIVE_RUNS", "5");
    const { t } = await fiveChats();
    const other = await newViewer(t);
    const { runId } = await sendStarted(other, "Mine");
    expect(await t.mutation(internal.generation.claim, { runId, userId: other.userId })).toBe("claimed");
  });

  test("what no end has seen to is seen to by the start check", async () => {
    const { t, sent } = await fiveChats();
    const [first, , , , fifth] = sent;
    if (!first || !fifth) throw new Error("There are six");
    await t.run(async (ctx) => {
      const run = await ctx.db
        .query("runs")
        .withIndex("by_run", (q) => q.eq("runId", first.runId))
        .unique();
      if (run)
        await ctx.db.patch(run._id, { state: { kind: "ended", endedAt: Date.now(), reason: "stopped" } });
    });
    await t.mutation(internal.generation.startCheck, { runId: fifth.runId });
    expect((await liveRun(t, fifth.taskId))?.state.kind).toBe("called");
  });

  test("thirty live and waiting at most; then a send is refused, and its words are free for later", async () => {
    const { viewer } = await newChat();
    const clientMessageId = newClientId();
    const sent = [];
    for (let i = 0; i < 30; i++) sent.push(await sendStarted(viewer, `Chat ${i}`));
    expect(await refusalOf(send(viewer, "One too many", { clientMessageId }))).toMatchObject({
      code: "RATE_LIMITED",
      scope: "runs",
    });
    await viewer.mutation(api.streaming.stopTask, { taskId: sent[0]?.taskId ?? ("" as never) });
    expect(await send(viewer, "One too many", { clientMessageId })).toMatchObject({ status: "started" });
  });
});
