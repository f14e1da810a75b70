/** [G16] Which models are there for guests, members and admins: in the list, in every call that names one, and in what answers by default. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "../../convex/_generated/api";
import type { TestBackend } from "../helpers/backend.ts";
import { FakeProvider, runGenerator } from "./fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "./fakeTime.ts";
import {
  expectFailure,
  lastMessage,
  newChat,
  newClientId,
  newViewer,
  send,
  sendStarted,
  stored,
  type Viewer,
} from "./support.ts";

useFakeTime();
let provider: FakeProvider;
beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => undefined);
  provider = new FakeProvider();
  vi.stubEnv("VERBATIM_MODELS", "");
  vi.stubEnv("OPENAI_MODEL", "house");
  provider.models = ["large", "small", "tiny"];
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

async function person(t: TestBackend, role: "owner" | "admin" | "member"): Promise<Viewer> {
  const viewer = await newViewer(t);
  await t.run(async (ctx) => {
    const row = await ctx.db
      .query("people")
      .withIndex("by_user", (q) => q.eq("userId", viewer.userId))
      .unique();
    if (row) await ctx.db.patch("people", row._id, { role });
    else await ctx.db.insert("people", { userId: viewer.userId, role });
  });
  return viewer;
}

type Audience = "guests" | "members" | "admins";

async function setUp() {
  const { t, viewer: guest } = await newChat();
  const owner = await person(t, "owner");
  const show = (audience: Audience, names: string[] | null) =>
    owner.mutation(api.modelAccess.setFor, { audience, show: names });
  return { t, guest, owner, show, member: await person(t, "member"), admin: await person(t, "admin") };
}

const listed = async (viewer: Viewer) => {
  const { models, defaultModel } = await viewer.action(api.models.list, {});
  return [models.map(({ id }) => id), defaultModel];
};

/** The model that a run asked. */
async function asked(t: TestBackend, runId: string): Promise<string> {
  const before = provider.requests.length;
  const generation = runGenerator(t, runId);
  const request = await provider.request(before);
  request.say({ type: "text", text: "Done" }, { type: "finish", reason: "stop" });
  request.close();
  await whileTimePasses(generation);
  return request.body.model;
}

describe("models for whom", () => {
  test("all, until something is set; then each sees their own, and the owner everything", async () => {
    const { guest, member, admin, owner, show } = await setUp();
    const all = [["house", "large", "small", "tiny"], "house"];
    for (const viewer of [guest, member, admin, owner]) expect(await listed(viewer)).toEqual(all);
    await show("guests", ["tiny"]);
    await show("members", ["*l*", "HOUSE"]);
    await show("admins", []);
    expect(await listed(guest)).toEqual([["tiny"], "tiny"]);
    expect(await listed(member)).toEqual([["house", "large", "small"], "house"]);
    expect(await listed(admin)).toEqual([[], null]);
    expect(await listed(owner)).toEqual(all);
    await show("guests", null);
    expect(await listed(guest)).toEqual(all);
  });

  test("every call that names another is refused, and writes nothing", async () => {
    const { t, guest, show } = await setUp();
    await show("guests", ["tiny", "small"]);
    await guest.action(api.models.list, {});
    const { taskId, assistantMessageId, runId } = await sendStarted(guest, "Go", { model: "tiny" });
    await asked(t, runId);
    const before = await t.run((ctx) => ctx.db.query("chatMessages").collect());
    const model = "large";
    const call = { clientMessageId: newClientId(), model };
    await expectFailure(send(guest, "Go", { model }), "MODEL_NOT_OFFERED");
    await expectFailure(guest.mutation(api.tasks.setModel, { taskId, model }), "MODEL_NOT_OFFERED");
    await expectFailure(
      guest.mutation(api.messages.regenerate, { ...call, messageId: assistantMessageId }),
      "MODEL_NOT_OFFERED",
    );
    await expectFailure(
      guest.mutation(api.messages.compare, {
        ...{ taskId: null, clientMessageId: newClientId(), content: "Go", models: ["tiny", model] },
      }),
      "MODEL_NOT_OFFERED",
    );
    vi.stubEnv("VERBATIM_MODELS", "large");
    await expectFailure(send(guest, "Go", { model }), "MODEL_NOT_OFFERED");
    expect(await t.run((ctx) => ctx.db.query("chatMessages").collect())).toHaveLength(before.length);
    expect(await guest.mutation(api.tasks.setModel, { taskId, model: "small" })).toBeNull();
  });

  test("what one who sees little has listed does not hide it from others", async () => {
    const { t, guest, member, show } = await setUp();
    await show("guests", ["tiny"]);
    await guest.action(api.models.list, {});
    expect(await asked(t, (await sendStarted(member, "Go", { model: "large" })).runId)).toBe("large");
  });

  test("a chat whose model is no longer there for its person is answered by one that is", async () => {
    const { t, guest, show } = await setUp();
    await guest.action(api.models.list, {});
    const { taskId, runId } = await sendStarted(guest, "Go", { model: "large" });
    expect(await asked(t, runId)).toBe("large");
    await show("guests", ["small"]);
    const next = await sendStarted(guest, "Again", { taskId });
    expect(await asked(t, next.runId)).toBe("small");
    expect((await stored(t, next.assistantMessageId)).model).toBe("small");
  });

  test("the default is one of theirs, also on a server whose list nobody has read", async () => {
    const { t, guest, member, show } = await setUp();
    await show("guests", ["s*"]);
    expect(await asked(t, (await sendStarted(guest, "Go")).runId)).toBe("small");
    expect(await asked(t, (await sendStarted(member, "Go")).runId)).toBe("house");
  });

  test("none at all: it is said, and nothing is asked", async () => {
    const { t, guest, show } = await setUp();
    await show("guests", ["gone-*"]);
    const { taskId, runId } = await sendStarted(guest, "Go");
    await whileTimePasses(runGenerator(t, runId));
    expect(await lastMessage(guest, taskId)).toMatchObject({
      endReason: "providerError",
      errorMessage: expect.stringContaining("No model is set up for you here.") as string,
    });
    expect(provider.requests).toHaveLength(0);
  });

  test("with a key of their own a person asks whatever the owner does not hide", async () => {
    vi.stubEnv("VERBATIM_KEY_SECRET", "a secret of thirty-two characters");
    vi.stubEnv("VERBATIM_OWN_KEYS", "on");
    const { guest, show } = await setUp();
    await show("guests", ["tiny"]);
    await guest.action(api.keys.set, { providerId: "openai", apiKey: "own-key-of-a-guest" });
    expect((await listed(guest))[0]).toEqual(["house", "large", "small", "tiny"]);
    expect(await send(guest, "Go", { model: "large" })).toMatchObject({ status: "started" });
  });
});

