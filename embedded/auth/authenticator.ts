import { BAD_ADMIN_KEY } from "../admin/adminKey.ts";
import type { AdminKey } from "../admin/adminKey.ts";
import type { AuthProviderJson } from "../functions/types.ts";
import { CustomJwts } from "./customJwts.ts";
import type { Fetch } from "./fetchKeys.ts";
import { IdTokens } from "./idTokens.ts";
import { withScheme, withoutSlash } from "./issuerUrl.ts";
import { readUnverified } from "./tokenClaims.ts";
import { AuthenticationError } from "./types.ts";
import type { Authenticator } from "./types.ts";

/**
 * Verifies callers' tokens against the providers of `auth.config.ts` (E11), which a new deployment may change. Steps, codes and
 * words: `validate_id_token` in convex-backend's `crates/authentication/src/lib.rs`.
 */
export function createAuthenticator(parts: {
  providers: () => readonly AuthProviderJson[];
  fetch: Fetch;
  /** Without one nobody is an administrator. */
  adminKey?: AdminKey;
}): Authenticator {
  const idTokens = new IdTokens(parts.fetch);
  const customJwts = new CustomJwts(parts.fetch);
  return {
    authenticate: async (token) => {
      const claims = readUnverified(token);
      const provider = parts.providers().find((candidate) => matches(candidate, claims));
      if (provider === undefined) throw noProvider(parts.providers());
      return "domain" in provider
        ? idTokens.verify(token, claims, provider)
        : customJwts.verify(token, claims, provider);
    },
    authenticateAdmin: (key, actingAs) => {
      if (parts.adminKey?.matches(key) !== true) throw BAD_ADMIN_KEY;
      return { identity: actingAs, isAdmin: true, expiresAt: Infinity };
    },
  };
}

/** `AuthInfo::matches_token` in convex-backend's `crates/common/src/auth.rs`. */
function matches(
  provider: AuthProviderJson,
  { issuer, audiences }: { issuer: string; audiences: readonly string[] },
): boolean {
  const { applicationID } = provider;
  if (applicationID !== undefined && !audiences.includes(applicationID)) return false;
  const configured = "domain" in provider ? provider.domain : provider.issuer;
  return withoutSlash(withScheme(configured)) === withoutSlash(withScheme(issuer));
}

function noProvider(providers: readonly AuthProviderJson[]): AuthenticationError {
  const list = providers.map((provider) =>
    "domain" in provider
      ? `OIDC(domain=${withScheme(provider.domain)}, app_id=${provider.applicationID})`
      : `CustomJWT(issuer=${withScheme(provider.issuer)}, app_id=${provider.applicationID ?? "none"})`,
  );
  return new AuthenticationError(
    "NoAuthProvider",
    providers.length === 0
      ? "No auth provider found matching the given token (no providers configured). Check convex/auth.config.ts."
      : "No auth provider found matching the given token. Check that your JWT's issuer and audience match one of " +
          `your configured providers: [${list.join(", ")}]`,
  );
}
