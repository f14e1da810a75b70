import { v } from "convex/values";
import { internalMutation, internalQuery } from "./_generated/server";
import { viewerAction } from "./model/functions";
import { readAsker, vAsker } from "./model/keys/asker";
import { takeModelList } from "./model/budgets/budgets";
import { offers, storeOffered, vListedIds } from "./model/offeredModels";
import { vModel, vProvider } from "./model/validators";
import { listFor } from "./model/listFor";

/**
 * The models that the caller can choose: what the connected providers list, and what the owner names, as far as the owner shows it to them. `connected` is false while only the built-in
 * demo model is there. `error` says in words which lists could not be read, and why; each provider has its own. Errors: RATE_LIMITED.
 */
export const list = viewerAction({
  args: {},
  returns: v.object({
    models: v.array(vModel),
    providers: v.array(vProvider),
    defaultModel: v.union(v.string(), v.null()),
    connected: v.boolean(),
    error: v.union(v.string(), v.null()),
  }),
  handler: (ctx) => listFor(ctx, ctx.userId),
});

/** Takes one request for a list from a person's budget. Errors: RATE_LIMITED. */
export const takeList = internalMutation({
  args: { userId: v.id("users") },
  returns: v.null(),
  handler: (ctx, args) => takeModelList(ctx, args.userId),
});

/** Who asks for a list: their sealed keys, and what is there for them. */
export const asker = internalQuery({
  args: { userId: v.id("users") },
  returns: vAsker,
  handler: (ctx, args) => readAsker(ctx, args.userId, null),
});

/** Keeps lists that were read: these models may be asked. */
export const keepOffered = internalMutation({
  args: { lists: v.array(vListedIds) },
  returns: v.null(),
  handler: (ctx, args) => storeOffered(ctx, args.lists),
});

/** May this person ask this model, as far as is known? */
export const isOffered = internalQuery({
  args: { userId: v.id("users"), model: v.string() },
  returns: v.boolean(),
  handler: async (ctx, args) => (await offers(ctx, args.userId, args.model)) === "yes",
});
