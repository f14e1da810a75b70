/** [G11] Whose data it is: every public function finds its viewer, and a stranger's call is answered as for a missing id. */
import { authTables as libraryTables } from "@convex-dev/auth/server";
import { describe, expect, test } from "vitest";
import { api, internal } from "../../convex/_generated/api";
import schema from "../../convex/schema";
import { useFakeTime } from "./fakeTime.ts";
import {
  expectFailure,
  newChat,
  newClientId,
  newViewer,
  playGenerator,
  send,
  sendStarted,
} from "./support.ts";

useFakeTime();

/** The library's own functions, which sign people in, and what a page asks before. */
const WITHOUT_VIEWER = [
  ...["auth:signIn", "auth:signOut", "auth:isAuthenticated"],
  ...["accounts:door", "oidc:begin"],
];

type Registered = {
  isPublic?: boolean;
  isQuery?: boolean;
  isMutation?: boolean;
  isAction?: boolean;
  exportArgs(): string;
  exportReturns(): string;
};

const modules = import.meta.glob<Record<string, unknown>>(
  ["../../convex/*.ts", "!../../convex/*.config.ts"],
  { eager: true },
);

/** All registered functions of the app, by their API path. */
const functions = Object.entries(modules).flatMap(([path, module]) => {
  const file = path.slice(path.lastIndexOf("/") + 1, -".ts".length);
  return Object.entries(module)
    .filter((entry): entry is [string, Registered] => {
      const value = entry[1] as Partial<Registered> | undefined;
      return typeof value === "function" && "exportArgs" in value;
    })
    .map(([name, registered]) => ({ path: `${file}:${name}`, registered }));
});

const publicFunctions = functions.filter(
  ({ path, registered }) => registered.isPublic && !WITHOUT_VIEWER.includes(path),
);

describe("[G11] every public function", () => {
  test("there are some", () => {
    expect(publicFunctions.length).toBeGreaterThan(25);
  });

  test.each(publicFunctions)(
    "$path refuses a caller without a session before it looks at anything",
    async ({ registered }) => {
      // The builder's own check comes first: a context without any database is enough.
      const ctx = { auth: { getUserIdentity: () => Promise.resolve(null) } };
      const handler = (registered as unknown as { _handler(ctx: unknown, args: unknown): Promise<unknown> })
        ._handler;
      await expectFailure((async () => handler(ctx, {}))(), "UNAUTHENTICATED");
    },
  );

  test.each(functions.filter(({ path }) => !path.startsWith("auth:")))(
    "$path validates its arguments and what it returns",
    ({ registered }) => {
      expect(JSON.parse(registered.exportArgs())).toMatchObject({ type: "object" });
      expect(JSON.parse(registered.exportReturns())).not.toBeNull();
      expect(JSON.parse(registered.exportReturns())).not.toMatchObject({ type: "any" });
    },
  );
});

