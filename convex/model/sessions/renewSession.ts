import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx } from "../../_generated/server";
import { limitOf } from "../limits/limits";
import { DAY_MS } from "../settings";

/** Parts of the library's refresh tokens: `<id of its row>|<id of the session>`. */
const SEPARATOR = "|";

/** How long used refresh tokens are kept, by which the library sees that one was stolen. */
const USED_TOKEN_MS = 30 * DAY_MS;

/** Old refresh tokens deleted with each renewal, which makes one. */
const TOKEN_BATCH = 20;

/**
 * Puts off the end of a session that is being used: it ends when it was not used for as many days as the limit says. The last use is when its refresh
 * token was made, so that sessions of earlier versions, which ended after 30 days, come back too.
 *
 * @returns False for a token that names no session. What is refused here leaves the session as it is.
 */
export async function renewSession(ctx: MutationCtx, refreshToken: string): Promise<boolean> {
  const [tokenPart = "", sessionPart = ""] = refreshToken.split(SEPARATOR);
  const tokenId = ctx.db.normalizeId("authRefreshTokens", tokenPart);
  const sessionId = ctx.db.normalizeId("authSessions", sessionPart);
  const token = tokenId && (await ctx.db.get("authRefreshTokens", tokenId));
  const session = sessionId && (await ctx.db.get("authSessions", sessionId));
  if (!token || !session || token.sessionId !== session._id) return false;

  const now = Date.now();
  const lastsMs = (await limitOf(ctx, "sessionDays")) * DAY_MS;
  const endsAt = token._creationTime + lastsMs;
  await ctx.db.patch("authRefreshTokens", token._id, { expirationTime: endsAt });
  // The library refuses it, and deletes the session.
  if (endsAt < now) return true;
  await prolong(ctx, session, now + lastsMs);
  await deleteUsedTokens(ctx, session._id, now);
  return true;
}

/** Once a day at most: each query of the person reads this row. */
async function prolong(
  ctx: MutationCtx,
  session: Doc<"authSessions">,
  expirationTime: number,
): Promise<void> {
  if (Math.abs(expirationTime - session.expirationTime) < DAY_MS) return;
  await ctx.db.patch("authSessions", session._id, { expirationTime });
}

/** A page that stays open makes a token each hour; the library deletes them with the session only. */
async function deleteUsedTokens(ctx: MutationCtx, sessionId: Id<"authSessions">, now: number): Promise<void> {
  const oldest = await ctx.db
    .query("authRefreshTokens")
    .withIndex("sessionId", (q) => q.eq("sessionId", sessionId))
    .take(TOKEN_BATCH);
  for (const { _id, firstUsedTime } of oldest) {
    if (firstUsedTime !== undefined && firstUsedTime < now - USED_TOKEN_MS)
      await ctx.db.delete("authRefreshTokens", _id);
  }
}
