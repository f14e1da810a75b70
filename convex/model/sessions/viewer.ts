import { getAuthSessionId, getAuthUserId } from "@convex-dev/auth/server";
import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ActionCtx, QueryCtx } from "../../_generated/server";

/**
 * Whose call it is: a token says so, and its session must still be there. A token is valid for an hour whatever happens; the session's row
 * is gone as soon as it is signed out, and live queries, which have read it, run again then. [G11, G14]
 */
export async function findViewer(ctx: QueryCtx): Promise<Id<"users"> | null> {
  const userId = await getAuthUserId(ctx);
  if (userId === null) return null;
  return (await isSessionOf(ctx, { userId, sessionId: await getAuthSessionId(ctx) })) ? userId : null;
}

/** The same for an action, which asks in a transaction of its own. */
export async function findViewerInAction(ctx: ActionCtx): Promise<Id<"users"> | null> {
  const userId = await getAuthUserId(ctx);
  if (userId === null) return null;
  const sessionId = await getAuthSessionId(ctx);
  const isLive: boolean = await ctx.runQuery(internal.auth.isLiveSession, { userId, sessionId });
  return isLive ? userId : null;
}

/** Is this a session of this person? `sessionId` is what a token says, which may be anything. */
export async function isSessionOf(
  ctx: QueryCtx,
  token: { userId: string; sessionId: string | null },
): Promise<boolean> {
  const sessionId = ctx.db.normalizeId("authSessions", token.sessionId ?? "");
  const session = sessionId && (await ctx.db.get("authSessions", sessionId));
  return session?.userId === token.userId;
}
