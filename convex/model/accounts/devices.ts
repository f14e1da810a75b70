import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { DELETE_BATCH } from "../settings";

/** A person's sessions as they know them: the devices on which they are signed in. */

/**
 * How a session was opened. `adopted`: by a guest of an earlier version, who may have been anybody if the server was open to other machines
 * then; it ends when it is opened to them again.
 */
export const vOpenedBy = v.union(
  v.literal("machine"),
  v.literal("guest"),
  v.literal("adopted"),
  v.literal("password"),
  v.literal("oidc"),
);
export type OpenedBy = Infer<typeof vOpenedBy>;

/** Longer ones are nobody's browser. */
const MAX_USER_AGENT_CHARS = 400;

/** Notes a session that has begun, or is now somebody else's, or was used again. */
export async function noteDevice(
  ctx: MutationCtx,
  session: { sessionId: Id<"authSessions">; userId: Id<"users">; openedBy?: OpenedBy },
): Promise<void> {
  const { sessionId, userId, openedBy } = session;
  const known = await findDevice(ctx, sessionId);
  const agent = await userAgentOf(ctx);
  const now = { userId, lastUsedAt: Date.now(), ...(openedBy !== undefined && { openedBy }) };
  if (known)
    await ctx.db.patch("devices", known._id, { ...now, ...(agent !== null && { userAgent: agent }) });
  else await ctx.db.insert("devices", { openedBy: "guest", ...now, sessionId, userAgent: agent });
}

export async function findDevice(
  ctx: MutationCtx,
  sessionId: Id<"authSessions">,
): Promise<Doc<"devices"> | null> {
  return await ctx.db
    .query("devices")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .unique();
}

/** What the caller's program calls itself; null where nobody calls, and on a backend that does not tell. */
async function userAgentOf(ctx: MutationCtx): Promise<string | null> {
  try {
    return (await ctx.meta.getRequestMetadata()).userAgent?.slice(0, MAX_USER_AGENT_CHARS) ?? null;
  } catch {
    return null;
  }
}

/** Devices looked at with each sign-in of their person. */
const FORGET_BATCH = 20;

/** Deletes devices whose sessions the library has ended by itself. */
export async function forgetEndedDevices(ctx: MutationCtx, userId: Id<"users">): Promise<void> {
  const oldest = await ctx.db
    .query("devices")
    .withIndex("by_user", (q) => q.eq("userId", userId))
    .take(FORGET_BATCH);
  for (const { _id, sessionId } of oldest) {
    if (!(await ctx.db.get("authSessions", sessionId))) await ctx.db.delete("devices", _id);
  }
}

/** Refresh tokens deleted with their session; one that is used every hour has hundreds, of which the rest follow. */
const TOKENS_AT_ONCE = 20;

/** Ends a session: its queries run again at once, and find nobody. */
export async function endSession(ctx: MutationCtx, sessionId: Id<"authSessions">): Promise<void> {
  if (await ctx.db.get("authSessions", sessionId)) await ctx.db.delete("authSessions", sessionId);
  if (!(await deleteTokens(ctx, sessionId, TOKENS_AT_ONCE)))
    await ctx.scheduler.runAfter(0, internal.accounts.forgetTokens, { sessionId });
  const device = await findDevice(ctx, sessionId);
  if (device) await ctx.db.delete("devices", device._id);
}

/** Deletes the refresh tokens of a session that has ended, one batch after the other. */
export async function forgetTokens(ctx: MutationCtx, sessionId: Id<"authSessions">): Promise<null> {
  if (!(await deleteTokens(ctx, sessionId, DELETE_BATCH)))
    await ctx.scheduler.runAfter(0, internal.accounts.forgetTokens, { sessionId });
  return null;
}

async function deleteTokens(
  ctx: MutationCtx,
  sessionId: Id<"authSessions">,
  limit: number,
): Promise<boolean> {
  const tokens = await ctx.db
    .query("authRefreshTokens")
    .withIndex("sessionIdAndParentRefreshTokenId", (q) => q.eq("sessionId", sessionId))
    .take(limit);
  for (const { _id } of tokens) await ctx.db.delete("authRefreshTokens", _id);
  return tokens.length < limit;
}

/** Sessions ended in one mutation: what they write stays within half of what a transaction may. */
const MAX_SESSIONS = 300;

/** Ends a person's sessions but `keep`, at once, in all their live queries; whoever has more than a batch of them, one batch after the other. */
export async function endOtherSessions(
  ctx: MutationCtx,
  userId: Id<"users">,
  keep: Id<"authSessions"> | null,
): Promise<null> {
  const sessions = await ctx.db
    .query("authSessions")
    .withIndex("userId", (q) => q.eq("userId", userId))
    .take(MAX_SESSIONS);
  for (const { _id } of sessions) if (_id !== keep) await endSession(ctx, _id);
  if (sessions.length === MAX_SESSIONS)
    await ctx.scheduler.runAfter(0, internal.accounts.endSessions, { userId, keep });
  return null;
}

/** Devices shown at once, the newest. */
const MAX_DEVICES = 100;

/** Where a person is signed in, most recently used first. `sessionId`: of whoever asks. */
export async function listDevices(ctx: QueryCtx, userId: Id<"users">, sessionId: Id<"authSessions"> | null) {
  const devices = await ctx.db
    .query("devices")
    .withIndex("by_user", (q) => q.eq("userId", userId))
    .order("desc")
    .take(MAX_DEVICES);
  const live = [];
  for (const device of devices) {
    if (!(await ctx.db.get("authSessions", device.sessionId))) continue;
    const { _id, _creationTime, userAgent, openedBy, lastUsedAt } = device;
    live.push({
      _id,
      _creationTime,
      userAgent,
      openedBy,
      lastUsedAt,
      isThis: device.sessionId === sessionId,
    });
  }
  return live.sort((a, b) => b.lastUsedAt - a.lastUsedAt);
}

/** Signs a device of this person out. Errors: NOT_FOUND. */
export async function endDevice(ctx: MutationCtx, userId: Id<"users">, id: Id<"devices">): Promise<null> {
  const device = await ctx.db.get("devices", id);
  if (device?.userId !== userId) throw failure("NOT_FOUND", "This device is signed out already.");
  await endSession(ctx, device.sessionId);
  return null;
}

/**
 * Ends sessions that were guests' and became the owner's, because other machines can connect now. Returns how many; there may be more.
 */
export async function endAdoptedSessions(ctx: MutationCtx): Promise<number> {
  const adopted = await ctx.db
    .query("devices")
    .withIndex("by_openedBy", (q) => q.eq("openedBy", "adopted"))
    .take(DELETE_BATCH);
  for (const { sessionId } of adopted) await endSession(ctx, sessionId);
  return adopted.length;
}
