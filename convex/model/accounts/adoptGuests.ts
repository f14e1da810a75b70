import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { byteSizeOf } from "../../shared/byteSize";
import { MAX_INSTRUCTIONS_CHARS, MAX_PROMPT_CHARS } from "../../shared/limits";
import { createTask } from "../chats/tasks";
import { log } from "../log";
import { queueOf } from "../queue/queueStart";
import { ADOPTION_BATCH, ADOPTION_BATCH_BYTES, localOwnerIsOn } from "../settings";
import { isLeaving } from "../people/departures";
import { deleteSignIn } from "../tools/mcp/signIns";
import { noteDevice, type OpenedBy } from "./devices";
import { hasAccounts, ownerId } from "./people";

/**
 * Guests of earlier versions on the owner's own machine are the owner: every browser, and every port, was somebody else. All that is theirs
 * becomes the owner's, in batches that may be interrupted anywhere: what has moved is found no more. Their sessions move in the
 * transaction that finds nothing left, so that until then a page goes on as before, and from then on as the owner. [G14, G17]
 */

/** What a mutation may still move. */
type Room = { rows: number; bytes: number };

/** One guest who becomes `ownerId`; `openedBy` is what their sessions count as. */
type Move = { guestId: Id<"users">; ownerId: Id<"users">; room: Room; openedBy: OpenedBy };

/** `more`: call again. `later`: a guest's answer is being generated; its writes name them, so it ends first. */
export type AdoptionProgress = "done" | "more" | "later";

/** Moves one batch, which may be several guests. Moves nothing where people have accounts, or the machine's owner is not known by it. */
export async function adoptNext(ctx: MutationCtx): Promise<AdoptionProgress> {
  if (!localOwnerIsOn() || (await hasAccounts(ctx))) return "done";
  const room: Room = { rows: ADOPTION_BATCH, bytes: ADOPTION_BATCH_BYTES };
  while (room.rows > 0 && room.bytes > 0) {
    const account = await nextGuest(ctx);
    if (!account) return "done";
    const move: Move = { guestId: account.userId, ownerId: await ownerId(ctx), room, openedBy: "adopted" };
    const progress = await moveGuest(ctx, move, account._id);
    if (progress !== "done") return progress;
  }
  return "more";
}

/** ms between two looks at a guest whose answer is being generated. */
const LATER_MS = 3_000;

/**
 * A guest who signs in to an account that they have: what they wrote before goes with them. Called with the sign-in, and then by itself until
 * all is there.
 */
export async function adoptInto(
  ctx: MutationCtx,
  args: { guestId: Id<"users">; userId: Id<"users"> },
): Promise<null> {
  const account = await guestAccount(ctx, args.guestId);
  if (!account || (await isLeaving(ctx, args.userId))) return null;
  const room: Room = { rows: ADOPTION_BATCH, bytes: ADOPTION_BATCH_BYTES };
  const move: Move = { guestId: args.guestId, ownerId: args.userId, room, openedBy: "password" };
  const progress = await moveGuest(ctx, move, account._id);
  if (progress === "done") return null;
  await ctx.scheduler.runAfter(progress === "later" ? LATER_MS : 0, internal.accounts.adoptInto, args);
  return null;
}

/** A guest's account of the auth library; null for who is none. */
export async function guestAccount(ctx: QueryCtx, userId: Id<"users">): Promise<Doc<"authAccounts"> | null> {
  return await ctx.db
    .query("authAccounts")
    .withIndex("userIdAndProvider", (q) => q.eq("userId", userId).eq("provider", "anonymous"))
    .unique();
}

async function moveGuest(
  ctx: MutationCtx,
  move: Move,
  accountId: Id<"authAccounts">,
): Promise<AdoptionProgress> {
  if (await isGenerating(ctx, move.guestId)) return "later";
  if (!(await moveRows(ctx, move))) return "more";
  await finish(ctx, move, accountId);
  return "done";
}

/** A guest is who has an account of the provider `anonymous`. */
async function nextGuest(ctx: MutationCtx): Promise<Doc<"authAccounts"> | null> {
  return await ctx.db
    .query("authAccounts")
    .withIndex("providerAndAccountId", (q) => q.eq("provider", "anonymous"))
    .first();
}

async function isGenerating(ctx: MutationCtx, userId: Id<"users">): Promise<boolean> {
  const claimed = await ctx.db
    .query("runs")
    .withIndex("by_user_state", (q) => q.eq("userId", userId).eq("state.kind", "claimed"))
    .first();
  return claimed !== null;
}

