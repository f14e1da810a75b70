import type { Doc, Id, TableNames } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { endSession } from "../accounts/devices";
import { deleteLinksOf } from "../accounts/links";
import { deleteBatch, purgeBatch, removeBatch, unmarkRemoved, type Room } from "../chats/removal";
import { deleteAttachment } from "../files/attachments";
import { findLocks } from "../runs/generationLock";
import { stopLiveRun } from "../runs/stop";
import { DELETE_BATCH } from "../settings";
import { deleteSignIn } from "../tools/mcp/signIns";
import { stopBatch } from "./stopRuns";

/**
 * Everything that is somebody's, deleted in batches that may be interrupted anywhere: what is gone is found no more. Rows that name no
 * person (chunks' pages, search, approvals) go with the message or chat that they are of.
 */

/** Tables whose rows say whose they are. A new one is missing below until it is decided here what becomes of its rows. */
type Personal = {
  [Table in TableNames]: "userId" extends keyof Doc<Table> ? Table : never;
}[TableNames];

type Step = (ctx: MutationCtx, userId: Id<"users">, room: Room) => Promise<boolean>;

/** A row of these goes with its chat, message or session, of which it names the person too. */
const withItsOwner: Step = () => Promise.resolve(true);

const bySession: Step = (ctx, userId, room) =>
  removeBatch(
    room,
    (limit) =>
      ctx.db
        .query("authSessions")
        .withIndex("userId", (q) => q.eq("userId", userId))
        .take(Math.min(limit, 50)),
    ({ _id }) => endSession(ctx, _id),
  );

/** One chat a batch at most: its messages may be large. */
const chats: Step = async (ctx, userId) => {
  const task = await ctx.db
    .query("tasks")
    .withIndex("by_user_archived_activity", (q) => q.eq("userId", userId))
    .first();
  if (!task) return true;
  // Of versions before `runs`, too.
  for (const run of await findLocks(ctx, task._id)) await stopLiveRun(ctx, run, "hold");
  if (await purgeBatch(ctx, task._id)) {
    await unmarkRemoved(ctx, task._id);
    await ctx.db.delete("tasks", task._id);
  }
  return false;
};

/** Of chats that they had deleted themselves. */
const messages: Step = async (ctx, userId) => {
  const message = await ctx.db
    .query("chatMessages")
    .withIndex("by_user_clientMessageId", (q) => q.eq("userId", userId))
    .first();
  if (!message) return true;
  if (await purgeBatch(ctx, message.taskId)) await unmarkRemoved(ctx, message.taskId);
  return false;
};

const accounts: Step = (ctx, userId, room) =>
  removeBatch(
    room,
    (limit) =>
      ctx.db
        .query("authAccounts")
        .withIndex("userIdAndProvider", (q) => q.eq("userId", userId))
        .take(limit),
    async ({ _id }) => {
      const codes = ctx.db
        .query("authVerificationCodes")
        .withIndex("accountId", (q) => q.eq("accountId", _id));
      for (const code of await codes.take(DELETE_BATCH))
        await ctx.db.delete("authVerificationCodes", code._id);
      await ctx.db.delete("authAccounts", _id);
    },
  );

