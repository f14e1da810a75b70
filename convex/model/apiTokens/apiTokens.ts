import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { recordOwnAudit } from "../accounts/audit";
import { findPerson } from "../accounts/people";
import { failure } from "../../shared/errors";
import { plainLine } from "../../shared/plainLine";
import { DAY_MS } from "../settings";

/** A person's API tokens. They are known by the digests of their secrets alone. */

/** Tokens of one person: one for each script and machine. */
const MAX_TOKENS = 50;
const MAX_NAME_CHARS = 100;
const MAX_DAYS = 3_650;

/** The list of tokens shows the day. */
const NOTE_USE_MS = DAY_MS / 4;

async function tokensOf(ctx: QueryCtx, userId: Id<"users">): Promise<Doc<"apiTokens">[]> {
  return await ctx.db
    .query("apiTokens")
    .withIndex("by_user", (q) => q.eq("userId", userId))
    .order("desc")
    .take(MAX_TOKENS);
}

export async function listTokens(ctx: QueryCtx, userId: Id<"users">) {
  const tokens = await tokensOf(ctx, userId);
  return tokens.map(({ _id, _creationTime, name, hint, expiresAt, lastUsedAt }) => ({
    ...{ _id, _creationTime, name: plainLine(name), hint, expiresAt, lastUsedAt },
  }));
}

/** Errors: NOT_ALLOWED for a guest, whose session is all that there is of them; INVALID_INPUT. */
export async function storeToken(
  ctx: MutationCtx,
  args: { userId: Id<"users">; name: string; days: number | null; secretDigest: string; hint: string },
): Promise<null> {
  const { userId, days, secretDigest, hint } = args;
  const name = plainLine(args.name);
  if (!(await findPerson(ctx, userId))) throw failure("NOT_ALLOWED", "A token needs an account.");
  if (name === "" || name.length > MAX_NAME_CHARS)
    throw failure("INVALID_INPUT", `A token's name has 1 to ${MAX_NAME_CHARS} characters.`);
  if (days !== null && !(days >= 1 && days <= MAX_DAYS))
    throw failure("INVALID_INPUT", `A token lasts for 1 to ${MAX_DAYS.toLocaleString("en")} days.`);
  if ((await tokensOf(ctx, userId)).length >= MAX_TOKENS)
    throw failure("INVALID_INPUT", `You have ${MAX_TOKENS} tokens already. Please revoke some first.`);
  const expiresAt = days === null ? null : Date.now() + days * DAY_MS;
  await ctx.db.insert("apiTokens", { userId, name, secretDigest, hint, expiresAt, lastUsedAt: null });
  await recordOwnAudit(ctx, userId, { kind: "tokenMade", detail: name });
  return null;
}

export async function revokeToken(ctx: MutationCtx, userId: Id<"users">, id: Id<"apiTokens">): Promise<null> {
  const token = await ctx.db.get("apiTokens", id);
  if (token?.userId !== userId) return null;
  await ctx.db.delete("apiTokens", id);
  await recordOwnAudit(ctx, userId, { kind: "tokenRevoked", detail: token.name });
  return null;
}

/** Revokes all: who sets a new password by a link may have lost more than the old one. */
export async function revokeAllTokens(ctx: MutationCtx, userId: Id<"users">): Promise<void> {
  for (const { _id } of await tokensOf(ctx, userId)) await ctx.db.delete("apiTokens", _id);
}

export async function findToken(ctx: QueryCtx, secretDigest: string) {
  const token = await ctx.db
    .query("apiTokens")
    .withIndex("by_secretDigest", (q) => q.eq("secretDigest", secretDigest))
    .unique();
  // Who has left, or is kept out, has none.
  const person = token && (await findPerson(ctx, token.userId));
  if (!token || !person || person.disabledAt !== undefined) return null;
  const { _id: tokenId, userId, expiresAt, lastUsedAt } = token;
  return { tokenId, userId, expiresAt, lastUsedAt };
}

/** Is the last use that is written down so long ago that this one is to be? */
export const isUseNews = (lastUsedAt: number | null, now: number): boolean =>
  lastUsedAt === null || now - lastUsedAt >= NOTE_USE_MS;

/** Written rarely: scripts may send often, and each write would conflict with the others. */
export async function noteUse(ctx: MutationCtx, id: Id<"apiTokens">): Promise<null> {
  const token = await ctx.db.get("apiTokens", id);
  const now = Date.now();
  if (token && isUseNews(token.lastUsedAt, now)) await ctx.db.patch("apiTokens", id, { lastUsedAt: now });
  return null;
}
