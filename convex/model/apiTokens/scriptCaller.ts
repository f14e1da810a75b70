import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ActionCtx, QueryCtx } from "../../_generated/server";
import { failure } from "../../shared/errors";
import { digestOf } from "../accounts/secrets";
import { namedByToken } from "../sessions/namedByToken";
import { findViewerInAction } from "../sessions/viewer";
import { isUseNews } from "./apiTokens";
import { tokenOf } from "./tokenText";

/** By what a script's request is somebody's. While it goes on, it is looked at whether that still holds. */
export const vProof = v.union(
  v.object({ kind: v.literal("token"), tokenId: v.id("apiTokens") }),
  v.object({ kind: v.literal("session"), sessionId: v.string() }),
);
export type Proof = Infer<typeof vProof>;

export type ScriptCaller = { userId: Id<"users">; proof: Proof };

/** Whose request it is, by an API token or the token of a session. Errors: UNAUTHENTICATED. */
export async function requireScriptCaller(ctx: ActionCtx, request: Request): Promise<ScriptCaller> {
  const token = tokenOf(request);
  const caller = token === null ? await callerBySession(ctx) : await callerByToken(ctx, token);
  if (caller === null) throw failure("UNAUTHENTICATED", "This needs a valid bearer token.");
  return caller;
}

async function callerByToken(ctx: ActionCtx, token: string): Promise<ScriptCaller | null> {
  const found = await ctx.runQuery(internal.apiTokens.find, { secretDigest: await digestOf(token) });
  const now = Date.now();
  if (found === null || (found.expiresAt !== null && found.expiresAt <= now)) return null;
  const { tokenId, userId } = found;
  if (isUseNews(found.lastUsedAt, now)) await ctx.runMutation(internal.apiTokens.noteUse, { tokenId });
  return { userId, proof: { kind: "token", tokenId } };
}

/** For a token that is invalid Convex lets an HTTP action run, and asking for the identity throw. */
async function callerBySession(ctx: ActionCtx): Promise<ScriptCaller | null> {
  try {
    const userId = await findViewerInAction(ctx);
    const sessionId = (await namedByToken(ctx))?.sessionId ?? null;
    return userId === null || sessionId === null ? null : { userId, proof: { kind: "session", sessionId } };
  } catch {
    return null;
  }
}

/** Errors: UNAUTHENTICATED, for a token that was revoked or a session that was signed out since the request began. [G11] */
export async function requireProof(ctx: QueryCtx, proof: Proof): Promise<void> {
  const row =
    proof.kind === "token"
      ? await ctx.db.get("apiTokens", proof.tokenId)
      : await sessionOf(ctx, proof.sessionId);
  if (!row) throw failure("UNAUTHENTICATED", "This token was revoked.");
}

async function sessionOf(ctx: QueryCtx, sessionId: string) {
  const id = ctx.db.normalizeId("authSessions", sessionId);
  return id && (await ctx.db.get("authSessions", id));
}
