import { v, type Infer } from "convex/values";
import type { Id } from "../../_generated/dataModel";
import type { QueryCtx } from "../../_generated/server";
import type { Connect } from "../../providers/connectModel";
import { modelOfId } from "../../providers/modelIds";
import type { OwnKey } from "../../providers/ownKeys";
import { ProviderFailure } from "../../providers/providerFailure";
import { usableWith, type Connected } from "../../providers/settings";
import type { ChatSettings } from "../../shared/chatSettings";
import type { Problem } from "../../shared/problems";
import { shownTo } from "../modelAccess";
import { readAdded, withOpenKeys } from "../modelProviders/added";
import { vAdded } from "../modelProviders/addedConfig";
import { offers } from "../offeredModels";
import { hideSecret } from "../secrets";
import { keyUse, readStoredKeys, vStoredKey } from "./providerKeys";
import { openKey } from "./sealedKey";

/** For whom a model is asked: with whose keys, and whether it may be asked. Read in a transaction; opened in the action that asks. */
export const vAsker = v.object({
  userId: v.id("users"),
  keys: v.array(vStoredKey),
  /** What the owner's page has added to the providers of the environment. */
  added: v.array(vAdded),
  /** Not when the model was chosen with an own key that is gone, and the owner's may not be used for it. [G16] */
  mayAsk: v.boolean(),
  /** Names of the models that are there for them; null: all. */
  shown: v.union(v.array(v.string()), v.null()),
});
export type Asker = Infer<typeof vAsker>;

export async function readAsker(ctx: QueryCtx, userId: Id<"users">, model: string | null): Promise<Asker> {
  const mayAsk = model === null || (await offers(ctx, userId, model)) === "yes";
  const [keys, shown] = [await readStoredKeys(ctx, userId), await shownTo(ctx, userId)];
  return { userId, keys, added: await readAdded(ctx), mayAsk, shown };
}

/** An asker whose keys, and the server's, are open, and kept out of all texts until `release` is called. */
export type OpenAsker = {
  connected: Connected;
  /** `settings`: of the chat. */
  connect: (settings?: ChatSettings) => Connect;
  release: () => void;
};

/** Never rejects: a key that cannot be read is a failure only where it is needed. */
export async function openAsker({ userId, keys, added, mayAsk, shown }: Asker): Promise<OpenAsker> {
  const here = await withOpenKeys(added);
  const own = await openKeys(userId, keys, here.connected);
  const connected = usableWith(here.connected, own);
  const open = [...own.values()].flatMap((key) => (key.state === "open" ? [hideSecret(key.apiKey)] : []));
  return {
    connected,
    connect: (settings) => async (model, line) => {
      if (!mayAsk && model !== null) throw new ProviderFailure(notOffered(model, here.connected));
      // Not with the queries and mutations that read who asks: most of what they would have to load is the AI SDK.
      const { connectModel } = await import("../../providers/connectModel");
      return await connectModel(model, line, { connected, shown, ...(settings && { settings }) });
    },
    release: () => {
      for (const release of [...open, here.release]) release();
    },
  };
}

async function openKeys(
  userId: Id<"users">,
  keys: Asker["keys"],
  { providers }: Connected,
): Promise<Map<string, OwnKey>> {
  const own = new Map<string, OwnKey>();
  for (const { providerId, sealed } of keys) {
    const provider = providers.find(({ id }) => id === providerId);
    if (provider === undefined) continue;
    const apiKey = await openKey(sealed, keyUse(userId, provider));
    own.set(providerId, apiKey === null ? { state: "lost" } : { state: "open", apiKey });
  }
  return own;
}

function notOffered(model: string, { providers }: Connected): Problem {
  const found = modelOfId(model, providers);
  if (found?.provider.forOwnKeys === true) return { kind: "ownKeyMissing", provider: found.provider.name };
  return { kind: "modelMissing", model: found?.modelId ?? model };
}
