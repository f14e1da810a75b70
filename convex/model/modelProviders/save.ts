import { v, type Infer } from "convex/values";
import { internal } from "../../_generated/api";
import type { Id } from "../../_generated/dataModel";
import type { ActionCtx } from "../../_generated/server";
import { addedProvider } from "../../providers/addedProvider";
import { MAX_KEY_CHARS, readKey } from "../keys/readKey";
import { sealKey } from "../keys/sealedKey";
import { serverKeyUse } from "./added";
import { readTyped, vTypedConfig, type FieldFault } from "./readTyped";

/** `keep`: the key stays as it is, also none. */
export const vTypedKey = v.union(
  v.object({ kind: v.literal("keep") }),
  v.object({ kind: v.literal("remove") }),
  v.object({ kind: v.literal("set"), apiKey: v.string() }),
);

export const vSaveArgs = { config: vTypedConfig, isNew: v.boolean(), key: vTypedKey };
type SaveArgs = { [Name in keyof typeof vSaveArgs]: Infer<(typeof vSaveArgs)[Name]> };

/**
 * Adds or changes a provider: in an action, so that its key is in no transaction. Returns what is wrong with it, field by field; nothing: it
 * is kept. Errors: NOT_FOUND, INVALID_INPUT.
 */
export async function saveProvider(
  ctx: Pick<ActionCtx, "runMutation">,
  ownerId: Id<"users">,
  { config: typed, isNew, key }: SaveArgs,
): Promise<FieldFault[]> {
  const { config, faults } = readTyped(typed);
  const apiKey = key.kind === "set" ? readKey(key.apiKey) : null;
  const keyFaults = key.kind === "set" && apiKey === null ? [NO_KEY] : [];
  if (config === null || keyFaults.length > 0) return [...faults, ...keyFaults];
  if (key.kind !== "set" || apiKey === null) {
    const kept = key.kind === "remove" ? key : { kind: "keep" as const };
    return await ctx.runMutation(internal.modelProviders.store, { ownerId, config, isNew, key: kept });
  }
  const sealed = await sealKey(apiKey, serverKeyUse(addedProvider(config, { state: "sealed" })));
  if (sealed === null) return [NO_SECRET];
  const args = { ownerId, config, isNew, key: { kind: "set" as const, sealed } };
  return await ctx.runMutation(internal.modelProviders.store, args);
}

const NO_KEY: FieldFault = {
  ...{ field: "apiKey", rule: "key" },
  message: `This is no API key: one has 1 to ${MAX_KEY_CHARS.toLocaleString("en")} letters, digits and signs, without spaces.`,
};

const NO_SECRET: FieldFault = {
  ...{ field: "apiKey", rule: "noSecret" },
  message: "This server has no secret to keep keys under. Set VERBATIM_KEY_SECRET where it is started.",
};
