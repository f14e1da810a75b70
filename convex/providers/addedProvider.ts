import type { ProviderConfig } from "../shared/providerConfig";
import type { OwnKey } from "./ownKeys";
import { providerOf, type Provider } from "./settings";

/** A provider that the owner's page has added. `key`: as far as it is open; null for none. */
export function addedProvider(config: ProviderConfig, key: OwnKey | null): Provider {
  const provider = providerOf(config, { kind: "page" });
  if (key === null) return provider;
  return {
    ...provider,
    server: { ...provider.server, apiKey: key.state === "open" ? key.apiKey : null },
    forOwnKeys: false,
    ...(key.state === "lost" && { isKeyLost: true }),
  };
}
