import type { Doc } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { failure } from "../shared/errors";
import { MAX_MODEL_ID_CHARS } from "../shared/limits";
import { OPENAI_URL, providerSettings } from "../providers/settings";
import { namedModels } from "./settings";

/**
 * Which models may be asked: those that the connected server lists, its default, and those that the owner names in a setting. A name is
 * sent to a server under the owner's key, so that nobody else may make one up. A mutation cannot ask the server, so the list is
 * kept whenever it was read: a page asks for it before it can offer one.
 */

/** Characters of all ids together: half of what a document may have. */
const MAX_LIST_CHARS = 500_000;

/** Which server a list is of. Null while none is connected. */
function connectedServer(): { url: string; defaultModel: string | null } | null {
  const settings = providerSettings();
  switch (settings.kind) {
    case "demo":
      return null;
    case "openai":
      return { url: OPENAI_URL, defaultModel: settings.defaultModel };
    case "openaiCompatible":
      return { url: settings.baseURL, defaultModel: settings.defaultModel };
    default:
      return settings satisfies never;
  }
}

async function findList(ctx: QueryCtx, server: string): Promise<Doc<"offeredModels"> | null> {
  return await ctx.db
    .query("offeredModels")
    .withIndex("by_server", (q) => q.eq("server", server))
    .unique();
}

/** Keeps what the connected server has listed. Written only when it differs, since every send of a chosen model reads it. */
export async function storeOffered(ctx: MutationCtx, ids: readonly string[]): Promise<null> {
  const server = connectedServer()?.url;
  if (server === undefined) return null;
  const kept: string[] = [];
  let chars = 0;
  for (const id of ids) {
    if (id.length > MAX_MODEL_ID_CHARS || (chars += id.length) > MAX_LIST_CHARS) continue;
    kept.push(id);
  }
  const before = await findList(ctx, server);
  if (before && before.ids.length === kept.length && before.ids.every((id, index) => id === kept[index]))
    return null;
  if (before) await ctx.db.patch("offeredModels", before._id, { ids: kept });
  else await ctx.db.insert("offeredModels", { server, ids: kept });
  return null;
}

/** `unknown`: the server's list was never read. While no server is connected every name is allowed: it goes to nobody. */
export async function offers(ctx: QueryCtx, model: string): Promise<"yes" | "no" | "unknown"> {
  const server = connectedServer();
  if (server === null || model === server.defaultModel || namedModels().includes(model)) return "yes";
  const list = await findList(ctx, server.url);
  if (list === null) return "unknown";
  return list.ids.includes(model) ? "yes" : "no";
}

/** Checks the id of a model that a client chose. Errors: INVALID_INPUT, MODEL_NOT_OFFERED. */
export async function checkModel(ctx: QueryCtx, model: string | null | undefined): Promise<void> {
  if (model === null || model === undefined) return;
  if (model === "" || model.length > MAX_MODEL_ID_CHARS) {
    throw failure("INVALID_INPUT", `A model's name has 1 to ${MAX_MODEL_ID_CHARS} characters.`);
  }
  const offered = await offers(ctx, model);
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

/** The model of a chat as it is used now: one that the server no longer offers gives way to the default, as the page shows it. */
export async function usableModel(ctx: QueryCtx, model: string | undefined): Promise<string | undefined> {
  if (model === undefined) return undefined;
  return (await offers(ctx, model)) === "no" ? undefined : model;
}
