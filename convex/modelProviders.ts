import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { adminAction, adminQuery, ownerAction, ownerMutation } from "./model/functions";
import { readAdded } from "./model/modelProviders/added";
import { vAdded } from "./model/modelProviders/addedConfig";
import { checkProviders, vProviderState } from "./model/modelProviders/check";
import { vFieldFault } from "./model/modelProviders/readTyped";
import { saveProvider, vSaveArgs } from "./model/modelProviders/save";
import { removeProvider, storeProvider, vStoreArgs } from "./model/modelProviders/store";
import { viewProviders, vShownProviders } from "./model/modelProviders/view";

/** All providers of models, and where each is set. Never their keys. Errors: NOT_ALLOWED. */
export const list = adminQuery({
  args: {},
  returns: vShownProviders,
  handler: (ctx) => viewProviders(ctx),
});

/** Asks each provider for its models, and says how many it has or why it does not answer. Errors: NOT_ALLOWED, RATE_LIMITED. */
export const check = adminAction({
  args: {},
  returns: v.array(vProviderState),
  handler: (ctx) => checkProviders(ctx, ctx.userId),
});

/**
 * Adds a provider, or changes one that was added here; it counts from the next request on. Returns what is wrong with it, field by field;
 * nothing: it is kept. A key that is kept is asked for again when the address is another. Errors: NOT_ALLOWED; NOT_FOUND for one that was
 * removed meanwhile; INVALID_INPUT for one too many.
 */
export const save = ownerAction({
  args: vSaveArgs,
  returns: v.array(vFieldFault),
  handler: (ctx, args) => saveProvider(ctx, ctx.userId, args),
});

/** Removes a provider that was added here. Runs that use it go on; its chats stay. One that is not there is no error. Errors: NOT_ALLOWED. */
export const remove = ownerMutation({
  args: { id: v.string() },
  returns: v.null(),
  handler: (ctx, args) => removeProvider(ctx, ctx.userId, args.id),
});

/** What was added here, with sealed keys: for actions, which open them. */
export const added = internalQuery({
  args: {},
  returns: v.array(vAdded),
  handler: (ctx) => readAdded(ctx),
});

export const store = internalMutation({
  args: vStoreArgs,
  returns: v.array(vFieldFault),
  handler: (ctx, args) => storeProvider(ctx, args),
});