describe("setting them", () => {
  test("is the owner's, to see also the admins'", async () => {
    const { guest, member, admin, owner } = await setUp();
    const args = { audience: "guests" as const, show: ["tiny"] };
    for (const viewer of [guest, member, admin])
      await expectFailure(viewer.mutation(api.modelAccess.setFor, args), "NOT_ALLOWED");
    for (const viewer of [guest, member])
      await expectFailure(viewer.query(api.modelAccess.settings, {}), "NOT_ALLOWED");
    await owner.mutation(api.modelAccess.setFor, { ...args, show: [" tiny ", "tiny"] });
    expect(await admin.query(api.modelAccess.settings, {})).toEqual([
      { audience: "guests", show: ["tiny"], fixedBy: null },
      { audience: "members", show: null, fixedBy: null },
      { audience: "admins", show: null, fixedBy: null },
    ]);
  });

  test("is bounded", async () => {
    const { t, show } = await setUp();
    await expectFailure(
      show(
        "guests",
        Array.from({ length: 201 }, (_, n) => `m${n}`),
      ),
      "INVALID_INPUT",
    );
    await expectFailure(show("guests", ["x".repeat(5_000)]), "INVALID_INPUT");
    await expectFailure(show("guests", [" "]), "INVALID_INPUT");
    expect(await t.run((ctx) => ctx.db.query("modelAccess").collect())).toEqual([]);
  });

  test("the environment goes before it, and says so", async () => {
    // Before the backend begins, which reads its environment then.
    vi.stubEnv("VERBATIM_MODELS_GUESTS", "small, tiny");
    vi.stubEnv("VERBATIM_MODELS_MEMBERS", "all");
    vi.stubEnv("VERBATIM_MODELS_ADMINS", "none");
    const { t, guest, owner, show } = await setUp();
    await t.run((ctx) => ctx.db.insert("modelAccess", { audience: "guests", show: ["tiny"] }));
    expect(await listed(guest)).toEqual([["small", "tiny"], "small"]);
    expect(await owner.query(api.modelAccess.settings, {})).toEqual([
      { audience: "guests", show: ["small", "tiny"], fixedBy: "VERBATIM_MODELS_GUESTS" },
      { audience: "members", show: ["*"], fixedBy: "VERBATIM_MODELS_MEMBERS" },
      { audience: "admins", show: [], fixedBy: "VERBATIM_MODELS_ADMINS" },
    ]);
    await expectFailure(show("guests", ["large"]), "NOT_ALLOWED");
    expect(await t.run((ctx) => ctx.db.query("modelAccess").collect())).toMatchObject([{ show: ["tiny"] }]);
  });
});
