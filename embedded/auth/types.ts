import type { JSONValue } from "convex/values";
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
  /** Throws an `AuthenticationError` for a token that is no good, another error where that cannot be found out now. */
  authenticate(token: string): Promise<AuthenticatedUser>;
  /** `actingAs`: as whom, or `null`. Throws an `AuthenticationError` for a key that is not this deployment's. */
  authenticateAdmin(key: string, actingAs: JSONValue): Authenticated;
}

/** `code` and message are Convex's own. */
export class AuthenticationError extends Error {
  override name = "AuthenticationError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Convex's words for a token that was good when it came and has expired since. */
export const TOKEN_EXPIRED = new AuthenticationError("TokenExpired", "Convex token identity expired");
