import { STATUS_CODES } from "node:http";
import { compactVerify, createLocalJWKSet, decodeProtectedHeader, errors } from "jose";
import { clock } from "../clock.ts";
import type { AuthProviderJson } from "../functions/types.ts";
import { identityFromIdToken } from "./claims.ts";
import { discover, DiscoveryError } from "./fetchKeys.ts";
import type { Fetch } from "./fetchKeys.ts";
import { withScheme, withoutSlash } from "./issuerUrl.ts";
import { KeyCache } from "./keyCache.ts";
import { isAbsent } from "./tokenClaims.ts";
import type { TokenClaims } from "./tokenClaims.ts";
import { AuthenticationError, IssuerUnavailableError } from "./types.ts";
import type { AuthenticatedUser } from "./types.ts";

/** Signatures that Convex takes of OpenID Connect issuers. A custom JWT's provider names its own. */
const ALGORITHMS = ["RS256", "EdDSA"];

/** Algorithms of signatures and encryption with which a header can be read at all (`src/core/mod.rs` of `openidconnect`). */
const KNOWN_ALGORITHM =
  /^(none|EdDSA|(HS|RS|ES|PS)(256|384|512)|A(128CBC-HS256|192CBC-HS384|256CBC-HS512)|A(128|192|256)GCM)$/;

/** What an id token may call itself (`src/verification/mod.rs` of `openidconnect`). */
const TYPE = /^(application\/)?(jwt|jose)$/i;

type OidcProvider = Extract<AuthProviderJson, { domain: string }>;
type Issuer = { name: string; keys: ReturnType<typeof createLocalJWKSet> };
type Header = { typ?: unknown; cty?: unknown; crit?: unknown };

/** Tokens of OpenID Connect issuers, verified as by the `openidconnect` crate, of which Convex has a fork. */
export class IdTokens {
  private readonly issuers: KeyCache<Issuer>;

  constructor(fetch: Fetch) {
    this.issuers = new KeyCache(async (domain) => {
      const { issuer, keys } = await discover(fetch, domain);
      return { name: issuer, keys: createLocalJWKSet({ keys }) };
    });
  }

  /** Throws an `AuthenticationError`, or an `IssuerUnavailableError`. */
  async verify(token: string, claims: TokenClaims, provider: OidcProvider): Promise<AuthenticatedUser> {
    const domain = withoutSlash(withScheme(provider.domain));
    const issuer = await this.ask(domain, claims.issuer, false);
    const header = readHeader(token);
    const user = readUser(claims);
    if (!isPlain(header) || claims.audiences.length > 1) throw unverified();
    if (!(await isSigned(token, issuer))) {
      // The issuer may have taken a new key since its keys were fetched.
      if (!(await isSigned(token, await this.ask(domain, claims.issuer, true)))) throw unverified();
    }
    if (Math.floor(clock.now() / 1000) * 1000 >= user.expiresAt) throw unverified();
    return user;
  }

  private async ask(domain: string, named: string, isStale: boolean): Promise<Issuer> {
    const failed = `Auth provider discovery of ${named} failed`;
    try {
      const issuer = await this.issuers.get(domain, isStale);
      if (issuer.name === named) return issuer;
      // It may have taken a new name since.
      if (!isStale) return await this.ask(domain, named, true);
    } catch (error) {
      throw error instanceof DiscoveryError ? failureOf(error, failed) : error;
    }
    throw new AuthenticationError(DISCOVERY_FAILED, failed, 400);
  }
}

const DISCOVERY_FAILED = "AuthProviderDiscoveryFailed";

/**
 * By status as on Convex (`from_http_status_code` in its `crates/errors/src/lib.rs`). One that cannot be asked at all is no fault
 * of the token's, unlike there.
 */
function failureOf({ found, message }: DiscoveryError, failed: string): Error {
  switch (found.kind) {
    case "nothing":
      return new IssuerUnavailableError(`${failed}: ${message}`);
    case "nonsense":
      return new AuthenticationError(DISCOVERY_FAILED, failed, 400);
    case "refusal": {
      const { status, text } = found;
      const words = `${failed}: ${status} ${STATUS_CODES[status] ?? "<unknown status code>"} ${text}`;
      if (status >= 500) return new IssuerUnavailableError(words);
      if (status === 421 || status === 425 || status === 429)
        return new IssuerUnavailableError(words, status);
      const isTold = status === 401 || status === 403 || status === 404;
      return new AuthenticationError(DISCOVERY_FAILED, words, isTold ? status : 400);
    }
    default:
      return found satisfies never;
  }
}

const unparsable = (): AuthenticationError =>
  new AuthenticationError(
    "InvalidAuthHeader",
    "Could not parse as OIDC ID token. Token might not be an OIDC-compliant JWT.",
  );

const unverified = (): AuthenticationError =>
  new AuthenticationError(
    "Unauthenticated",
    "Could not verify OIDC token claim. Check that the token signature is valid and the token hasn't expired.",
  );

function readHeader(token: string): Header {
  let header: Header & { alg?: unknown; kid?: unknown };
  try {
    header = decodeProtectedHeader(token);
  } catch {
    throw unparsable();
  }
  const { alg, kid, typ, cty } = header;
  const areTexts = [kid, typ, cty].every((value) => isAbsent(value) || typeof value === "string");
  if (typeof alg !== "string" || !KNOWN_ALGORITHM.test(alg) || !areTexts) throw unparsable();
  return header;
}

/** An issue time is required, and may be of the future; `nbf` is not looked at. */
function readUser(claims: TokenClaims): AuthenticatedUser {
  const { exp, iat } = claims.times;
  const identity = claims.subject === null ? null : identityFromIdToken(claims, claims.subject);
  if (identity === null || exp === null || iat === null) throw unparsable();
  return { identity, isAdmin: false, expiresAt: exp * 1000 };
}

const isPlain = ({ typ, cty, crit }: Header): boolean =>
  (isAbsent(typ) || TYPE.test(typ as string)) && isAbsent(cty) && isAbsent(crit);

/** `false` also where none of the known keys fits. */
async function isSigned(token: string, { keys }: Issuer): Promise<boolean> {
  try {
    await compactVerify(token, keys, { algorithms: ALGORITHMS });
    return true;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return false;
    throw unverified();
  }
}
