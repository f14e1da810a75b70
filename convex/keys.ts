import { v } from "convex/values";
import { internal } from "./_generated/api";
import { internalAction, internalMutation, internalQuery } from "./_generated/server";
import { viewerAction, viewerMutation, viewerQuery } from "./model/functions";
import { checkOwnKey } from "./model/keys/checkOwnKey";
import {
  checkKey,
  keyUse,
  removeKey,
  requireKeyProvider,
  requireOwnKeys,
  storeKey,
  viewOwnKeys,
  vOwnKey,
} from "./model/keys/providerKeys";
import {
  replaceSealed,
  resealAll,
  resealablePage,
  vResealable,
  vResealableKind,
  vResealablePage,
} from "./model/keys/reseal";
import { sealKey, vSealedKey } from "./model/keys/sealedKey";
import { withSealedKeys } from "./model/modelProviders/added";
import type { Added } from "./model/modelProviders/addedConfig";
import { ownKeysAreOffered } from "./providers/ownKeys";
import { failure } from "./shared/errors";

/** The caller's own keys for model providers, never the keys themselves. None where the server takes none. */
export const list = viewerQuery({
  args: {},
  returns: v.array(vOwnKey),
  handler: async (ctx) => (ownKeysAreOffered() ? await viewOwnKeys(ctx, ctx.userId) : []),
});

/**
 * Sets or replaces the caller's key for a provider, once the provider has not refused it. An action, so that the key itself is in no
 * transaction. Errors: OWN_KEYS_OFF, NOT_FOUND, INVALID_INPUT, KEY_REFUSED, RATE_LIMITED.
 */
export const set = viewerAction({
  args: { providerId: v.string(), apiKey: v.string() },
  returns: v.null(),
  handler: async (ctx, args): Promise<null> => {
    const { userId } = ctx;
    requireOwnKeys();
    const added: Added[] = await ctx.runQuery(internal.modelProviders.added, {});
    const provider = requireKeyProvider(args.providerId, withSealedKeys(added));
    const apiKey = checkKey(args.apiKey);
    await ctx.runMutation(internal.models.takeList, { userId });
    await checkOwnKey(provider, apiKey);
    const sealed = await sealKey(apiKey, keyUse(userId, provider));
    if (sealed === null) throw failure("OWN_KEYS_OFF", "This server has no secret to keep keys under.");
    const key = { userId, providerId: provider.id, sealed, lastFour: apiKey.slice(-4) };
    return await ctx.runMutation(internal.keys.store, key);
  },
});

/** Removes the caller's key for a provider. Runs that use it go on. One that is not there is no error. */
export const remove = viewerMutation({
  args: { providerId: v.string() },
  returns: v.null(),
  handler: (ctx, args) => removeKey(ctx, ctx.userId, args.providerId),
});

export const store = internalMutation({
  args: { userId: v.id("users"), providerId: v.string(), sealed: vSealedKey, lastFour: v.string() },
  returns: v.null(),
  handler: (ctx, args) => storeKey(ctx, args),
});

/**
 * After a new secret was put before the old one in `VERBATIM_KEY_SECRET`: seals all keys, people's and those of the owner's page, and sign-ins to MCP servers with the new one, so that
 * the old one can be taken away. For the owner: `npx convex run keys:reseal`. Returns how many were sealed anew and how many cannot be read.
 */
export const reseal = internalAction({
  args: {},
  returns: v.object({ resealed: v.number(), unreadable: v.number() }),
  handler: (ctx) => resealAll(ctx),
});

export const resealable = internalQuery({
  args: { kind: vResealableKind, cursor: v.union(v.string(), v.null()) },
  returns: vResealablePage,
  handler: (ctx, args) => resealablePage(ctx, args),
});

/** Puts what was sealed anew in place of the same, unless there is another by now. */
export const replace = internalMutation({
  args: { before: vResealable, sealed: vSealedKey },
  returns: v.boolean(),
  handler: (ctx, args) => replaceSealed(ctx, args),
});