test("[G11] a stranger who knows every id sees nothing and changes nothing", async () => {
  const { t, viewer } = await newChat();
  const stranger = await newViewer(t);
  const { taskId, assistantMessageId, promptMessageId, runId } = await sendStarted(viewer, "Secret");
  const generator = playGenerator(t, runId);
  await generator.claim();
  await generator.flush("classified ".repeat(200));
  await send(viewer, "Waiting", { taskId, whenBusy: "queue" });
  const queuedPromptId = (await viewer.query(api.queue.list, { taskId }))[0]?._id;
  if (!queuedPromptId) throw new Error("Nothing waits");
  await viewer.mutation(api.drafts.save, { taskId, text: "draft" });
  await viewer.mutation(api.instructions.set, { taskId, text: "Whisper." });

  const messageId = assistantMessageId;
  const clientMessageId = newClientId();
  expect(await stranger.query(api.tasks.get, { taskId })).toBeNull();
  expect(
    (await stranger.query(api.tasks.list, { paginationOpts: { numItems: 10, cursor: null } })).page,
  ).toEqual([]);
  expect(
    (await stranger.query(api.messages.list, { taskId, paginationOpts: { numItems: 10, cursor: null } }))
      .page,
  ).toEqual([]);
  const pageAfter = { taskId, after: -1, paginationOpts: { numItems: 10, cursor: null } };
  expect((await stranger.query(api.messages.listAfter, pageAfter)).page).toEqual([]);
  const firstPage = { taskId, paginationOpts: { numItems: 10, cursor: null } };
  expect((await stranger.query(api.exports.messages, firstPage)).page).toEqual([]);
  expect(await stranger.query(api.messages.locate, { taskId, messageId })).toBeNull();
  expect(await stranger.query(api.streamingResponses.getStreamingResponse, { messageId })).toBeNull();
  expect(await stranger.query(api.streamingResponses.listChunks, { messageId, from: 0, to: 9 })).toEqual([]);
  expect(await stranger.query(api.generation.isLocked, { taskId })).toBe(false);
  expect(await stranger.query(api.generation.waiting, {})).toEqual([]);
  expect(await stranger.query(api.generation.awaitingApproval, {})).toEqual([]);
  expect(await stranger.query(api.queue.list, { taskId })).toEqual([]);
  expect(await stranger.query(api.drafts.get, { taskId })).toBeNull();
  expect(await stranger.query(api.instructions.get, { taskId })).toBe("");
  expect(await stranger.query(api.followUps.get, { taskId })).toBeNull();
  expect(await stranger.query(api.search.chats, { text: "Secret" })).toEqual({ tasks: [], messages: [] });

  const refused = [
    () =>
      stranger.mutation(api.messages.send, { taskId, clientMessageId, content: "x", whenBusy: "interrupt" }),
    () => stranger.mutation(api.messages.edit, { messageId: promptMessageId, clientMessageId, content: "x" }),
    () => stranger.mutation(api.messages.regenerate, { messageId, clientMessageId }),
    () => stranger.mutation(api.messages.continueAnswer, { messageId, clientMessageId }),
    () => stranger.mutation(api.messages.selectVariant, { messageId }),
    () => stranger.query(api.messages.listVariants, { messageId }),
    () => stranger.mutation(api.streaming.stopTask, { taskId }),
    () => stranger.mutation(api.streaming.cancelToolCall, { messageId, toolCallId: "x" }),
    () => stranger.mutation(api.tasks.rename, { taskId, title: "Mine" }),
    () => stranger.mutation(api.tasks.setPinned, { taskId, pinned: true }),
    () => stranger.mutation(api.tasks.setArchived, { taskId, archived: true }),
    () => stranger.mutation(api.tasks.setModel, { taskId, model: "x" }),
    () => stranger.mutation(api.tasks.setSettings, { taskId, changes: { effort: "high" } }),
    () => stranger.mutation(api.tasks.restore, { taskId }),
    () => stranger.mutation(api.queue.edit, { queuedPromptId, content: "x" }),
    () => stranger.mutation(api.queue.move, { queuedPromptId, toIndex: 0 }),
    () => stranger.mutation(api.queue.sendNow, { queuedPromptId }),
    () => stranger.mutation(api.queue.resume, { taskId }),
    () => stranger.mutation(api.drafts.save, { taskId, text: "x" }),
    () => stranger.mutation(api.instructions.set, { taskId, text: "x" }),
  ];
  const before = await snapshot();
  for (const call of refused) await expectFailure(call(), "NOT_FOUND");
  // These succeed for ids that do not exist, and so for those of others.
  await stranger.mutation(api.tasks.remove, { taskId });
  await stranger.mutation(api.tasks.markRead, { taskId });
  await stranger.mutation(api.followUps.request, { messageId });
  await stranger.mutation(api.queue.remove, { queuedPromptId });
  expect(await t.mutation(internal.generation.claim, { runId, userId: stranger.userId })).toBe("gone");
  expect(await snapshot()).toEqual(before);

  function snapshot() {
    return t.run(async (ctx) => [
      await ctx.db.query("tasks").collect(),
      await ctx.db.query("chatMessages").collect(),
      await ctx.db.query("runs").collect(),
      await ctx.db.query("queuedPrompts").collect(),
      await ctx.db.query("drafts").collect(),
      await ctx.db.query("instructions").collect(),
      await ctx.db.query("followUps").collect(),
      await ctx.db.query("receipts").collect(),
    ]);
  }
});

test("the tables of @convex-dev/auth are as the library defines them", () => {
  const exported = (tables: object) =>
    Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [name, (table as { export(): unknown }).export()]),
    );
  const own = Object.fromEntries(
    Object.entries(schema.tables).filter(([name]) => Object.hasOwn(libraryTables, name)),
  );
  expect(exported(own)).toEqual(exported(libraryTables));
});