/** True when nothing is left. Receipts come last: by those of others it is seen which names of requests are taken. */
async function moveRows(ctx: MutationCtx, move: Move): Promise<boolean> {
  const { db } = ctx;
  const { guestId, ownerId: userId } = move;
  return (
    (await moveMessages(ctx, move)) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("tasks")
          .withIndex("by_user_archived_activity", (q) => q.eq("userId", guestId))
          .take(limit),
      (task) => moveTask(ctx, move, task),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("runs")
          .withIndex("by_user_state", (q) => q.eq("userId", guestId))
          .take(limit),
      // What it has reserved is the guest's. A run reserves what it needs before it asks.
      ({ _id }) => db.patch("runs", _id, { userId, reserved: undefined }),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("contextSummaries")
          .withIndex("by_user", (q) => q.eq("userId", guestId))
          .take(limit),
      ({ _id }) => db.patch("contextSummaries", _id, { userId }),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("spendings")
          .withIndex("by_user_month_unit", (q) => q.eq("userId", guestId))
          .take(limit),
      ({ _id }) => db.delete("spendings", _id),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("personBudgets")
          .withIndex("by_user", (q) => q.eq("userId", guestId))
          .take(limit),
      ({ _id }) => db.delete("personBudgets", _id),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("attachments")
          .withIndex("by_user_state_task", (q) => q.eq("userId", guestId))
          .take(limit),
      ({ _id }) => db.patch("attachments", _id, { userId }),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("uploadTickets")
          .withIndex("by_user", (q) => q.eq("userId", guestId))
          .take(limit),
      ({ _id }) => db.patch("uploadTickets", _id, { userId }),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("usages")
          .withIndex("by_user", (q) => q.eq("userId", guestId))
          .take(limit),
      ({ _id }) => db.patch("usages", _id, { userId }),
    )) &&
    // A key is sealed for its person alone, and set again in a moment.
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("providerKeys")
          .withIndex("by_user_provider", (q) => q.eq("userId", guestId))
          .take(limit),
      ({ _id }) => db.delete("providerKeys", _id),
    )) &&
    // So is a sign-in.
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("mcpSignIns")
          .withIndex("by_user_server", (q) => q.eq("userId", guestId))
          .take(limit),
      (row) => deleteSignIn(ctx, row),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("followUps")
          .withIndex("by_user", (q) => q.eq("userId", guestId))
          .take(limit),
      ({ _id }) => db.patch("followUps", _id, { userId }),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("drafts")
          .withIndex("by_user_task", (q) => q.eq("userId", guestId))
          .take(limit),
      (draft) => moveDraft(ctx, move, draft),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("instructions")
          .withIndex("by_user_task", (q) => q.eq("userId", guestId))
          .take(limit),
      (instructions) => moveInstructions(ctx, move, instructions),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("purgedReceipts")
          .withIndex("by_user_clientMessageId", (q) => q.eq("userId", guestId))
          .take(limit),
      ({ _id }) => db.patch("purgedReceipts", _id, { userId }),
    )) &&
    (await moveBatch(
      move,
      (limit) =>
        db
          .query("receipts")
          .withIndex("by_user_clientMessageId", (q) => q.eq("userId", guestId))
          .take(limit),
      async ({ _id, clientMessageId }) =>
        db.patch("receipts", _id, { userId, clientMessageId: await freeName(ctx, move, clientMessageId) }),
    ))
  );
}

/** Moves what `next` finds, as far as there is room. True when that was all. */
async function moveBatch<Row>(
  { room }: Move,
  next: (limit: number) => Promise<Row[]>,
  moveOne: (row: Row) => Promise<void>,
): Promise<boolean> {
  const limit = room.rows;
  if (limit <= 0) return false;
  const rows = await next(limit);
  for (const row of rows) await moveOne(row);
  room.rows -= rows.length;
  return rows.length < limit;
}

/** Messages with what is theirs alone: the rows and pages of their logs, and what search looks through. */
async function moveMessages(ctx: MutationCtx, move: Move): Promise<boolean> {
  const { room, guestId, ownerId: userId } = move;
  const messages = ctx.db
    .query("chatMessages")
    .withIndex("by_user_clientMessageId", (q) => q.eq("userId", guestId));
  for await (const { _id, clientMessageId, parts } of messages) {
    if (room.rows <= 0 || room.bytes <= 0) return false;
    if (!(await moveLog(ctx, move, _id))) return false;
    const text = await ctx.db
      .query("searchTexts")
      .withIndex("by_message", (q) => q.eq("messageId", _id))
      .unique();
    if (text) await ctx.db.patch("searchTexts", text._id, { userId });
    await ctx.db.patch("chatMessages", _id, {
      userId,
      ...(clientMessageId !== undefined && { clientMessageId: await freeName(ctx, move, clientMessageId) }),
    });
    room.rows -= 2;
    room.bytes -= byteSizeOf(parts);
  }
  return true;
}

