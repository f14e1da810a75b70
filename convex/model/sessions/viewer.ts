import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ActionCtx, QueryCtx } from "../../_generated/server";
import { namedByToken } from "./namedByToken";

/**
 * Whose call it is: a token says so, and its session must still be there. A token is valid for an hour whatever happens; the session's row
 * is gone as soon as it is signed out, and live queries, which have read it, run again then. [G11, G14]
 */
export async function findViewer(ctx: QueryCtx): Promise<Id<"users"> | null> {
  const named = await namedByToken(ctx);
  return named && (await personOfSession(ctx, named));
}

/** The session of the caller; null if they have none. */
export async function findViewerSession(
  ctx: QueryCtx,
): Promise<{ userId: Id<"users">; sessionId: Id<"authSessions"> } | null> {
  const named = await namedByToken(ctx);
  const userId = named && (await personOfSession(ctx, named));
  const sessionId = ctx.db.normalizeId("authSessions", named?.sessionId ?? "");
  return userId === null || sessionId === null ? null : { userId, sessionId };
}

/** `findViewer` for an action, which asks in a transaction of its own. */
export async function findViewerInAction(ctx: ActionCtx): Promise<Id<"users"> | null> {
  const named = await namedByToken(ctx);
  if (named === null) return null;
  const personId: Id<"users"> | null = await ctx.runQuery(internal.auth.personOfSession, named);
  return personId;
}

/**
 * Whose session it is, or null if there is no such session of the person that the token names. `userId` and `sessionId` are what a token
 * says, which may be anything. The token of a guest who was adopted is the owner's until it is renewed.
 */
export async function personOfSession(
  ctx: QueryCtx,
  token: { userId: string; sessionId: string | null },
): Promise<Id<"users"> | null> {
  const sessionId = ctx.db.normalizeId("authSessions", token.sessionId ?? "");
  const session = sessionId && (await ctx.db.get("authSessions", sessionId));
  if (!session) return null;
  const isNamed = session.userId === token.userId || (await wasAdopted(ctx, token.userId, session.userId));
  return isNamed ? session.userId : null;
}

async function wasAdopted(ctx: QueryCtx, userId: string, by: Id<"users">): Promise<boolean> {
  const guestId = ctx.db.normalizeId("users", userId);
  if (guestId === null) return false;
  const adopted = await ctx.db
    .query("adoptedGuests")
    .withIndex("by_guest", (q) => q.eq("guestId", guestId))
    .first();
  return adopted?.ownerId === by;
}
