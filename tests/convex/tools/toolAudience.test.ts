/** For whom the owner has switched tools on. */
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { api, internal } from "../../../convex/_generated/api";
import type { Audience } from "../../../convex/model/tools/toolAudience";
import type { TestBackend } from "../../helpers/backend.ts";
import { FakeProvider, runGenerator } from "../fakeProvider.ts";
import { useFakeTime, whileTimePasses } from "../fakeTime.ts";
import { expectFailure, newChat, newClientId, newViewer, started, type Viewer } from "../support.ts";

useFakeTime();
beforeEach(() => {
  vi.stubEnv("VERBATIM_TOOLS", "");
  vi.stubEnv("VERBATIM_TOOLS_APPROVAL", "");
  vi.stubEnv("VERBATIM_BRAVE_KEY", "");
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

type Role = "owner" | "admin" | "member";

async function newPerson(t: TestBackend, role: Role): Promise<Viewer> {
  const viewer = await newViewer(t);
  await t.run((ctx) => ctx.db.insert("people", { userId: viewer.userId, role }));
  return viewer;
}

/** One of each, and a guest. */
async function everybody() {
  const { t, viewer: guest } = await newChat();
  const [owner, admin, member] = [
    await newPerson(t, "owner"),
    await newPerson(t, "admin"),
    await newPerson(t, "member"),
  ];
  return { t, owner, admin, member, guest };
}

const offered = async (viewer: Viewer) =>
  (await viewer.query(api.toolChoice.offered, {})).map(({ id }) => id);

const set = (viewer: Viewer, id: string, change: { audience?: Audience; needsApproval?: boolean }) =>
  viewer.mutation(api.toolChoice.setFor, { id, ...change });

const settingOf = async (viewer: Viewer, tool: string) =>
  (await viewer.query(api.toolChoice.settings, {})).find(({ id }) => id === tool);

describe("the owner switches tools on", () => {
  test("for nobody at first, then for whom they say", async () => {
    const { owner, admin, member, guest } = await everybody();
    const have = async () =>
      (await Promise.all([owner, admin, member, guest].map(offered))).map((ids) =>
        ids.includes("calculator"),
      );
    expect(await have()).toEqual([false, false, false, false]);
    const expected: [Audience, boolean[]][] = [
      ["admins", [true, true, false, false]],
      ["members", [true, true, true, false]],
      ["everyone", [true, true, true, true]],
      ["nobody", [false, false, false, false]],
    ];
    for (const [audience, who] of expected) {
      await set(owner, "calculator", { audience });
      expect(await have()).toEqual(who);
      expect(await settingOf(admin, "calculator")).toMatchObject({ audience, needsApproval: false });
    }
  });

  test("nobody else does, and only admins see it", async () => {
    const { owner, admin, member, guest } = await everybody();
    for (const other of [admin, member, guest]) {
      await expectFailure(set(other, "calculator", { audience: "everyone" }), "NOT_ALLOWED");
    }
    for (const other of [member, guest]) {
      await expectFailure(other.query(api.toolChoice.settings, {}), "NOT_ALLOWED");
    }
    await expectFailure(set(owner, "noSuchTool", { audience: "everyone" }), "NOT_FOUND");
    expect(await offered(owner)).toEqual([]);
  });

  test("a chat that has one loses it with the next answer when it is switched off, or its person is no member any more", async () => {
    const provider = new FakeProvider();
    const { t, owner, member } = await everybody();
    await set(owner, "calculator", { audience: "members" });
    await set(owner, "currentTime", { audience: "members" });
    const tools = ["calculator", "currentTime"];
    const first = started(
      await member.mutation(api.messages.send, {
        ...{ taskId: null, clientMessageId: newClientId(), content: "Go", tools },
      }),
    );
    const toolsOfRun = async (runId: string) => {
      await t.mutation(internal.generation.claim, { runId, userId: null });
      return (await t.query(internal.generation.runInput, { runId }))?.tools;
    };
    await set(owner, "currentTime", { audience: "admins", needsApproval: true });
    expect(await toolsOfRun(first.runId)).toEqual({ chosen: ["calculator"], toApprove: [] });
    expect(provider.requests).toEqual([]);
    await t.run(async (ctx) => {
      const person = await ctx.db
        .query("people")
        .withIndex("by_user", (q) => q.eq("userId", member.userId))
        .unique();
      if (person) await ctx.db.delete("people", person._id);
    });
    expect((await t.query(internal.generation.runInput, { runId: first.runId }))?.tools).toEqual({
      chosen: [],
      toApprove: [],
    });
  });

  test("one that is to ask does", async () => {
    const provider = new FakeProvider();
    const { t, owner } = await everybody();
    await set(owner, "calculator", { audience: "everyone", needsApproval: true });
    expect(await owner.query(api.toolChoice.offered, {})).toMatchObject([
      { id: "calculator", needsApproval: true, signIn: null },
    ]);
    const { runId, assistantMessageId: messageId } = started(
      await owner.mutation(api.messages.send, {
        ...{ taskId: null, clientMessageId: newClientId(), content: "Go", tools: ["calculator"] },
      }),
    );
    const generation = runGenerator(t, runId);
    const request = await provider.request();
    request.say({ type: "toolCall", id: "one", name: "calculator", input: { expression: "1" } });
    request.say({ type: "finish", reason: "tool-calls" });
    request.close();
    await whileTimePasses(generation);
    const live = await owner.query(api.streamingResponses.getStreamingResponse, { messageId });
    expect(live?.state).toBe("awaitingApproval");
  });
});

describe("where the environment says so", () => {
  test("it wins, and what was set before counts again when it no longer does", async () => {
    vi.stubEnv("VERBATIM_TOOLS", "currentTime");
    vi.stubEnv("VERBATIM_TOOLS_APPROVAL", "none");
    const { owner, guest } = await everybody();
    expect(await offered(guest)).toEqual(["currentTime"]);
    expect(await settingOf(owner, "calculator")).toMatchObject({
      ...{ audience: "nobody", fixed: { audience: true, needsApproval: true } },
    });
    await expectFailure(set(owner, "calculator", { audience: "everyone" }), "NOT_ALLOWED");
    await expectFailure(set(owner, "currentTime", { needsApproval: true }), "NOT_ALLOWED");
    if (inject("engine") !== "convex-test") return;
    vi.stubEnv("VERBATIM_TOOLS", "");
    await set(owner, "calculator", { audience: "everyone" });
    expect(await offered(guest)).toEqual(["calculator"]);
    vi.stubEnv("VERBATIM_TOOLS", "all");
    expect(await offered(guest)).toContain("currentTime");
    vi.stubEnv("VERBATIM_TOOLS", "");
    expect(await offered(guest)).toEqual(["calculator"]);
  });

  test("web search without an engine is there for nobody, and the owner is told", async () => {
    const { owner } = await everybody();
    await set(owner, "webSearch", { audience: "everyone" });
    expect(await settingOf(owner, "webSearch")).toMatchObject({ audience: "everyone", isUsable: false });
    expect(await offered(owner)).toEqual([]);
    vi.stubEnv("VERBATIM_BRAVE_KEY", "key");
    if (inject("engine") !== "convex-test") return;
    expect(await offered(owner)).toEqual(["webSearch"]);
  });

  test("a connected MCP server is there for everybody until the owner keeps it for some", async () => {
    vi.stubEnv("VERBATIM_MCP_SERVERS", JSON.stringify({ shop: { url: "https://shop.test/mcp" } }));
    const { owner, guest } = await everybody();
    expect(await offered(guest)).toEqual(["mcp:shop"]);
    await set(owner, "mcp:shop", { audience: "admins" });
    expect([await offered(guest), await offered(owner)]).toEqual([[], ["mcp:shop"]]);
    await expectFailure(set(owner, "mcp:shop", { needsApproval: false }), "NOT_ALLOWED");
  });
});
