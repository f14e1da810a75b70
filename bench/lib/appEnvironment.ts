import { makeSigningKeys } from "../../scripts/signingKeys.ts";

const keys = makeSigningKeys();

/**
 * What functions of the app and of the peers need: a provider, keys for guests, no limit that a benchmark meets, and no request
 * for a title or for follow-ups beside the one that is measured.
 */
export function appEnvironment(providerUrl: string): Record<string, string> {
  return {
    ...keys,
    OPENAI_BASE_URL: providerUrl,
    VERBATIM_SENDS_PER_MINUTE: "1000000",
    VERBATIM_TITLES: "off",
    VERBATIM_FOLLOW_UPS: "off",
  };
}
