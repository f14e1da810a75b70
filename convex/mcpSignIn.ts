"use node";

import { v } from "convex/values";
import { internal } from "./_generated/api";
import type { Id } from "./_generated/dataModel";
import { internalAction, type ActionCtx } from "./_generated/server";
import { digestOf, newSecret } from "./model/accounts/secrets";
import { viewerAction } from "./model/functions";
import { vSealedKey } from "./model/keys/sealedKey";
import { namedByToken } from "./model/sessions/namedByToken";
import { beginSignIn } from "./model/tools/mcp/beginSignIn";
import { finishSignIn } from "./model/tools/mcp/finishSignIn";
import { findSignInServer } from "./model/tools/mcp/mcpSettings";
import { redirectUrlFor } from "./model/tools/mcp/redirectUrl";
import { revokeSignIn } from "./model/tools/mcp/revokeSignIn";
import { openSignIn, openTry, sealSignIn, sealTry } from "./model/tools/mcp/signInData";
import { failure } from "./shared/errors";
import type { McpServer } from "./shared/mcpConfig";

/**
 * Begins to sign the caller in to an MCP server: the page goes to `url`, and the server's page sends it back to `/connected` with a code and
 * `state`, for `finish`. `origin`: the page's own. Errors: NOT_FOUND, INVALID_INPUT, SIGN_IN_FAILED, OWN_KEYS_OFF, RATE_LIMITED.
 */
export const begin = viewerAction({
  args: { server: v.string(), origin: v.string() },
  returns: v.object({ url: v.string() }),
  handler: async (ctx, args): Promise<{ url: string }> => {
    const { userId } = ctx;
    const server = await requireServer(ctx, userId, args.server);
    const redirectUrl = redirectUrlFor(args.origin);
    await ctx.runMutation(internal.models.takeList, { userId });
    const state = newSecret();
    const { url, data } = await beginSignIn(server, { state, redirectUrl });
    const sealed = await sealTry(data, { userId, server });
    if (sealed === null) throw noSecret();
    await ctx.runMutation(internal.mcp.startTry, {
      ...{ userId, sessionId: await sessionOf(ctx), stateDigest: await digestOf(state) },
      ...{ server: server.name, sealed },
    });
    return { url };
  },
});

/**
 * Signs the caller in with what their browser has brought back. `issuer`: the parameter `iss` of RFC 9207, if it was there. Errors:
 * SIGN_IN_ENDED for a `state` that was used, is too old, or was begun by another person or in another browser; SIGN_IN_FAILED, OWN_KEYS_OFF.
 */
export const finish = viewerAction({
  args: { state: v.string(), code: v.string(), issuer: v.optional(v.string()) },
  returns: v.object({ server: v.string() }),
  handler: async (ctx, args): Promise<{ server: string }> => {
    const { userId } = ctx;
    const begun = await ctx.runMutation(internal.mcp.useTry, {
      ...{ userId, sessionId: await sessionOf(ctx), stateDigest: await digestOf(args.state) },
    });
    const server = begun && findSignInServer(begun.server);
    const data = server && (await openTry(begun.sealed, { userId, server }));
    if (!server || !data)
      throw failure("SIGN_IN_ENDED", "This sign-in was used already, or took too long. Please begin again.");
    const { code, issuer } = args;
    const signIn = await finishSignIn(server, data, { code, ...(issuer !== undefined && { issuer }) });
    const sealed = await sealSignIn(signIn, { userId, server });
    if (sealed === null) throw noSecret();
    const stored = { sealed, version: crypto.randomUUID() };
    await ctx.runMutation(internal.mcp.store, { userId, server: server.name, stored });
    return { server: server.name };
  },
});

/** Has a sign-in that was forgotten here revoked at its server, if that can be done. */
export const revoke = internalAction({
  args: { userId: v.id("users"), server: v.string(), sealed: vSealedKey },
  returns: v.null(),
  handler: async (_ctx, { userId, server: name, sealed }) => {
    const server = findSignInServer(name);
    const data = server && (await openSignIn(sealed, { userId, server }));
    if (server && data) await revokeSignIn(server, data);
    return null;
  },
});

/** One that this person may use. Errors: NOT_FOUND. */
async function requireServer(ctx: ActionCtx, userId: Id<"users">, name: string): Promise<McpServer> {
  const mayUse: boolean = await ctx.runQuery(internal.mcp.mayUse, { userId, server: name });
  const server = mayUse ? findSignInServer(name) : null;
  if (server === null) throw failure("NOT_FOUND", "There is no such server to sign in to.");
  return server;
}

/** The caller's session, which the builder has checked. */
const sessionOf = async (ctx: ActionCtx): Promise<string> => (await namedByToken(ctx))?.sessionId ?? "";

const noSecret = () => failure("OWN_KEYS_OFF", "This server has no secret to keep sign-ins under.");
