import { v, type Infer } from "convex/values";
import type { QueryCtx } from "../../_generated/server";
import { addedProvider } from "../../providers/addedProvider";
import { ownKeysAreOffered } from "../../providers/ownKeys";
import { allProviders, type Provider } from "../../providers/settings";
import { secretIds } from "../keys/keySecrets";
import { addedRows } from "./added";
import { vAddedConfig, type Added } from "./addedConfig";

/** A provider as the owner's page shows it. Never its key. */
export const vShownProvider = v.object({
  id: v.string(),
  name: v.string(),
  kind: vAddedConfig.fields.kind,
  /** Without user, password and query. */
  address: v.string(),
  origin: v.union(
    v.object({ kind: v.literal("file") }),
    v.object({ kind: v.literal("variable"), name: v.string() }),
    /** `isUsed`: not while the environment has a provider with its id. */
    v.object({ kind: v.literal("page"), config: vAddedConfig, isUsed: v.boolean() }),
  ),
  /** `lost`: the server can no longer read it. `people`: each person's own is used, and nobody else can ask it. */
  key: v.union(v.literal("set"), v.literal("none"), v.literal("lost"), v.literal("people")),
});
export type ShownProvider = Infer<typeof vShownProvider>;

/** `fault`: what is wrong with the file or `VERBATIM_PROVIDERS`. */
export const vShownProviders = v.object({
  providers: v.array(vShownProvider),
  fault: v.union(v.string(), v.null()),
});

/** All that there are, in the order of the picker; those of the page that are not used come last. */
export async function viewProviders(ctx: QueryCtx): Promise<Infer<typeof vShownProviders>> {
  const secrets = await secretIds();
  const { providers: here, fault } = allProviders([]);
  const added = (await addedRows(ctx)).map((row) => ({ row, provider: providerOfRow(row, secrets) }));
  const isUsed = ({ provider }: { provider: Provider }) => !here.some(({ id }) => id === provider.id);
  const view = (provider: Provider, origin: ShownProvider["origin"], hasKey: boolean): ShownProvider => {
    const { id, name, kind, server } = provider;
    return { id, name, kind, address: server.baseURL, origin, key: keyOf(provider, hasKey) };
  };
  return {
    providers: [
      ...here.flatMap((provider) =>
        provider.origin.kind === "page"
          ? []
          : [view(provider, provider.origin, provider.server.apiKey !== null)],
      ),
      ...[...added.filter(isUsed), ...added.filter((one) => !isUsed(one))].map((one) =>
        view(
          one.provider,
          { kind: "page", config: one.row.config, isUsed: isUsed(one) },
          one.row.sealed !== undefined,
        ),
      ),
    ],
    fault,
  };
}

function providerOfRow({ config, sealed }: Added, secrets: readonly string[]): Provider {
  if (sealed === undefined) return addedProvider(config, null);
  return addedProvider(config, { state: secrets.includes(sealed.secretId) ? "sealed" : "lost" });
}

function keyOf({ forOwnKeys, isKeyLost }: Provider, hasKey: boolean): ShownProvider["key"] {
  if (isKeyLost) return "lost";
  if (hasKey) return "set";
  return forOwnKeys && ownKeysAreOffered() ? "people" : "none";
}
