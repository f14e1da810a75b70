import { v } from "convex/values";
import { internal } from "./_generated/api";
import { internalMutation, internalQuery } from "./_generated/server";
import { viewerAction } from "./model/functions";
import { takeModelList } from "./model/budgets/budgets";
import { offers, storeOffered } from "./model/offeredModels";
import { namedModels } from "./model/settings";
import { vModel } from "./model/validators";
import { listModels } from "./providers/listModels";

/**
 * The models that can be chosen: what the connected server lists, and what the owner names. `connected` is false while only the built-in
 * demo model is there. `error` says in words why a connected server's list could not be read. Errors: RATE_LIMITED.
 */
export const list = viewerAction({
  args: {},
  returns: v.object({
    models: v.array(vModel),
    defaultModel: v.union(v.string(), v.null()),
    connected: v.boolean(),
    error: v.union(v.string(), v.null()),
  }),
  handler: async (ctx) => {
    await ctx.runMutation(internal.models.takeList, { userId: ctx.userId });
    const list = await listModels();
    if (!list.connected) return list;
    const ids = list.models.map(({ id }) => id);
    if (list.error === null) await ctx.runMutation(internal.models.keepOffered, { ids });
    const named = namedModels().filter((id) => !ids.includes(id));
    return { ...list, models: [...list.models, ...named.map((id) => ({ id, name: id }))] };
  },
});

/** Takes one request for a list from a person's budget. Errors: RATE_LIMITED. */
export const takeList = internalMutation({
  args: { userId: v.id("users") },
  returns: v.null(),
  handler: (ctx, args) => takeModelList(ctx, args.userId),
});

/** Keeps a list that was read: these models may be asked. */
export const keepOffered = internalMutation({
  args: { ids: v.array(v.string()) },
  returns: v.null(),
  handler: (ctx, args) => storeOffered(ctx, args.ids),
});

/** May this model be asked, as far as is known? */
export const isOffered = internalQuery({
  args: { model: v.string() },
  returns: v.boolean(),
  handler: async (ctx, args) => (await offers(ctx, args.model)) === "yes",
});
