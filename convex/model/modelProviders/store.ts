import { v, type Infer } from "convex/values";
import type { Doc, Id } from "../../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../../_generated/server";
import { addedProvider } from "../../providers/addedProvider";
import { allProviders, type Provider } from "../../providers/settings";
import { failure } from "../../shared/errors";
import { MAX_ADDED_PROVIDERS } from "../../shared/limits";
import { recordAudit } from "../accounts/audit";
import { vSealedKey } from "../keys/sealedKey";
import { forgetList, serverOf } from "../offeredModels";
import { addedRows, serverKeyUse } from "./added";
import { vAddedConfig, type AddedConfig } from "./addedConfig";
import type { FieldFault } from "./readTyped";

/** Adding, changing and removing providers on the owner's page. */

/** What becomes of a provider's key. `keep`: as it is, also none. */
export const vKeyChange = v.union(
  v.object({ kind: v.literal("keep") }),
  v.object({ kind: v.literal("remove") }),
  v.object({ kind: v.literal("set"), sealed: vSealedKey }),
);

export const vStoreArgs = {
  ownerId: v.id("users"),
  config: vAddedConfig,
  isNew: v.boolean(),
  key: vKeyChange,
};

const findRow = (ctx: QueryCtx, id: string): Promise<Doc<"addedProviders"> | null> =>
  ctx.db
    .query("addedProviders")
    .withIndex("by_provider", (q) => q.eq("config.id", id))
    .unique();

const providerOfRow = ({ config }: { config: AddedConfig }): Provider => addedProvider(config, null);

/** What is wrong with it; nothing: it is kept, and counts from the next request on. Errors: NOT_FOUND, INVALID_INPUT. */
export async function storeProvider(
  ctx: MutationCtx,
  { ownerId, config, isNew, key }: { [Name in keyof typeof vStoreArgs]: Infer<(typeof vStoreArgs)[Name]> },
): Promise<FieldFault[]> {
  const row = await findRow(ctx, config.id);
  if (isNew) {
    const isSet = allProviders([]).providers.some(({ id }) => id === config.id);
    if (row || isSet) return [idTaken(config.id)];
    if ((await addedRows(ctx)).length === MAX_ADDED_PROVIDERS)
      throw failure("INVALID_INPUT", `At most ${MAX_ADDED_PROVIDERS} providers can be added here.`);
  } else if (!row) throw failure("NOT_FOUND", "This provider was removed.");
  const [before, after] = [row && providerOfRow(row), providerOfRow({ config })];
  if (key.kind === "keep" && row?.sealed && before !== null) {
    if (serverKeyUse(before).address !== serverKeyUse(after).address) return [keyNeeded()];
  }
  const sealed = key.kind === "set" ? key.sealed : key.kind === "keep" ? row?.sealed : undefined;
  const provider = { config, ...(sealed && { sealed }) };
  if (row) await ctx.db.replace("addedProviders", row._id, provider);
  else await ctx.db.insert("addedProviders", provider);
  if (before !== null && serverOf(before) !== serverOf(after)) await forgetList(ctx, before);
  const kind = isNew ? "providerAdded" : "providerChanged";
  await recordAudit(ctx, { kind, actorId: ownerId, detail: config.id });
  return [];
}

/** Its chats stay; their next message is answered by another model. One that is not there is no error. */
export async function removeProvider(ctx: MutationCtx, ownerId: Id<"users">, id: string): Promise<null> {
  const row = await findRow(ctx, id);
  if (!row) return null;
  await ctx.db.delete("addedProviders", row._id);
  await forgetList(ctx, providerOfRow(row));
  await recordAudit(ctx, { kind: "providerRemoved", actorId: ownerId, detail: id });
  return null;
}

const idTaken = (id: string): FieldFault => ({
  ...{ field: "id", rule: "idTaken" },
  message: `Another provider has the id "${id}". Give each its own.`,
});

const keyNeeded = (): FieldFault => ({
  ...{ field: "apiKey", rule: "keyNeeded" },
  message: "The key was given for another address. Enter it again, or remove it.",
});
