import { v, type Infer } from "convex/values";
import { internal } from "../../../_generated/api";
import type { Id } from "../../../_generated/dataModel";
import type { MutationCtx } from "../../../_generated/server";
import { vSealedKey } from "../../keys/sealedKey";

/**
 * Sign-ins under way: from the moment when a person is sent to a server's page until they come back. Each is for the session that has begun it,
 * and ends when it is used. By the digest of its `state`, which only that browser and the server's page have seen.
 */

/** How long somebody may take at the server's page, milliseconds. */
const TRY_MS = 10 * 60_000;

/** Of one person at once: tabs in which they have left the server's page alone. */
const MAX_TRIES = 5;

export const vSignInTry = v.object({
  userId: v.id("users"),
  sessionId: v.string(),
  stateDigest: v.string(),
  server: v.string(),
  sealed: vSealedKey,
});
type SignInTry = Infer<typeof vSignInTry>;

export async function addTry(ctx: MutationCtx, added: SignInTry): Promise<null> {
  const open = await ctx.db
    .query("mcpSignInTries")
    .withIndex("by_user", (q) => q.eq("userId", added.userId))
    .order("desc")
    .take(MAX_TRIES);
  for (const { _id } of open.slice(MAX_TRIES - 1)) await ctx.db.delete("mcpSignInTries", _id);
  const tryId = await ctx.db.insert("mcpSignInTries", { ...added, endsAt: Date.now() + TRY_MS });
  await ctx.scheduler.runAfter(TRY_MS, internal.mcp.forgetTry, { tryId });
  return null;
}

/** Uses a try up. Null for one that was used, has ended, or is another session's: that one is left to whose it is. */
export async function takeTry(
  ctx: MutationCtx,
  args: { userId: Id<"users">; sessionId: string; stateDigest: string },
): Promise<Pick<SignInTry, "server" | "sealed"> | null> {
  const found = await ctx.db
    .query("mcpSignInTries")
    .withIndex("by_stateDigest", (q) => q.eq("stateDigest", args.stateDigest))
    .unique();
  if (found?.userId !== args.userId || found.sessionId !== args.sessionId) return null;
  await ctx.db.delete("mcpSignInTries", found._id);
  return found.endsAt < Date.now() ? null : { server: found.server, sealed: found.sealed };
}

export async function forgetTry(ctx: MutationCtx, tryId: Id<"mcpSignInTries">): Promise<null> {
  if (await ctx.db.get("mcpSignInTries", tryId)) await ctx.db.delete("mcpSignInTries", tryId);
  return null;
}
