import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { JWTPayload } from "jose";
import type { JSONValue } from "convex/values";
import { BAD_ADMIN_KEY } from "../admin/adminKey.ts";
import type { AdminKey } from "../admin/adminKey.ts";
import { clock } from "../clock.ts";
import type { AuthProviderJson, Identity } from "../functions/types.ts";
import { identityFromCustomJwt, identityFromIdToken } from "./claims.ts";
import { KeySetError, KeySets } from "./keySets.ts";
import type { Fetch, KeySet } from "./keySets.ts";
import { AuthenticationError } from "./types.ts";
import type { AuthenticatedUser, Authenticator } from "./types.ts";

/** Signatures that Convex takes of OpenID Connect issuers. A custom JWT's provider names its own. */
const ID_TOKEN_ALGORITHMS = ["RS256", "EdDSA"];

type OidcProvider = Extract<AuthProviderJson, { domain: string }>;
type CustomJwtProvider = Extract<AuthProviderJson, { type: "customJwt" }>;

/** Verifies callers' tokens against the providers of `auth.config.ts` (E11), which a new deployment may change. */
export function createAuthenticator(parts: {
  providers: () => readonly AuthProviderJson[];
  fetch: Fetch;
  /** Without one nobody is an administrator. */
  adminKey?: AdminKey;
}): Authenticator {
  const keySets = new KeySets(parts.fetch);
  return {
    authenticate: async (token) => {
      const { issuer, audiences } = readUnverified(token);
      const provider = parts.providers().find((candidate) => matches(candidate, issuer, audiences));
      if (provider === undefined) throw noProvider(parts.providers());
      return "domain" in provider
        ? verifyIdToken(token, provider, issuer, keySets)
        : verifyCustomJwt(token, provider, issuer, keySets);
    },
    authenticateAdmin: (key, actingAs) => {
      if (parts.adminKey?.matches(key) !== true) throw BAD_ADMIN_KEY;
      return { identity: impersonated(actingAs), isAdmin: true, expiresAt: Infinity };
    },
  };
}

/** Whom an administrator acts as, as the official clients send it: a `UserIdentity` or nothing. */
function impersonated(attributes: JSONValue): Identity | null {
  if (attributes === null || typeof attributes !== "object" || Array.isArray(attributes)) return null;
  const { tokenIdentifier, issuer, subject } = attributes;
  if (typeof tokenIdentifier !== "string" || typeof issuer !== "string" || typeof subject !== "string") {
    throw new AuthenticationError(
      "InvalidActingAsIdentity",
      "The identity to act as must have a `tokenIdentifier`, an `issuer` and a `subject`",
    );
  }
  return attributes as Identity;
}

function readUnverified(token: string): { issuer: string; audiences: string[] } {
  let payload: JWTPayload;
  try {
    payload = decodeJwt(token);
  } catch {
    throw new AuthenticationError(
      "InvalidAuthHeader",
      "Could not parse JWT payload. Check that the token is a valid JWT format with three base64-encoded parts " +
        "separated by dots.",
    );
  }
  if (typeof payload.iss !== "string") {
    throw new AuthenticationError(
      "InvalidAuthHeader",
      "Missing issuer claim ('iss') in JWT payload. The JWT must include an 'iss' claim that matches one of your " +
        "configured auth providers.",
    );
  }
  return { issuer: payload.iss, audiences: [payload.aud ?? []].flat() };
}

function matches(provider: AuthProviderJson, issuer: string, audiences: readonly string[]): boolean {
  const { applicationID } = provider;
  if (applicationID !== undefined && !audiences.includes(applicationID)) return false;
  return sameIssuer("domain" in provider ? provider.domain : provider.issuer, issuer);
}

