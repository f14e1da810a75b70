import type { MutationCtx } from "../../../_generated/server";
import { failure } from "../../../shared/errors";
import { takeSignInTry } from "../../budgets/budgets";
import type { Attempt } from "./provider";

/** Sign-ins that have begun: each is for one browser, which alone has its secret, and for one return from the provider. */

/** How long a person may take at their provider: they may have to look for a second device. */
const ATTEMPT_MS = 15 * 60_000;

/** Attempts that were given up, deleted with each new one. */
const BATCH = 20;

export type NewAttempt = Attempt & { stateDigest: string; secretDigest: string };

/** Errors: RATE_LIMITED. */
export async function addAttempt(ctx: MutationCtx, attempt: NewAttempt): Promise<null> {
  await takeSignInTry(ctx);
  const now = Date.now();
  const ended = await ctx.db
    .query("oidcAttempts")
    .withIndex("by_expiresAt", (q) => q.lt("expiresAt", now))
    .take(BATCH);
  for (const { _id } of ended) await ctx.db.delete("oidcAttempts", _id);
  await ctx.db.insert("oidcAttempts", { ...attempt, expiresAt: now + ATTEMPT_MS });
  return null;
}

/**
 * Uses an attempt up, before its provider is asked: a return that is replayed finds nothing. One that another browser has begun stays: the link to
 * it may be an attacker's, who wants somebody to be signed in as them.
 * Errors: SIGN_IN_ENDED.
 */
export async function takeAttempt(
  ctx: MutationCtx,
  { stateDigest, secretDigest }: Pick<NewAttempt, "stateDigest" | "secretDigest">,
): Promise<Attempt> {
  const attempt = await ctx.db
    .query("oidcAttempts")
    .withIndex("by_stateDigest", (q) => q.eq("stateDigest", stateDigest))
    .unique();
  if (attempt?.secretDigest !== secretDigest || attempt.expiresAt < Date.now())
    throw failure("SIGN_IN_ENDED", "This sign-in has ended, or was begun elsewhere. Please begin again.");
  await ctx.db.delete("oidcAttempts", attempt._id);
  const { redirectUri, nonce, codeVerifier } = attempt;
  return { redirectUri, nonce, codeVerifier };
}
