/** Providers that the owner adds on their page: used like those of the environment, and their keys are never shown again. */
import type { FunctionArgs } from "convex/server";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import { sendPrompt } from "../../convex/model/messages/send";
import { readTyped } from "../../convex/model/modelProviders/readTyped";
import { readProviderConfig } from "../../convex/shared/providerConfig";
import { newBackend, type TestBackend } from "../helpers/backend.ts";
import { reply } from "./askedModel.ts";
import { FakeProvider, runGenerator } from "./fakeProvider.ts";
import { pass, until, useFakeTime, whileTimePasses } from "./fakeTime.ts";
import {
  expectFailure,
  lastMessage,
  newClientId,
  newViewer,
  send,
  sendStarted,
  stored,
  textShown,
  type Viewer,
} from "./support.ts";

const KEY = "sk-page-7f3kQ9zXw2LmAbCd";
const OWN_KEY = "sk-own-1111222233334444";
const SECRET = "first-secret-of-the-server-0123456789abcdef";
const NEXT_SECRET = "second-secret-of-the-server-0123456789abcd";

/** The embedded backend reads its settings when it starts. */
const whereSettingsChange = test.runIf(inject("engine") === "convex-test");

let provider: FakeProvider;
useFakeTime();
beforeEach(() => {
  for (const name of ["log", "info", "warn", "error"] as const)
    vi.spyOn(console, name).mockImplementation(() => undefined);
  provider = new FakeProvider();
  provider.models = ["large", "small"];
  vi.stubEnv("VERBATIM_KEY_SECRET", SECRET);
  vi.stubEnv("VERBATIM_PROVIDERS", "");
  vi.stubEnv("VERBATIM_MODELS", "");
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

async function person(t: TestBackend, role: "owner" | "admin" | "member"): Promise<Viewer> {
  const viewer = await newViewer(t);
  await t.run((ctx) => ctx.db.insert("people", { userId: viewer.userId, role }));
  return viewer;
}

type Typed = FunctionArgs<typeof api.modelProviders.save>["config"];

const NOTHING = { name: "", baseURL: "", api: "", show: [], hide: [], add: [], defaultModel: "" };
const ROUTER: Typed = {
  ...NOTHING,
  ...{ id: "router", kind: "openaiCompatible", baseURL: "http://router.test/v1" },
};

const SET = { kind: "set", apiKey: KEY } as const;
const KEEP = { kind: "keep" } as const;

async function setUp() {
  const t = newBackend();
  const owner = await person(t, "owner");
  const add = (config: Typed = ROUTER, key: typeof SET | typeof KEEP = SET) =>
    owner.action(api.modelProviders.save, { config, isNew: true, key });
  const change = (
    config: Partial<Typed>,
    key: { kind: "set"; apiKey: string } | { kind: "keep" } | { kind: "remove" } = KEEP,
  ) => owner.action(api.modelProviders.save, { config: { ...ROUTER, ...config }, isNew: false, key });
  const shown = async () => (await owner.query(api.modelProviders.list, {})).providers;
  return { t, owner, add, change, shown, guest: await newViewer(t) };
}

const rows = (t: TestBackend) => t.run((ctx) => ctx.db.query("addedProviders").collect());

const models = async (viewer: Viewer) =>
  (await viewer.action(api.models.list, {})).models.map(({ id }) => id);

/** Sends a prompt, answers it, and says what was asked where. */
async function asked(t: TestBackend, viewer: Viewer, model?: string) {
  const before = provider.requests.length;
  const { runId, taskId } = await sendStarted(viewer, "Go", model === undefined ? {} : { model });
  const generation = runGenerator(t, runId);
  const request = await provider.request(before);
  request.say({ type: "text", text: "Done" }, { type: "finish", reason: "stop" });
  request.close();
  await whileTimePasses(generation);
  const key = request.headers.get("authorization")?.replace("Bearer ", "");
  return { host: new URL(request.url).host, model: request.body.model, key, taskId };
}

/** Why the next answer fails, without anybody being asked. */
async function problemOfNext(t: TestBackend, viewer: Viewer, model: string) {
  const before = provider.requests.length;
  const { runId, taskId } = await sendStarted(viewer, "Go", { model });
  await whileTimePasses(runGenerator(t, runId));
  expect(provider.requests).toHaveLength(before);
  return (await lastMessage(viewer, taskId)).problem;
}

describe("a provider of the owner's page", () => {
  test("is listed and asked with its key from the next request on, beside those of the environment", async () => {
    const { t, owner, add, guest } = await setUp();
    expect(await add({ ...ROUTER, hide: ["large"], show: [" *l* ", "", "*l*"] })).toEqual([]);
    expect(await models(guest)).toEqual(["test-model", "large", "small", "router::small"]);
    expect(await asked(t, guest, "router::small")).toMatchObject({
      ...{ host: "router.test", model: "small", key: KEY },
    });
    await expectFailure(send(guest, "Go", { model: "router::large" }), "MODEL_NOT_OFFERED");
    const [, shown] = (await owner.query(api.modelProviders.list, {})).providers;
    expect(shown).toEqual({
      ...{ id: "router", name: "router.test", kind: "openaiCompatible", key: "set" },
      address: "http://router.test/v1",
      origin: {
        kind: "page",
        isUsed: true,
        config: {
          ...{ id: "router", kind: "openaiCompatible", baseURL: "http://router.test/v1" },
          models: { show: ["*l*"], hide: ["large"] },
        },
      },
    });
  });

  test("is the default where there was only the demo, for titles too", async () => {
    vi.stubEnv("OPENAI_BASE_URL", "");
    vi.stubEnv("OPENAI_API_KEY", "");
    vi.stubEnv("VERBATIM_TITLES", "on");
    const { t, owner, add, guest } = await setUp();
    expect(await models(guest)).toEqual(["demo"]);
    await add();
    await owner.action(api.modelProviders.check, {});
    const { taskId, ...answer } = await asked(t, guest);
    expect(answer).toEqual({ host: "router.test", model: "large", key: KEY });
    await pass(20);
    const title = await provider.request(1);
    expect([title.url, title.headers.get("authorization")]).toEqual([
      "http://router.test/v1/chat/completions",
      `Bearer ${KEY}`,
    ]);
    reply(title, "A title");
    await until(async () => (await stored(t, taskId)).titleSource === "model");
  });

  test("without a key of the server's is for people with their own", async () => {
    const { t, owner, add, shown, guest } = await setUp();
    await add({ ...ROUTER, id: "claude", kind: "openrouter", baseURL: "" }, KEEP);
    expect((await shown())[1]).toMatchObject({ key: "people", address: "https://openrouter.ai/api/v1" });
    expect(await models(guest)).not.toContain("claude::large");
    await guest.action(api.keys.set, { providerId: "claude", apiKey: OWN_KEY });
    expect(await models(guest)).toContain("claude::large");
    expect(await asked(t, guest, "claude::large")).toMatchObject({ host: "openrouter.ai", key: OWN_KEY });
    expect(await models(owner)).not.toContain("claude::large");
  });

  test("is there for scripts, also when nobody has read its list: `/chat-stream` and `/v1`", async () => {
    const { t, add } = await setUp();
    await add();
    const member = await person(t, "member");
    const token = await member.action(api.apiTokens.make, { name: "script", days: null });
    const headers = { Authorization: `Bearer ${token}` };
    const asking = [
      ["/chat-stream", { content: "Go", clientMessageId: newClientId(), model: "router::small" }],
      ["/v1/chat/completions", { messages: [{ role: "user", content: "Go" }], model: "router::large" }],
    ] as const;
    for (const [n, [path, body]] of asking.entries()) {
      const answer = t.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
      const request = await provider.request(n);
      expect([request.url, request.headers.get("authorization"), `router::${request.body.model}`]).toEqual([
        ...["http://router.test/v1/chat/completions", `Bearer ${KEY}`],
        body.model,
      ]);
      request.say({ type: "text", text: "Done" }, { type: "finish", reason: "stop" });
      request.close();
      expect(await (await whileTimePasses(answer)).text()).toContain("Done");
    }
    const listed = await whileTimePasses(t.fetch("/v1/models", { headers }));
    expect(await listed.text()).toContain('"router::small"');
  });

  test("takes a person's own key in place of the server's", async () => {
    const { t, add, guest } = await setUp();
    await add();
    await guest.action(api.keys.set, { providerId: "router", apiKey: OWN_KEY });
    expect((await guest.query(api.keys.list, {}))[1]).toMatchObject({ providerId: "router", state: "set" });
    expect(await asked(t, guest, "router::anything")).toMatchObject({ host: "router.test", key: OWN_KEY });
    const other = await newViewer(t);
    await models(other);
    expect((await asked(t, other, "router::small")).key).toBe(KEY);
  });

  test("says how many models it has, or why it does not answer; admins see it too", async () => {
    const { t, add } = await setUp();
    await add();
    const admin = await person(t, "admin");
    expect(await admin.action(api.modelProviders.check, {})).toEqual([
      { id: "openai", models: 3, error: null },
      { id: "router", models: 2, error: null },
    ]);
    vi.stubGlobal("fetch", (url: string) =>
      url.includes("router.test")
        ? Promise.resolve(Response.json({ error: { message: `Bad key ${KEY}` } }, { status: 401 }))
        : Promise.resolve(Response.json({ data: [{ id: "one" }] })),
    );
    const [, router] = await admin.action(api.modelProviders.check, {});
    expect(router).toMatchObject({
      ...{ id: "router", models: 0 },
      problem: { kind: "key", words: "Bad key [hidden]", settings: { key: "router", isOnPage: true } },
    });
    expect(router?.error).toContain("Bad key [hidden]");
    expect(router?.error).toContain("“router” under “This server”, “Providers”");
  });

  test("that is removed leaves its chats readable; the next message is another model's", async () => {
    const { t, owner, add, guest } = await setUp();
    await add();
    await models(guest);
    const { taskId } = await asked(t, guest, "router::small");
    await owner.mutation(api.modelProviders.remove, { id: "router" });
    await owner.mutation(api.modelProviders.remove, { id: "router" });
    expect(await textShown(guest, await lastMessage(guest, taskId))).toBe("Done");
    await expectFailure(send(guest, "Go", { taskId, model: "router::small" }), "MODEL_NOT_OFFERED");
    const { runId } = await sendStarted(guest, "Go", { taskId });
    const generation = runGenerator(t, runId);
    const request = await provider.request(1);
    expect([new URL(request.url).host, request.body.model]).toEqual(["model.test", "test-model"]);
    request.say({ type: "text", text: "Done" }, { type: "finish", reason: "stop" });
    request.close();
    await whileTimePasses(generation);
    const servers = await t.run((ctx) => ctx.db.query("offeredModels").collect());
    expect(servers.map(({ server }) => server)).toEqual(["http://model.test/v1"]);
  });

  whereSettingsChange("gives way to one of the environment with its id, and comes back", async () => {
    const { t, add, shown, guest } = await setUp();
    await add();
    const other = { id: "router", kind: "openaiCompatible", baseURL: "http://file.test/v1" };
    vi.stubEnv("VERBATIM_PROVIDERS", JSON.stringify([other]));
    expect((await shown()).map(({ address, origin }) => [address, origin])).toMatchObject([
      ["http://model.test/v1", { kind: "variable", name: "OPENAI_API_KEY" }],
      ["http://file.test/v1", { kind: "file" }],
      ["http://router.test/v1", { kind: "page", isUsed: false }],
    ]);
    expect(await models(guest)).toEqual([
      ...["test-model", "large", "small"],
      ...["router::large", "router::small"],
    ]);
    expect(await asked(t, guest, "router::small")).toMatchObject({ host: "file.test", key: undefined });
    vi.stubEnv("VERBATIM_PROVIDERS", "");
    await models(guest);
    expect(await asked(t, guest, "router::small")).toMatchObject({ host: "router.test", key: KEY });
  });

  test("[G10] costs a send one read", async () => {
    const { t, add, guest } = await setUp();
    await add();
    await models(guest);
    const reads = await t.run(async (ctx) => {
      const query = vi.spyOn(ctx.db, "query");
      const prompt = { taskId: null, clientMessageId: newClientId(), content: "Go", model: "router::small" };
      await sendPrompt(ctx, guest.userId, prompt);
      return query.mock.calls.filter(([table]) => table === "addedProviders").length;
    });
    expect(reads).toBe(1);
  });
});

describe("its key", () => {
  test("is in no row, list, answer, audit entry or line of the log", async () => {
    const { t, owner, add, change, guest } = await setUp();
    const lines = ["log", "info", "warn", "error"].map((name) => vi.spyOn(console, name as "log"));
    await add();
    await change({ name: "Router" });
    const listed = [
      await owner.query(api.modelProviders.list, {}),
      await owner.action(api.modelProviders.check, {}),
      await owner.action(api.models.list, {}),
      await owner.query(api.keys.list, {}),
      await owner.query(api.audit.list, { kind: null, paginationOpts: { numItems: 50, cursor: null } }),
    ];
    const { runId, taskId } = await sendStarted(guest, "Go", { model: "router::small" });
    const generation = runGenerator(t, runId);
    const message = `Incorrect API key provided: ${KEY} (${btoa(KEY)}).`;
    (await provider.request()).refuse(401, { error: { message, code: "invalid_api_key" } });
    await whileTimePasses(generation);
    const answer = await lastMessage(guest, taskId);
    expect(answer.problem).toMatchObject({ kind: "key", settings: { key: "router", isOnPage: true } });
    const [row] = await rows(t);
    const bytes = new TextDecoder("latin1").decode(row?.sealed?.bytes);
    expect(row?.sealed?.bytes.byteLength).toBe(KEY.length + 16);
    const logged = lines.map(({ mock }) => mock.calls);
    const told = `${JSON.stringify([listed, answer, row, logged])}${bytes}`;
    expect(told).toContain("[hidden]");
    expect(told).toContain("providerChanged");
    for (const secret of [KEY.slice(3, 15), btoa(KEY)]) expect(told).not.toContain(secret);
  });

  test("stays where its address stays; another address wants it again, or none", async () => {
    const { t, add, change, guest, shown } = await setUp();
    await add();
    expect(await change({ baseURL: "http://router.test/api/v2", name: "Router" })).toEqual([]);
    await models(guest);
    expect(await asked(t, guest, "router::small")).toMatchObject({ host: "router.test", key: KEY });
    const needed = [{ field: "apiKey", rule: "keyNeeded" }];
    expect(await change({ baseURL: "http://thief.test/v1" })).toMatchObject(needed);
    expect(await change({ kind: "openrouter", baseURL: "" })).toMatchObject(needed);
    expect((await shown())[1]).toMatchObject({ address: "http://router.test/api/v2", key: "set" });
    expect(await change({ baseURL: "http://other.test/v1" }, { kind: "remove" })).toEqual([]);
    await models(guest);
    expect(await asked(t, guest, "router::small")).toMatchObject({ host: "other.test", key: undefined });
    expect(await change({}, { kind: "set", apiKey: `  ${OWN_KEY}\n` })).toEqual([]);
    await models(guest);
    expect(await asked(t, guest, "router::small")).toMatchObject({ host: "router.test", key: OWN_KEY });
  });

  test("in the row of another address or place is not readable, and nobody is asked", async () => {
    const { t, add, guest } = await setUp();
    await add();
    await models(guest);
    const [row] = await rows(t);
    const patch = (config: object) =>
      t.run((ctx) => ctx.db.patch("addedProviders", row!._id, { config: { ...row!.config, ...config } }));
    await patch({ baseURL: "http://router.test:8080/v1", models: { add: ["small"] } });
    const lost = { kind: "keyLost", settings: { key: "router", isOnPage: true } };
    expect(await problemOfNext(t, guest, "router::small")).toMatchObject(lost);
    await patch({ id: "elsewhere", models: { add: ["small"] } });
    expect(await problemOfNext(t, guest, "elsewhere::small")).toMatchObject({ kind: "keyLost" });
    // Nor as somebody's own.
    await patch({});
    const key = { userId: guest.userId, providerId: "router", sealed: row!.sealed!, lastFour: "", setAt: 0 };
    await t.run((ctx) => ctx.db.insert("providerKeys", key));
    expect(await problemOfNext(t, guest, "router::small")).toMatchObject({ kind: "ownKeyLost" });
  });

  whereSettingsChange(
    "is sealed anew with the server's next secret; without either it is lost, and said so",
    async () => {
      const { t, add, guest, shown } = await setUp();
      await add();
      await models(guest);
      await guest.action(api.keys.set, { providerId: "router", apiKey: OWN_KEY });
      vi.stubEnv("VERBATIM_KEY_SECRET", `${NEXT_SECRET}, ${SECRET}`);
      expect(await t.action(internal.keys.reseal, {})).toEqual({ resealed: 2, unreadable: 0 });
      expect(await t.action(internal.keys.reseal, {})).toEqual({ resealed: 0, unreadable: 0 });
      vi.stubEnv("VERBATIM_KEY_SECRET", NEXT_SECRET);
      expect((await asked(t, guest, "router::small")).key).toBe(OWN_KEY);
      const other = await newViewer(t);
      expect((await asked(t, other, "router::small")).key).toBe(KEY);
      vi.stubEnv("VERBATIM_KEY_SECRET", SECRET);
      expect((await shown())[1]).toMatchObject({ key: "lost" });
      expect(await problemOfNext(t, other, "router::small")).toMatchObject({ kind: "keyLost" });
      vi.stubEnv("VERBATIM_KEY_SECRET", "");
      expect((await shown())[1]).toMatchObject({ key: "lost" });
    },
  );

  whereSettingsChange(
    "is refused on a server that cannot encrypt it; a provider without one is not",
    async () => {
      const { t, add } = await setUp();
      vi.stubEnv("VERBATIM_KEY_SECRET", "");
      expect(await add()).toMatchObject([{ field: "apiKey", rule: "noSecret" }]);
      expect(await rows(t)).toEqual([]);
      expect(await add(ROUTER, KEEP)).toEqual([]);
    },
  );
});

describe("what is typed", () => {
  test.each<[string, Partial<Typed>, Record<string, unknown>]>([
    ["no name", { id: "" }, { id: "" }],
    ["a name with a space", { id: "my router" }, { id: "my router" }],
    ["a name that would be another model's id", { id: "a::b" }, { id: "a::b" }],
    ["a kind that there is not", { kind: "clippy" }, { kind: "clippy" }],
    ["no address", { baseURL: " " }, { baseURL: undefined }],
    ["what is no web address", { baseURL: "file:///etc" }, { baseURL: "file:///etc" }],
    ["an API that there is not", { api: "soap" }, { api: "soap" }],
    [
      "an API that the kind has not",
      { kind: "google", api: "responses" },
      { kind: "google", api: "responses" },
    ],
  ])("%s is refused in the words of the file, at its field", (_, typed, inFile) => {
    const { id, kind, baseURL } = ROUTER;
    const [first] = readProviderConfig([{ id, kind, baseURL, ...inFile }]).faults;
    const [found] = readTyped({ ...ROUTER, ...typed }).faults;
    expect(first?.message).toBeDefined();
    expect(found?.message).toBe(first?.message);
    expect(found?.field).toBe(Object.keys(inFile).at(-1));
  });

  test.each<[Partial<Typed>, string, string]>([
    [{ baseURL: "http://me:password@router.test/v1" }, "baseURL", "addressWithSecret"],
    [{ baseURL: "http://router.test/v1?key=12345" }, "baseURL", "addressWithSecret"],
    [{ baseURL: `http://router.test/${"x".repeat(500)}` }, "baseURL", "tooLong"],
    [{ name: "x".repeat(81) }, "name", "tooLong"],
    [{ hide: Array.from({ length: 900 }, (_, n) => `model-${n}`) }, "models", "tooLong"],
    [{ defaultModel: "x".repeat(201) }, "defaultModel", "tooLong"],
  ])("the page's own rules: %j", (typed, field, rule) => {
    expect(readTyped({ ...ROUTER, ...typed })).toMatchObject({ config: null, faults: [{ field, rule }] });
  });

  test("all that is wrong is said at once, without the key", async () => {
    const { owner, t } = await setUp();
    const faults = await owner.action(api.modelProviders.save, {
      config: { ...ROUTER, id: "", baseURL: "" },
      isNew: true,
      key: { kind: "set", apiKey: "two words" },
    });
    expect(faults.map(({ field }) => field)).toEqual(["id", "baseURL", "apiKey"]);
    expect(JSON.stringify(faults)).not.toContain("two words");
    expect(await rows(t)).toEqual([]);
  });

  test("one id is one provider; twenty are the most", async () => {
    const { add, change, t } = await setUp();
    expect(await add()).toEqual([]);
    const taken = [{ field: "id", rule: "idTaken" }];
    expect(await add()).toMatchObject(taken);
    expect(await add({ ...ROUTER, id: "openai" })).toMatchObject(taken);
    await expectFailure(change({ id: "gone" }), "NOT_FOUND");
    await t.run(async (ctx) => {
      const { id: _, ...config } = (await ctx.db.query("addedProviders").first())!.config;
      for (let n = 2; n < 20; n++)
        await ctx.db.insert("addedProviders", { config: { ...config, id: `r${n}` } });
    });
    expect(await add({ ...ROUTER, id: "r20" }, KEEP)).toEqual([]);
    await expectFailure(add({ ...ROUTER, id: "r21" }, KEEP), "INVALID_INPUT");
    expect(await rows(t)).toHaveLength(20);
  });
});

test("[G11] only the owner changes them, admins see them, and each change is listed with who made it", async () => {
  const { t, owner, add, change } = await setUp();
  await add();
  await change({ name: "Router" });
  const before = await rows(t);
  for (const role of ["admin", "member", "guest"] as const) {
    const viewer = role === "guest" ? await newViewer(t) : await person(t, role);
    const { action, mutation, query } = viewer;
    for (const isNew of [true, false]) {
      const call = action(api.modelProviders.save, { config: ROUTER, isNew, key: KEEP });
      await expectFailure(call, "NOT_ALLOWED");
    }
    await expectFailure(mutation(api.modelProviders.remove, { id: "router" }), "NOT_ALLOWED");
    if (role === "admin") {
      expect((await query(api.modelProviders.list, {})).providers).toHaveLength(2);
      continue;
    }
    await expectFailure(query(api.modelProviders.list, {}), "NOT_ALLOWED");
    await expectFailure(action(api.modelProviders.check, {}), "NOT_ALLOWED");
  }
  expect(await rows(t)).toEqual(before);
  await owner.mutation(api.modelProviders.remove, { id: "router" });
  const listed = await t.run((ctx) => ctx.db.query("auditEvents").collect());
  expect(listed.map(({ kind, actor, detail }) => [kind, actor?.userId, detail])).toEqual(
    ["providerAdded", "providerChanged", "providerRemoved"].map((kind) => [kind, owner.userId, "router"]),
  );
});