/** Providers leave out the scheme or add a slash in one place and not in the other. */
function sameIssuer(configured: string, claimed: string): boolean {
  const normal = (issuer: string): string =>
    (/^https?:\/\//.test(issuer) ? issuer : `https://${issuer}`).replace(/\/+$/, "");
  return normal(configured) === normal(claimed);
}

function noProvider(providers: readonly AuthProviderJson[]): AuthenticationError {
  const list = providers.map((provider) =>
    "domain" in provider
      ? `OIDC(domain=${provider.domain}, app_id=${provider.applicationID})`
      : `CustomJWT(issuer=${provider.issuer}, app_id=${provider.applicationID ?? "none"})`,
  );
  return new AuthenticationError(
    "NoAuthProvider",
    providers.length === 0
      ? "No auth provider found matching the given token (no providers configured). Check convex/auth.config.ts."
      : "No auth provider found matching the given token. Check that your JWT's issuer and audience match one of " +
          `your configured providers: [${list.join(", ")}]`,
  );
}

/** What Convex does in one way for OpenID Connect and in another for custom JWTs. */
type Rules = {
  /** Of an `AuthenticationError`. */
  code: string;
  /** Of one whose keys cannot be had. */
  keysCode: string;
  /** Seconds that clocks may differ. */
  toleranceS: number;
  /** Must the token name its key, and not be of the future? */
  strict: boolean;
  /** Why a token is refused. */
  reason: (error: errors.JOSEError, token: string) => string;
};

/** `validate_id_token` in convex-backend's `crates/authentication/src/lib.rs`; so below. */
const ID_TOKEN_RULES: Rules = {
  code: "Unauthenticated",
  keysCode: "AuthProviderDiscoveryFailed",
  toleranceS: 0,
  strict: false,
  reason: () =>
    "Could not verify OIDC token claim. Check that the token signature is valid and the token hasn't expired.",
};

const CUSTOM_JWT_RULES: Rules = {
  code: "InvalidAuthHeader",
  keysCode: "InvalidAuthHeader",
  toleranceS: 5,
  strict: true,
  reason: (error, token) => {
    if (error instanceof errors.JWTExpired) {
      const seconds = Math.round(clock.now() / 1000 - (error.payload.exp ?? 0));
      return `Could not validate token: Token expired ${seconds} seconds ago`;
    }
    if (error instanceof errors.JWTClaimValidationFailed) return `Could not validate token: ${error.message}`;
    const { kid } = decodeProtectedHeader(token);
    return kid === undefined
      ? "Could not decode token. JWT may be missing a 'kid' (key ID) header."
      : `Could not decode token. The JWT's 'kid' (key ID) header is '${kid}', does this key match any key in the ` +
          "provider's JWKS?";
  },
};

async function verifyIdToken(
  token: string,
  provider: OidcProvider,
  issuer: string,
  keySets: KeySets,
): Promise<AuthenticatedUser> {
  const payload = await verify(
    token,
    { issuer, audience: provider.applicationID, algorithms: ID_TOKEN_ALGORITHMS },
    (isStale) => keySets.ofIssuer(provider.domain, isStale),
    ID_TOKEN_RULES,
  );
  return { identity: identityFromIdToken(payload), isAdmin: false, expiresAt: payload.exp * 1000 };
}

async function verifyCustomJwt(
  token: string,
  provider: CustomJwtProvider,
  issuer: string,
  keySets: KeySets,
): Promise<AuthenticatedUser> {
  const audience = provider.applicationID === undefined ? {} : { audience: provider.applicationID };
  const payload = await verify(
    token,
    { issuer, ...audience, algorithms: [provider.algorithm] },
    (isStale) => keySets.atUrl(provider.jwks, isStale),
    CUSTOM_JWT_RULES,
  );
  return { identity: identityFromCustomJwt(payload), isAdmin: false, expiresAt: payload.exp * 1000 };
}

type VerifiedPayload = JWTPayload & { iss: string; sub: string; exp: number };

/** An issuer of id tokens that cannot be asked now is no fault of the token's: that is another error. */
async function verify(
  token: string,
  options: { issuer: string; audience?: string; algorithms: string[] },
  keys: (isStale: boolean) => Promise<KeySet>,
  rules: Rules,
): Promise<VerifiedPayload> {
  const check = async (keySet: KeySet): Promise<VerifiedPayload> => {
    const { payload, protectedHeader } = await jwtVerify(token, keySet, {
      ...options,
      requiredClaims: ["sub", "exp"],
      clockTolerance: rules.toleranceS,
      currentDate: new Date(clock.now()),
    });
    if (rules.strict) checkStrictly(payload, protectedHeader.kid, rules);
    return payload as VerifiedPayload;
  };
  try {
    const known = await keys(false);
    try {
      return await check(known);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The issuer may have taken a new key since its keys were fetched.
      return await check(await keys(true));
    }
  } catch (error) {
    if (error instanceof errors.JOSEError) {
      throw new AuthenticationError(rules.code, rules.reason(error, token));
    }
    const isOutage = error instanceof KeySetError && (error.status ?? 0) >= 500 && !rules.strict;
    if (!(error instanceof KeySetError) || isOutage) throw error;
    throw new AuthenticationError(rules.keysCode, error.message);
  }
}

/** What `jose` lets pass and the library that Convex verifies custom JWTs with does not. */
function checkStrictly(payload: JWTPayload, kid: string | undefined, { toleranceS }: Rules): void {
  if (kid === undefined) throw new errors.JWKSNoMatchingKey();
  if (payload.iat !== undefined && payload.iat > clock.now() / 1000 + toleranceS) {
    throw new errors.JWTClaimValidationFailed("Token was issued in the future", payload, "iat");
  }
}
