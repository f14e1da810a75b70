/** [G11] API tokens: for scripts, for chats alone, shown once, revoked at once. */
import { afterEach, expect, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import { FakeProvider } from "./fakeProvider.ts";
import { pass, until, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import { expectFailure, newClientId, newViewer } from "./support.ts";

useFakeTime();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** Somebody with an account: a guest has no tokens. */
async function newMember(t: TestBackend) {
  const viewer = await newViewer(t);
  await t.run((ctx) => ctx.db.insert("people", { userId: viewer.userId, role: "member" }));
  return viewer;
}

const post = (t: TestBackend, token: string, body: object = {}) =>
  t.fetch("/chat-stream", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify({ clientMessageId: newClientId(), content: "Hello?", ...body }),
  });

const status = async (response: Promise<Response>) => (await whileTimePasses(response)).status;

test("a token sends prompts of its person; its list shows no secret, nor does the database", async () => {
  const provider = new FakeProvider();
  const t = newBackend();
  const viewer = await newMember(t);
  const token = await viewer.action(api.apiTokens.make, { name: "  My  script ", days: null });
  expect(token).toMatch(/^verbatim_[\w-]{43}$/);
  const sent = post(t, token);
  const request = await provider.request();
  request.say({ type: "text", text: "Hi" }, { type: "finish", reason: "stop" });
  request.close();
  expect(await (await whileTimePasses(sent)).text()).toBe("Hi");
  const { page } = await viewer.query(api.tasks.list, { paginationOpts: { numItems: 9, cursor: null } });
  expect(page.map(({ title }) => title)).toEqual(["Hello?"]);
  const [listed] = await viewer.query(api.apiTokens.list, {});
  expect(listed).toMatchObject({ name: "My script", hint: token.slice(0, 13), expiresAt: null });
  const usedAt = listed!.lastUsedAt;
  expect(usedAt).toEqual(expect.any(Number));
  const stored = JSON.stringify(await t.run((ctx) => ctx.db.query("apiTokens").collect()));
  expect(stored).not.toContain(token.slice(14));
  // The next use within hours is not written down.
  await pass(60_000, 10_000);
  expect(await status(post(t, token, { taskId: "nobody's" }))).toBe(404);
  expect((await viewer.query(api.apiTokens.list, {}))[0]?.lastUsedAt).toBe(usedAt);
});

test("forged, expired, revoked, and of who has no account any more: refused", async () => {
  const t = newBackend();
  const viewer = await newMember(t);
  const make = (days: number | null) => viewer.action(api.apiTokens.make, { name: "x", days });
  const token = await make(1);
  expect(await status(post(t, token, { taskId: "nobody's" }))).toBe(404);
  expect(await status(post(t, `${token}x`))).toBe(401);
  expect(await status(post(t, "verbatim_"))).toBe(401);
  await pass(86_400_001, 3_600_000);
  expect(await status(post(t, token))).toBe(401);
  const second = await make(null);
  const tokenId = (await viewer.query(api.apiTokens.list, {}))[0]!._id;
  const stranger = await newMember(t);
  await stranger.mutation(api.apiTokens.revoke, { tokenId });
  expect(await status(post(t, second, { taskId: "nobody's" }))).toBe(404);
  await viewer.mutation(api.apiTokens.revoke, { tokenId });
  await viewer.mutation(api.apiTokens.revoke, { tokenId });
  expect(await status(post(t, second))).toBe(401);
  const third = await make(null);
  await t.run(async (ctx) => {
    for (const { _id } of await ctx.db.query("people").collect()) await ctx.db.delete("people", _id);
  });
  expect(await status(post(t, third))).toBe(401);
});

test.each(["token", "session"])(
  "a %s that is revoked in the middle of an answer: it breaks off, and the run goes on",
  async (kind) => {
    const provider = new FakeProvider();
    const t = newBackend();
    const viewer = await newMember(t);
    const token = await viewer.action(api.apiTokens.make, { name: "x", days: null });
    const body = JSON.stringify({ clientMessageId: newClientId(), content: "Hello?" });
    const sent = kind === "token" ? post(t, token) : viewer.fetch("/chat-stream", { method: "POST", body });
    const request = await provider.request();
    request.text("Half");
    const reader = (await whileTimePasses(sent)).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const over = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return "ended";
        text += value;
      }
    })().catch(() => "brokenOff");
    await until(() => text === "Half");
    const { page } = await viewer.query(api.tasks.list, { paginationOpts: { numItems: 1, cursor: null } });
    await t.run(async (ctx) => {
      for (const { _id } of await ctx.db.query("apiTokens").collect()) await ctx.db.delete("apiTokens", _id);
      if (kind === "session")
        for (const { _id } of await ctx.db.query("authSessions").collect())
          await ctx.db.delete("authSessions", _id);
    });
    request.say({ type: "text", text: ", secret rest" }, { type: "finish", reason: "stop" });
    request.close();
    expect(await whileTimePasses(over)).toBe("brokenOff");
    expect(text).toBe("Half");
    const last = await t.run(async (ctx) =>
      (await ctx.db.query("chatMessages").collect()).find(
        ({ taskId, role }) => taskId === page[0]!._id && role === "ASSISTANT",
      ),
    );
    expect(last).toMatchObject({ endReason: "finished" });
  },
);

test("guests make none; names, ends and numbers are bounded", async () => {
  const t = newBackend();
  const guest = await newViewer(t);
  await expectFailure(guest.action(api.apiTokens.make, { name: "x", days: null }), "NOT_ALLOWED");
  const viewer = await newMember(t);
  for (const [name, days] of [
    ["", null],
    ["x".repeat(101), null],
    ["x", 0],
    ["x", NaN],
    ["x", 4_000],
  ] as const)
    await expectFailure(viewer.action(api.apiTokens.make, { name, days }), "INVALID_INPUT");
  const store = { userId: viewer.userId, name: "x", days: null, hint: "verbatim_xxxx" };
  for (let n = 0; n < 50; n++) await t.mutation(internal.apiTokens.store, { ...store, secretDigest: `${n}` });
  await expectFailure(viewer.action(api.apiTokens.make, { name: "x", days: null }), "INVALID_INPUT");
});
