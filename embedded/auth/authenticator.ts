import { decodeJwt, errors, jwtVerify } from "jose";
import type { JWTPayload } from "jose";
import type { JSONValue } from "convex/values";
import { BAD_ADMIN_KEY } from "../admin/adminKey.ts";
import type { AdminKey } from "../admin/adminKey.ts";
import { clock } from "../clock.ts";
import type { AuthProviderJson, Identity } from "../functions/types.ts";
import { identityFromCustomJwt, identityFromIdToken } from "./claims.ts";
import { KeySets } from "./keySets.ts";
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
    "Could not verify OIDC token claim. Check that the token signature is valid and the token hasn't expired.",
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
    "Could not validate token. Check that the token signature is valid and the token hasn't expired.",
  );
  return { identity: identityFromCustomJwt(payload), isAdmin: false, expiresAt: payload.exp * 1000 };
}

type VerifiedPayload = JWTPayload & { iss: string; sub: string; exp: number };

/** `refusal` is said of every token that is no good; that its issuer could not be asked is another error. */
async function verify(
  token: string,
  options: { issuer: string; audience?: string; algorithms: string[] },
  keys: (isStale: boolean) => Promise<KeySet>,
  refusal: string,
): Promise<VerifiedPayload> {
  const check = async (keySet: KeySet): Promise<VerifiedPayload> => {
    const settings = { ...options, requiredClaims: ["sub", "exp"], currentDate: new Date(clock.now()) };
    const { payload } = await jwtVerify(token, keySet, settings);
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
    if (error instanceof errors.JOSEError) throw new AuthenticationError("Unauthenticated", refusal);
    throw error;
  }
}
