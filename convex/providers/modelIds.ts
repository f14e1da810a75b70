import { MODEL_ID_SEPARATOR, UNPREFIXED } from "../shared/modelIds";
import type { Provider } from "./settings";

/** The id by which a provider's model is stored and chosen. */
export const storedId = ({ id }: Pick<Provider, "id">, modelId: string): string =>
  id === UNPREFIXED ? modelId : `${id}${MODEL_ID_SEPARATOR}${modelId}`;

/** The provider's own name of a model with this stored id. */
export const ownId = ({ id }: Pick<Provider, "id">, stored: string): string =>
  id === UNPREFIXED ? stored : stored.slice(id.length + MODEL_ID_SEPARATOR.length);

/**
 * Which model of which provider a stored id means; null for one whose provider is not connected. An id without a prefix is one of the
 * provider `openai`.
 */
export function modelOfId(
  id: string,
  among: readonly Provider[],
): { provider: Provider; modelId: string } | null {
  const at = id.indexOf(MODEL_ID_SEPARATOR);
  const named = at === -1 ? undefined : among.find((provider) => provider.id === id.slice(0, at));
  if (named !== undefined) return { provider: named, modelId: id.slice(at + MODEL_ID_SEPARATOR.length) };
  const unprefixed = among.find((provider) => provider.id === UNPREFIXED);
  return unprefixed === undefined ? null : { provider: unprefixed, modelId: id };
}

/** The provider of the model with this stored id; null: that of the default. */
export const providerOfId = (id: string | null, among: readonly Provider[]): Provider | null =>
  (id === null ? among[0] : modelOfId(id, among)?.provider) ?? null;
