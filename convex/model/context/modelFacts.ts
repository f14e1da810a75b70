import type { QueryCtx } from "../../_generated/server";
import { knownFacts } from "../../providers/knownModels";
import { modelOfId, storedId } from "../../providers/modelIds";
import { preferredOf, usableWith, type Connected, type Provider } from "../../providers/settings";
import type { ModelFacts } from "../../shared/modelFacts";
import { connectedHere } from "../modelProviders/added";
import { findOfferedIds, serverOf } from "../offeredModels";
import { findFacts } from "./keptFacts";

/**
 * The model that a stored id means (null: the default), its provider, and what is known of it. `id` and `provider` are null while no provider is connected, and where
 * nobody knows yet which model the default is, as for who has only providers of their own keys.
 */
export async function factsOf(
  ctx: QueryCtx,
  stored: string | null,
): Promise<{ id: string | null; provider: Provider | null; facts: ModelFacts }> {
  const here = await connectedHere(ctx);
  const found = stored === null ? await defaultModelOf(ctx, here) : modelOfId(stored, here.providers);
  if (found === null) return { id: stored, provider: null, facts: {} };
  const { provider, modelId } = found;
  const kept = (await findFacts(ctx, serverOf(provider)))?.models.find(({ id }) => id === modelId);
  const facts = { ...knownFacts(provider.kind, modelId), ...kept };
  return { id: storedId(provider, modelId), provider, facts };
}

/** As `defaultModel` of `providers/listModels.ts` finds it, by the lists that were read last. */
async function defaultModelOf(
  ctx: QueryCtx,
  here: Connected,
): Promise<{ provider: Provider; modelId: string } | null> {
  for (const provider of usableWith(here).providers) {
    const modelId =
      provider.defaultModel ?? preferredOf(provider, (await findOfferedIds(ctx, provider)) ?? []);
    if (modelId !== null) return { provider, modelId };
  }
  return null;
}