/** In this order: chats first, which hold nearly all, and then what is left without one. */
const STEPS: Record<Exclude<Personal, "departures">, Step> = {
  authSessions: bySession,
  devices: (ctx, userId, room) =>
    deleteBatch(ctx, room, "devices", (limit) =>
      ctx.db
        .query("devices")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  authAccounts: accounts,
  people: (ctx, userId, room) =>
    deleteBatch(ctx, room, "people", (limit) =>
      ctx.db
        .query("people")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  tasks: chats,
  chatMessages: messages,
  runs: (ctx, userId, room) =>
    deleteBatch(ctx, room, "runs", (limit) =>
      ctx.db
        .query("runs")
        .withIndex("by_user_state", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  attachments: (ctx, userId, room) =>
    removeBatch(
      room,
      (limit) =>
        ctx.db
          .query("attachments")
          .withIndex("by_user_state_task", (q) => q.eq("userId", userId))
          .take(limit),
      (file) => deleteAttachment(ctx, file),
    ),
  uploadTickets: (ctx, userId, room) =>
    deleteBatch(ctx, room, "uploadTickets", (limit) =>
      ctx.db
        .query("uploadTickets")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  followUps: (ctx, userId, room) =>
    deleteBatch(ctx, room, "followUps", (limit) =>
      ctx.db
        .query("followUps")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  drafts: (ctx, userId, room) =>
    deleteBatch(ctx, room, "drafts", (limit) =>
      ctx.db
        .query("drafts")
        .withIndex("by_user_task", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  instructions: (ctx, userId, room) =>
    deleteBatch(ctx, room, "instructions", (limit) =>
      ctx.db
        .query("instructions")
        .withIndex("by_user_task", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  providerKeys: (ctx, userId, room) =>
    deleteBatch(ctx, room, "providerKeys", (limit) =>
      ctx.db
        .query("providerKeys")
        .withIndex("by_user_provider", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  apiTokens: (ctx, userId, room) =>
    deleteBatch(ctx, room, "apiTokens", (limit) =>
      ctx.db
        .query("apiTokens")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  mcpSignIns: (ctx, userId, room) =>
    removeBatch(
      room,
      (limit) =>
        ctx.db
          .query("mcpSignIns")
          .withIndex("by_user_server", (q) => q.eq("userId", userId))
          .take(limit),
      (row) => deleteSignIn(ctx, row),
    ),
  mcpSignInTries: (ctx, userId, room) =>
    deleteBatch(ctx, room, "mcpSignInTries", (limit) =>
      ctx.db
        .query("mcpSignInTries")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  asks: (ctx, userId, room) =>
    deleteBatch(ctx, room, "asks", (limit) =>
      ctx.db
        .query("asks")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  contextSummaries: (ctx, userId, room) =>
    deleteBatch(ctx, room, "contextSummaries", (limit) =>
      ctx.db
        .query("contextSummaries")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  personBudgets: (ctx, userId, room) =>
    deleteBatch(ctx, room, "personBudgets", (limit) =>
      ctx.db
        .query("personBudgets")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  spendings: (ctx, userId, room) =>
    deleteBatch(ctx, room, "spendings", (limit) =>
      ctx.db
        .query("spendings")
        .withIndex("by_user_month_unit", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  usages: (ctx, userId, room) =>
    deleteBatch(ctx, room, "usages", (limit) =>
      ctx.db
        .query("usages")
        .withIndex("by_user", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  receipts: (ctx, userId, room) =>
    deleteBatch(ctx, room, "receipts", (limit) =>
      ctx.db
        .query("receipts")
        .withIndex("by_user_clientMessageId", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  purgedReceipts: (ctx, userId, room) =>
    deleteBatch(ctx, room, "purgedReceipts", (limit) =>
      ctx.db
        .query("purgedReceipts")
        .withIndex("by_user_clientMessageId", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  rateLimits: (ctx, userId, room) =>
    deleteBatch(ctx, room, "rateLimits", (limit) =>
      ctx.db
        .query("rateLimits")
        .withIndex("by_user_bucket", (q) => q.eq("userId", userId))
        .take(limit),
    ),
  generationLocks: withItsOwner,
  streamingResponses: withItsOwner,
  streamingChunks: withItsOwner,
  streamingPages: withItsOwner,
  queuedPrompts: withItsOwner,
  searchTexts: withItsOwner,
};

/** Deletes one batch of what is somebody's, but for the row in `users`. True when nothing was left. */
export async function eraseBatch(ctx: MutationCtx, userId: Id<"users">): Promise<boolean> {
  // First, so that no run writes into what is being deleted. [G4]
  if (!(await stopBatch(ctx, userId))) return false;
  const room: Room = { rows: DELETE_BATCH };
  for (const step of Object.values(STEPS)) if (!(await step(ctx, userId, room))) return false;
  const isDone =
    (await deleteBatch(ctx, room, "adoptedGuests", (limit) =>
      ctx.db
        .query("adoptedGuests")
        .withIndex("by_owner", (q) => q.eq("ownerId", userId))
        .take(limit),
    )) &&
    (await deleteBatch(ctx, room, "adoptedGuests", (limit) =>
      ctx.db
        .query("adoptedGuests")
        .withIndex("by_guest", (q) => q.eq("guestId", userId))
        .take(limit),
    ));
  if (isDone) await deleteLinksOf(ctx, userId);
  return isDone;
}
