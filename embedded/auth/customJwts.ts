import { compactVerify, decodeProtectedHeader } from "jose";
import { clock } from "../clock.ts";
import type { AuthProviderJson } from "../functions/types.ts";
import { identityFromCustomJwt } from "./claims.ts";
import { fetchJwks, JwksError } from "./fetchKeys.ts";
import type { Fetch, Jwk } from "./fetchKeys.ts";
import { KeyCache } from "./keyCache.ts";
import type { TokenClaims } from "./tokenClaims.ts";
import { AuthenticationError } from "./types.ts";
import type { AuthenticatedUser } from "./types.ts";

/** Seconds that the clocks of a provider and of this machine may differ. */
const TOLERANCE_S = 5;

/** Algorithms by which a header that names another can't be read: `SignatureAlgorithm` in `src/jwa.rs` of the `biscuit` crate. */
const KNOWN_ALGORITHM = /^(none|(HS|RS|ES|PS)(256|384|512))$/;

type CustomJwtProvider = Extract<AuthProviderJson, { type: "customJwt" }>;

/** Tokens of custom JWT providers. All that is wrong with one is `InvalidAuthHeader`, as on Convex. */
export class CustomJwts {
  private readonly keys: KeyCache<Jwk[]>;

  constructor(fetch: Fetch) {
    this.keys = new KeyCache((url) => fetchJwks(fetch, url));
  }

  /** Throws an `AuthenticationError`, also where the keys cannot be had. */
  async verify(token: string, claims: TokenClaims, provider: CustomJwtProvider): Promise<AuthenticatedUser> {
    const kid = keyIdOf(token);
    const key = await this.findKey(kid, provider.jwks);
    if (!(await isSignedBy(token, key, provider.algorithm))) throw couldNotDecode(kid);
    checkTimes(claims);
    const { subject, times } = claims;
    if (subject === null || times.exp === null) {
      throw refusal(
        "Could not verify token claim. Check that the JWT contains valid claims and matches your auth provider configuration.",
      );
    }
    const identity = identityFromCustomJwt(claims, subject);
    return { identity, isAdmin: false, expiresAt: times.exp * 1000 };
  }

  /** `null` where there is none, also after another look: the provider may have taken a new one since. */
  private async findKey(kid: string | null, url: string): Promise<Jwk | null> {
    const find = async (isStale: boolean): Promise<Jwk | null> =>
      (await this.keys.get(url, isStale)).find((key) => key["kid"] === kid) ?? null;
    try {
      return (await find(false)) ?? (kid === null ? null : await find(true));
    } catch (error) {
      throw error instanceof JwksError ? refusal(error.message) : error;
    }
  }
}

function keyIdOf(token: string): string | null {
  try {
    const { kid, alg } = decodeProtectedHeader(token);
    return typeof kid === "string" && KNOWN_ALGORITHM.test(alg ?? "") ? kid : null;
  } catch {
    return null;
  }
}

/** The first key of the id counts, whatever it says that it is for. (`decode_with_jwks` in `src/jws/compact.rs` of `biscuit`.) */
async function isSignedBy(token: string, key: Jwk | null, algorithm: string): Promise<boolean> {
  if (key === null || (key["alg"] ?? algorithm) !== algorithm) return false;
  const { kty, crv, x, y, n, e } = key;
  const publicKey = kty === "EC" ? { kty, crv, x, y } : { kty, n, e };
  try {
    await compactVerify(token, publicKey as { kty: string }, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}

/** (`validate` in `src/lib.rs` of `biscuit`.) */
function checkTimes({ times: { exp, nbf, iat } }: TokenClaims): void {
  const now = Math.floor(clock.now() / 1000);
  if (exp !== null && now - exp > TOLERANCE_S) throw invalid(`Token expired ${now - exp} seconds ago`);
  for (const from of [nbf, iat]) {
    if (from !== null && from - now > TOLERANCE_S)
      throw invalid(`Token will be valid in ${from - now} seconds`);
  }
}

const refusal = (message: string): AuthenticationError =>
  new AuthenticationError("InvalidAuthHeader", message);
const invalid = (reason: string): AuthenticationError => refusal(`Could not validate token: ${reason}`);
const couldNotDecode = (kid: string | null): AuthenticationError =>
  refusal(
    kid === null
      ? "Could not decode token. JWT may be missing a 'kid' (key ID) header."
      : `Could not decode token. The JWT's 'kid' (key ID) header is '${kid}', does this key match any key in the ` +
          "provider's JWKS?",
  );
