import type { Identity } from "../functions/types.ts";

/** Who calls. An administrator may call everything, as nobody or as somebody that the call names. */
export type Caller = { identity: Identity | null; isAdmin: boolean };

/** A caller whose token was found good, until then. */
export type Authenticated = Caller & {
  /** Milliseconds since the epoch. */
  expiresAt: number;
};

/** A user, unlike an administrator, is somebody. */
export type AuthenticatedUser = Authenticated & { identity: Identity };

export const NOBODY: Caller = { identity: null, isAdmin: false };

export interface Authenticator {
  /** Throws an `AuthenticationError` for a token that is no good, an `IssuerUnavailableError` where that can't be found out now. */
  authenticate(token: string): Promise<AuthenticatedUser>;
  /** `actingAs`: as whom, or `null`. Throws an `AuthenticationError` for a key that is not this deployment's. */
  authenticateAdmin(key: string, actingAs: Identity | null): Authenticated;
}

/** `code` and message are Convex's own. */
export class AuthenticationError extends Error {
  override name = "AuthenticationError";
  /** `status`: of the response over HTTP. */
  constructor(
    readonly code: string,
    message: string,
    readonly status: 400 | 401 | 403 | 404 = 401,
  ) {
    super(message);
  }
}

/** Whether a token is good can't be found out now, since its issuer can't be asked. Its client should try again later. */
export class IssuerUnavailableError extends Error {
  override name = "IssuerUnavailableError";
  readonly code = "AuthProviderDiscoveryFailed";
  /** `status`: of the response over HTTP. */
  constructor(
    message: string,
    readonly status: 421 | 425 | 429 | 503 = 503,
  ) {
    super(message);
  }
}

/** Convex's words for a token that was good when it came and has expired since. */
export const TOKEN_EXPIRED = new AuthenticationError("TokenExpired", "Convex token identity expired");
