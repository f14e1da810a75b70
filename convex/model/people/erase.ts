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

/** The rows of a table that `find` finds. */
const deletes =
  <Table extends TableNames>(
    table: Table,
    find: (db: MutationCtx["db"], userId: Id<"users">) => { take: (limit: number) => Promise<Doc<Table>[]> },
  ): Step =>
  (ctx, userId, room) =>
    deleteBatch(ctx, room, table, (limit) => find(ctx.db, userId).take(limit));

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
  devices: deletes("devices", (db, userId) =>
    db.query("devices").withIndex("by_user", (q) => q.eq("userId", userId)),
  ),
  authAccounts: accounts,
  people: deletes("people", (db, userId) =>
    db.query("people").withIndex("by_user", (q) => q.eq("userId", userId)),
  ),
  tasks: chats,
  chatMessages: messages,
  runs: deletes("runs", (db, userId) =>
    db.query("runs").withIndex("by_user_state", (q) => q.eq("userId", userId)),
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
  uploadTickets: deletes("uploadTickets", (db, userId) =>
    db.query("uploadTickets").withIndex("by_user", (q) => q.eq("userId", userId)),
  ),
  followUps: deletes("followUps", (db, userId) =>
    db.query("followUps").withIndex("by_user", (q) => q.eq("userId", userId)),
  ),
  drafts: deletes("drafts", (db, userId) =>
    db.query("drafts").withIndex("by_user_task", (q) => q.eq("userId", userId)),
  ),
  instructions: deletes("instructions", (db, userId) =>
    db.query("instructions").withIndex("by_user_task", (q) => q.eq("userId", userId)),
  ),
  providerKeys: deletes("providerKeys", (db, userId) =>
    db.query("providerKeys").withIndex("by_user_provider", (q) => q.eq("userId", userId)),
  ),
  apiTokens: deletes("apiTokens", (db, userId) =>
    db.query("apiTokens").withIndex("by_user", (q) => q.eq("userId", userId)),
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
  mcpSignInTries: deletes("mcpSignInTries", (db, userId) =>
    db.query("mcpSignInTries").withIndex("by_user", (q) => q.eq("userId", userId)),
  ),
  asks: deletes("asks", (db, userId) => db.query("asks").withIndex("by_user", (q) => q.eq("userId", userId))),
  contextSummaries: deletes("contextSummaries", (db, userId) =>
    db.query("contextSummaries").withIndex("by_user", (q) => q.eq("userId", userId)),
  ),
  personBudgets: deletes("personBudgets", (db, userId) =>
    db.query("personBudgets").withIndex("by_user", (q) => q.eq("userId", userId)),
  ),
  spendings: deletes("spendings", (db, userId) =>
    db.query("spendings").withIndex("by_user_month_unit", (q) => q.eq("userId", userId)),
  ),
  usages: deletes("usages", (db, userId) =>
    db.query("usages").withIndex("by_user", (q) => q.eq("userId", userId)),
  ),
  receipts: deletes("receipts", (db, userId) =>
    db.query("receipts").withIndex("by_user_clientMessageId", (q) => q.eq("userId", userId)),
  ),
  purgedReceipts: deletes("purgedReceipts", (db, userId) =>
    db.query("purgedReceipts").withIndex("by_user_clientMessageId", (q) => q.eq("userId", userId)),
  ),
  rateLimits: deletes("rateLimits", (db, userId) =>
    db.query("rateLimits").withIndex("by_user_bucket", (q) => q.eq("userId", userId)),
  ),
  generationLocks: withItsOwner,
  streamingResponses: withItsOwner,
  streamingChunks: withItsOwner,
  streamingPages: withItsOwner,
  queuedPrompts: withItsOwner,
  searchTexts: withItsOwner,
};

/** What names them otherwise. */
const ADOPTIONS: readonly Step[] = [
  deletes("adoptedGuests", (db, userId) =>
    db.query("adoptedGuests").withIndex("by_owner", (q) => q.eq("ownerId", userId)),
  ),
  deletes("adoptedGuests", (db, userId) =>
    db.query("adoptedGuests").withIndex("by_guest", (q) => q.eq("guestId", userId)),
  ),
];

/** What a batch found: nothing; rows, of which there may be more; or live runs, whose last rows are awaited. */
export type Erased = "nothing" | "rows" | "runs";

/** Deletes one batch of what is somebody's, but for the row in `users`. */
export async function eraseBatch(ctx: MutationCtx, userId: Id<"users">): Promise<Erased> {
  // First, so that no run writes into what is being deleted. [G4]
  if ((await stopBatch(ctx, userId)) > 0) return "runs";
  const room: Room = { rows: DELETE_BATCH };
  for (const step of [...Object.values(STEPS), ...ADOPTIONS])
    if (!(await step(ctx, userId, room))) return "rows";
  await deleteLinksOf(ctx, userId);
  return "nothing";
}
