import { ProviderFailure } from "./providerFailure";
import type { Provider } from "./settings";

/** Throws a `ProviderFailure` where the key that would be used is set and can no longer be read: nobody is asked without it. */
export function requireReadableKey({ name: provider, ownKey, isKeyLost, settings }: Provider): void {
  if (ownKey === "lost") throw new ProviderFailure({ kind: "ownKeyLost", provider });
  if (ownKey === undefined && isKeyLost) throw new ProviderFailure({ kind: "keyLost", provider, settings });
}
