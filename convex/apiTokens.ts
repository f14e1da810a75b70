import { v } from "convex/values";
import { internal } from "./_generated/api";
import { internalMutation, internalQuery } from "./_generated/server";
import * as tokens from "./model/apiTokens/apiTokens";
import { newToken } from "./model/apiTokens/tokenText";
import { viewerAction, viewerMutation, viewerQuery } from "./model/functions";

/** Tokens with which a person's scripts send prompts: over `/chat-stream` and `/v1`, and for nothing else. */

const vTime = v.union(v.number(), v.null());

/** The caller's tokens, newest first, without their secrets. `hint`: how one begins. */
export const list = viewerQuery({
  args: {},
  returns: v.array(
    v.object({
      ...{ _id: v.id("apiTokens"), _creationTime: v.number(), name: v.string(), hint: v.string() },
      ...{ expiresAt: vTime, lastUsedAt: vTime },
    }),
  ),
  handler: (ctx) => tokens.listTokens(ctx, ctx.userId),
});

/** Makes a token that lasts for `days`, or until it is revoked (null). Returns it, this once. Errors: NOT_ALLOWED, for guests; INVALID_INPUT. */
export const make = viewerAction({
  args: { name: v.string(), days: v.union(v.number(), v.null()) },
  returns: v.string(),
  handler: async (ctx, { name, days }): Promise<string> => {
    const { token, secretDigest, hint } = await newToken();
    await ctx.runMutation(internal.apiTokens.store, { userId: ctx.userId, name, days, secretDigest, hint });
    return token;
  },
});

/** Revokes a token of the caller's, at once: what is being sent by it breaks off. One that is gone already is no error. */
export const revoke = viewerMutation({
  args: { tokenId: v.id("apiTokens") },
  returns: v.null(),
  handler: (ctx, args) => tokens.revokeToken(ctx, ctx.userId, args.tokenId),
});

/** Stores a token by its digest. Errors: NOT_ALLOWED, INVALID_INPUT. */
export const store = internalMutation({
  args: {
    ...{ userId: v.id("users"), name: v.string(), days: v.union(v.number(), v.null()) },
    ...{ secretDigest: v.string(), hint: v.string() },
  },
  returns: v.null(),
  handler: (ctx, args) => tokens.storeToken(ctx, args),
});

/** Whose a token is, by its digest; null for one that is none, or no longer. */
export const find = internalQuery({
  args: { secretDigest: v.string() },
  returns: v.union(
    v.object({
      ...{ tokenId: v.id("apiTokens"), userId: v.id("users") },
      ...{ expiresAt: vTime, lastUsedAt: vTime },
    }),
    v.null(),
  ),
  handler: (ctx, args) => tokens.findToken(ctx, args.secretDigest),
});

/** Notes that a token was used. */
export const noteUse = internalMutation({
  args: { tokenId: v.id("apiTokens") },
  returns: v.null(),
  handler: (ctx, args) => tokens.noteUse(ctx, args.tokenId),
});