async function moveLog(ctx: MutationCtx, move: Move, messageId: Id<"chatMessages">): Promise<boolean> {
  const { room, ownerId: userId } = move;
  const count = (content: Parameters<typeof byteSizeOf>[0]) => {
    room.rows -= 1;
    room.bytes -= byteSizeOf(content);
  };
  const pages = ctx.db
    .query("streamingPages")
    .withIndex("by_message_from", (q) => q.eq("messageId", messageId));
  for await (const page of pages) {
    if (page.userId === userId) continue;
    if (room.rows <= 0 || room.bytes <= 0) return false;
    await ctx.db.patch("streamingPages", page._id, { userId });
    count(page.parts);
  }
  const rows = ctx.db
    .query("streamingChunks")
    .withIndex("by_message_index", (q) => q.eq("messageId", messageId));
  for await (const row of rows) {
    if (row.userId === userId) continue;
    if (room.rows <= 0 || room.bytes <= 0) return false;
    await ctx.db.patch("streamingChunks", row._id, { userId });
    count(row.parts ?? row.text ?? "");
  }
  return true;
}

/** A chat with the prompts that wait in it. */
async function moveTask(ctx: MutationCtx, move: Move, task: Doc<"tasks">): Promise<void> {
  const { ownerId: userId, room } = move;
  for await (const { _id, clientMessageId } of queueOf(ctx, task._id)) {
    const name = await freeName(ctx, move, clientMessageId);
    await ctx.db.patch("queuedPrompts", _id, { userId, clientMessageId: name });
    room.rows -= 1;
  }
  await ctx.db.patch("tasks", task._id, { userId });
}

/** Scripts choose names of requests themselves: two guests may have used the same. The first keeps it. */
async function freeName(ctx: MutationCtx, move: Move, clientMessageId: string): Promise<string> {
  const taken = await ctx.db
    .query("receipts")
    .withIndex("by_user_clientMessageId", (q) =>
      q.eq("userId", move.ownerId).eq("clientMessageId", clientMessageId),
    )
    .first();
  return taken ? `${clientMessageId}~${move.guestId}` : clientMessageId;
}

/** Of the chat that does not exist yet there is one draft: another one is added below it. */
async function moveDraft(ctx: MutationCtx, move: Move, draft: Doc<"drafts">): Promise<void> {
  const { ownerId: userId } = move;
  const own =
    draft.taskId === undefined
      ? await ctx.db
          .query("drafts")
          .withIndex("by_user_task", (q) => q.eq("userId", userId).eq("taskId", undefined))
          .unique()
      : null;
  if (!own) return ctx.db.patch("drafts", draft._id, { userId });
  await ctx.db.delete("drafts", draft._id);
  const text = joined(own.text, draft.text);
  if (text.length <= MAX_PROMPT_CHARS) await ctx.db.patch("drafts", own._id, { text });
  else await keepAsChat(ctx, userId, draft.text);
}

/** Instructions for all chats are one text too. What does not fit into it is kept where the owner finds it. */
async function moveInstructions(ctx: MutationCtx, move: Move, { _id, taskId, text }: Doc<"instructions">) {
  const { ownerId: userId } = move;
  const own =
    taskId === undefined
      ? await ctx.db
          .query("instructions")
          .withIndex("by_user_task", (q) => q.eq("userId", userId).eq("taskId", undefined))
          .unique()
      : null;
  if (!own) return ctx.db.patch("instructions", _id, { userId });
  await ctx.db.delete("instructions", _id);
  const both = joined(own.text, text);
  if (both.length <= MAX_INSTRUCTIONS_CHARS) await ctx.db.patch("instructions", own._id, { text: both });
  else await keepAsChat(ctx, userId, text);
}

const joined = (first: string, second: string): string =>
  first.includes(second) ? first : `${first}\n\n${second}`;

/** A chat of its own that has the text as its draft. */
async function keepAsChat(ctx: MutationCtx, userId: Id<"users">, text: string): Promise<void> {
  const now = Date.now();
  const task = await createTask(ctx, userId, { content: text, firstFile: undefined, now });
  await ctx.db.insert("drafts", { userId, taskId: task._id, text, updatedAt: now });
}

/** All is moved: from here on, the guest's sessions are the owner's. */
async function finish(ctx: MutationCtx, move: Move, accountId: Id<"authAccounts">): Promise<void> {
  const { guestId, ownerId: userId, room } = move;
  const sessions = ctx.db.query("authSessions").withIndex("userId", (q) => q.eq("userId", guestId));
  for await (const { _id } of sessions) {
    await ctx.db.patch("authSessions", _id, { userId });
    await noteDevice(ctx, { sessionId: _id, userId, openedBy: move.openedBy });
    room.rows -= 2;
  }
  await ctx.db.insert("adoptedGuests", { guestId, ownerId: userId });
  await ctx.db.delete("authAccounts", accountId);
  await ctx.db.delete("users", guestId);
  room.rows -= 3;
  // Its waiting runs stand in line with the owner's now.
  await ctx.scheduler.runAfter(0, internal.generation.giveTurn, { userId });
  log("ACCOUNTS", `The chats of guest ${guestId} are the owner's now`);
}
