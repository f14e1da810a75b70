import type { Doc } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import { addedProvider } from "../../providers/addedProvider";
import { allProviders, type Connected, type Provider } from "../../providers/settings";
import { MAX_ADDED_PROVIDERS } from "../../shared/limits";
import { addressOfServer, openKey, type KeyUse } from "../keys/sealedKey";
import { hideSecret } from "../secrets";
import type { Added } from "./addedConfig";

/** The providers that the owner's page has added, for all who ask models. */

/** What a transaction has read: a send needs them in several places, and reads them once. */
const alreadyRead = new WeakMap<object, Promise<Doc<"addedProviders">[]>>();

/** In the order in which they were added. */
export function addedRows(ctx: QueryCtx): Promise<Doc<"addedProviders">[]> {
  const known = alreadyRead.get(ctx.db);
  if (known !== undefined) return known;
  const rows = ctx.db.query("addedProviders").take(MAX_ADDED_PROVIDERS);
  alreadyRead.set(ctx.db, rows);
  return rows;
}

/** As actions get them. */
export const readAdded = async (ctx: QueryCtx): Promise<Added[]> =>
  (await addedRows(ctx)).map(({ config, sealed }) => ({ config, ...(sealed && { sealed }) }));

/** For transactions, which ask no provider: the keys stay sealed. */
export const withSealedKeys = (added: readonly Added[]): Connected =>
  allProviders(added.map(({ config, sealed }) => addedProvider(config, sealed ? { state: "sealed" } : null)));

/** All providers that the owner has set, whoever can use them. */
export const connectedHere = async (ctx: QueryCtx): Promise<Connected> =>
  withSealedKeys(await addedRows(ctx));

/** The server's key for this provider, bound to its address: it is never sent anywhere else. */
export const serverKeyUse = ({ id, server }: Provider): KeyUse => ({
  userId: "server",
  providerId: id,
  address: addressOfServer(server),
});

/** In an action: the same with their keys open, which are kept out of all texts until `release` is called. Never rejects. */
export async function withOpenKeys(
  added: readonly Added[],
): Promise<{ connected: Connected; release: () => void }> {
  const releases: (() => void)[] = [];
  const providers = await Promise.all(
    added.map(async ({ config, sealed }) => {
      if (sealed === undefined) return addedProvider(config, null);
      const apiKey = await openKey(sealed, serverKeyUse(addedProvider(config, { state: "sealed" })));
      if (apiKey === null) return addedProvider(config, { state: "lost" });
      releases.push(hideSecret(apiKey));
      return addedProvider(config, { state: "open", apiKey });
    }),
  );
  return {
    connected: allProviders(providers),
    release: () => {
      for (const release of releases) release();
    },
  };
}
