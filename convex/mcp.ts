import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { viewerMutation } from "./model/functions";
import { vSealedKey } from "./model/keys/sealedKey";
import {
  claimRenewal,
  endRenewal,
  readSignIn,
  removeSignIn,
  storeSignIn,
  vRenewal,
  vRenewalEnd,
  vStoredSignIn,
} from "./model/tools/mcp/signIns";
import { addTry, forgetTry as forget, takeTry, vSignInTry } from "./model/tools/mcp/signInTries";
import { offeredTools } from "./model/tools/toolChoice";

/** Whose sign-in to which server. */
const which = { userId: v.id("users"), server: v.string() };

/** Forgets the caller's sign-in to an MCP server, and has it revoked there: calls under way may fail. One that is not there is no error. */
export const signOut = viewerMutation({
  args: { server: v.string() },
  returns: v.null(),
  handler: (ctx, { server }) => removeSignIn(ctx, { userId: ctx.userId, server }),
});

/** Is it one that each person signs in to, and may this one use it? */
export const mayUse = internalQuery({
  args: which,
  returns: v.boolean(),
  handler: async (ctx, { userId, server }) =>
    (await offeredTools(ctx, userId)).some(({ name, signIn }) => name === server && signIn !== null),
});

export const startTry = internalMutation({
  args: vSignInTry,
  returns: v.null(),
  handler: (ctx, args) => addTry(ctx, args),
});

export const useTry = internalMutation({
  args: { userId: v.id("users"), sessionId: v.string(), stateDigest: v.string() },
  returns: v.union(v.null(), v.object({ server: v.string(), sealed: vSealedKey })),
  handler: (ctx, args) => takeTry(ctx, args),
});

export const forgetTry = internalMutation({
  args: { tryId: v.id("mcpSignInTries") },
  returns: v.null(),
  handler: (ctx, { tryId }) => forget(ctx, tryId),
});

export const store = internalMutation({
  args: { ...which, stored: vStoredSignIn },
  returns: v.null(),
  handler: (ctx, args) => storeSignIn(ctx, args),
});

export const read = internalQuery({
  args: which,
  returns: v.union(v.null(), vStoredSignIn),
  handler: (ctx, args) => readSignIn(ctx, args),
});

export const renew = internalMutation({
  args: { ...which, version: v.string() },
  returns: vRenewal,
  handler: (ctx, args) => claimRenewal(ctx, args),
});

export const renewed = internalMutation({
  args: { ...which, version: v.string(), end: vRenewalEnd },
  returns: v.null(),
  handler: (ctx, args) => endRenewal(ctx, args),
});
