import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { failure } from "../shared/errors";
import { MAX_MODEL_ID_CHARS } from "../shared/limits";
import { UNPREFIXED } from "../shared/modelIds";
import { modelOfId, storedId } from "../providers/modelIds";
import { isShown, preferredOf, usableWith, type Provider } from "../providers/settings";
import { findFacts, storeFacts, vKeptFacts } from "./context/keptFacts";
import { connectedFor } from "./keys/providerKeys";
import { isFor, shownTo } from "./modelAccess";
import { connectedHere } from "./modelProviders/added";
import { namedModels } from "./settings";

/**
 * Which models may be asked: those that the connected providers list, their defaults, and those that the owner names in a setting, as far
 * as they are there for the person (`modelAccess.ts`). A name is sent to a provider under the owner's key, so that nobody else may make one
 * up. A mutation cannot ask a provider, so its list is
 * kept whenever it was read: a page asks for it before it can offer one.
 */

/** What a provider has listed, by its own names. */
export const vListedIds = v.object({
  provider: v.string(),
  ids: v.array(v.string()),
  /** What it says of them. */
  facts: v.optional(v.array(vKeptFacts)),
});

/** Characters of all ids of a provider together: half of what a document may have. */
const MAX_LIST_CHARS = 500_000;

/** Which server a list is of: two providers may have one address, with keys that may use different models. */
export const serverOf = ({ id, server }: Provider): string =>
  id === UNPREFIXED ? server.baseURL : `${id} ${server.baseURL}`;

async function findList(ctx: QueryCtx, provider: Provider): Promise<Doc<"offeredModels"> | null> {
  return await ctx.db
    .query("offeredModels")
    .withIndex("by_server", (q) => q.eq("server", serverOf(provider)))
    .unique();
}

/** What this provider has listed, by its own names; null: its list was never read. */
export const findOfferedIds = async (ctx: QueryCtx, provider: Provider): Promise<string[] | null> =>
  (await findList(ctx, provider))?.ids ?? null;

/** Keeps what connected providers have listed. Written only where it differs, since every send of a chosen model reads it. */
export async function storeOffered(
  ctx: MutationCtx,
  lists: readonly Infer<typeof vListedIds>[],
): Promise<null> {
  const { providers: connected } = usableWith(await connectedHere(ctx));
  for (const { provider: id, ids, facts } of lists) {
    const provider = connected.find((one) => one.id === id);
    if (provider === undefined) continue;
    await storeList(ctx, provider, ids);
    if (facts !== undefined) await storeFacts(ctx, serverOf(provider), facts);
  }
  return null;
}

async function storeList(ctx: MutationCtx, provider: Provider, ids: readonly string[]): Promise<void> {
  const kept: string[] = [];
  let chars = 0;
  for (const id of ids) {
    if (storedId(provider, id).length > MAX_MODEL_ID_CHARS || (chars += id.length) > MAX_LIST_CHARS) continue;
    kept.push(id);
  }
  const before = await findList(ctx, provider);
  if (before && before.ids.length === kept.length && before.ids.every((id, index) => id === kept[index]))
    return;
  if (before) await ctx.db.patch("offeredModels", before._id, { ids: kept });
  else await ctx.db.insert("offeredModels", { server: serverOf(provider), ids: kept });
}

/** Forgets what this provider has listed: it was removed, or is somewhere else now. */
export async function forgetList(ctx: MutationCtx, provider: Provider): Promise<void> {
  const list = await findList(ctx, provider);
  if (list) await ctx.db.delete("offeredModels", list._id);
  const facts = await findFacts(ctx, serverOf(provider));
  if (facts) await ctx.db.delete("modelFacts", facts._id);
}

/**
 * The model that a stored id means, as an id that is right now; `unknown`: its provider's list was never read. An id without a prefix whose
 * provider has gone (it was set by variables, and is one of several in a file now) is the first that lists a model of that name.
 */
