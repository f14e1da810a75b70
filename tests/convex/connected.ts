import { NO_OWN_KEYS, type OwnKeys } from "../../convex/providers/ownKeys";
import { allProviders, usableWith, type Connected, type Provider } from "../../convex/providers/settings";

/** What a person with these keys can use of the providers that the environment sets. */
export const connected = (own: OwnKeys = NO_OWN_KEYS): Connected => usableWith(allProviders([]), own);

/** The environment's provider with this id. */
export function providerWith(id: string): Provider {
  const provider = allProviders([]).providers.find((one) => one.id === id);
  if (provider === undefined) throw new Error(`There is no provider ${id}`);
  return provider;
}