async function resolve(ctx: QueryCtx, userId: Id<"users">, id: string): Promise<Resolved> {
  const { providers: connected } = await connectedFor(ctx, userId);
  // It goes to nobody.
  if (connected.length === 0) return { offered: "yes", id };
  const resolved = await resolveAmong(ctx, connected, id);
  const named = resolved.offered === "yes" ? resolved.id : id;
  const found = modelOfId(named, connected);
  if (resolved.offered === "no" || found === null) return resolved;
  return isFor(found.provider, found.modelId, await shownTo(ctx, userId)) ? resolved : { offered: "no" };
}

type Resolved = { offered: "yes"; id: string } | { offered: "no" | "unknown" };

async function resolveAmong(ctx: QueryCtx, connected: readonly Provider[], id: string): Promise<Resolved> {
  if (namedModels().includes(id)) return { offered: "yes", id };
  const found = modelOfId(id, connected);
  if (found === null) {
    for (const provider of connected) {
      const list = await findList(ctx, provider);
      if (list?.ids.includes(id)) return { offered: "yes", id: storedId(provider, id) };
    }
    return { offered: "no" };
  }
  const { provider, modelId } = found;
  if (modelId === provider.defaultModel || provider.models.add.includes(modelId))
    return { offered: "yes", id };
  // Whoever pays may ask for whatever the owner does not hide.
  if (provider.ownKey !== undefined)
    return isShown(modelId, provider.models) ? { offered: "yes", id } : { offered: "no" };
  const list = await findList(ctx, provider);
  if (list === null) return { offered: "unknown" };
  return list.ids.includes(modelId) && isShown(modelId, provider.models)
    ? { offered: "yes", id }
    : { offered: "no" };
}

/** `unknown`: the provider's list was never read. While none is connected every name is allowed: it goes to nobody. */
export const offers = async (
  ctx: QueryCtx,
  userId: Id<"users">,
  model: string,
): Promise<"yes" | "no" | "unknown"> => (await resolve(ctx, userId, model)).offered;

/** Checks the id of a model that a client chose. Errors: INVALID_INPUT, MODEL_NOT_OFFERED. */
export async function checkModel(
  ctx: QueryCtx,
  userId: Id<"users">,
  model: string | null | undefined,
): Promise<void> {
  if (model === null || model === undefined) return;
  if (model === "" || model.length > MAX_MODEL_ID_CHARS) {
    throw failure("INVALID_INPUT", `A model's name has 1 to ${MAX_MODEL_ID_CHARS} characters.`);
  }
  const offered = await offers(ctx, userId, model);
  switch (offered) {
    case "yes":
      return;
    case "no":
      throw failure(
        "MODEL_NOT_OFFERED",
        `“${model}” is not among the models that this server offers. Please choose another one.`,
      );
    case "unknown":
      throw failure(
        "MODEL_NOT_OFFERED",
        `The list of models has not been read yet, so that “${model}” cannot be chosen. Ask for the list (models.list), or leave the model out.`,
      );
    default:
      return offered satisfies never;
  }
}

/**
 * The model of a chat as it is used now: one that no provider offers any longer, or not to this person, gives way to the default, as the page
 * shows it.
 */
export async function usableModel(
  ctx: QueryCtx,
  userId: Id<"users">,
  model: string | undefined,
): Promise<string | undefined> {
  if (model === undefined) return await defaultFor(ctx, userId);
  const resolved = await resolve(ctx, userId, model);
  switch (resolved.offered) {
    case "yes":
      return resolved.id;
    case "no":
      return await defaultFor(ctx, userId);
    case "unknown":
      return model;
    default:
      return resolved satisfies never;
  }
}

/** The default of whom not every model is there for, by the lists that were read last; undefined, for the generator to find, for all others. */
async function defaultFor(ctx: QueryCtx, userId: Id<"users">): Promise<string | undefined> {
  const shown = await shownTo(ctx, userId);
  if (shown === null) return undefined;
  for (const provider of (await connectedFor(ctx, userId)).providers) {
    const listed = (await findOfferedIds(ctx, provider)) ?? [];
    const own = [provider.defaultModel ?? preferredOf(provider, listed), ...listed].find(
      (id) => id !== null && isFor(provider, id, shown),
    );
    if (own !== undefined && own !== null) return storedId(provider, own);
  }
  return undefined;
}
